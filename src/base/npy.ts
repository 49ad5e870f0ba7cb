/** NumPy's file format for one array (numpy.lib.format, versions 1 to 3), as bytes. */
import { fail } from './check';
import { type NdArray, size } from './ndarray';

interface Header {
  readonly littleEndian: boolean;
  readonly type: keyof typeof readers;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly start: number;
}

type Read = (view: DataView, at: number, littleEndian: boolean) => number;

/** A double with the value of a 64-bit integer, NaN where there is none. */
const wide = (v: bigint) => (BigInt(Number(v)) === v && Number.isSafeInteger(Number(v)) ? Number(v) : NaN);

function half(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** By NumPy's name of the type: how one value is read. The number in the name is its length in bytes. */
const readers = {
  b1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => wide(view.getBigInt64(at, little)),
  u8: (view, at, little) => wide(view.getBigUint64(at, little)),
  f2: (view, at, little) => half(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
} as const satisfies Record<string, Read>;

const names = Object.keys(readers).join(', ');
const magic = '\x93NUMPY';

function headerOf(where: string, bytes: Buffer): Header {
  if (bytes.toString('latin1', 0, 6) !== magic) fail(where, 'is no .npy file: it does not begin with \\x93NUMPY');
  const version = bytes[6];
  if (version < 1 || version > 3) fail(where, `has version ${version} of the format, but 1 to 3 are known`);
  const first = version === 1 ? 10 : 12;
  if (bytes.length < first) fail(where, 'ends within its header');
  const start = first + (version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  if (bytes.length < start) fail(where, 'ends within its header');
  const text = bytes.toString(version === 3 ? 'utf8' : 'latin1', first, start).trim();
  const [, order, type] = /'descr':\s*'([<>|=]?)(\w+)'/.exec(text) ?? [];
  const [, fortran] = /'fortran_order':\s*(True|False)/.exec(text) ?? [];
  const [, lengths] = /'shape':\s*\(([\d\sL,]*)\)/.exec(text) ?? [];
  if (type === undefined || !Object.hasOwn(readers, type))
    fail(
      where,
      `holds values of the type ${/'descr':\s*(\[.*?\]|'.*?')/.exec(text)?.[1] ?? text}, but can be ${names}`,
    );
  if (fortran === undefined || lengths === undefined) fail(where, `has a header that cannot be read: ${text}`);
  const shape = lengths.split(',').flatMap(length => (length.trim() ? [parseInt(length, 10)] : []));
  return {
    littleEndian: order !== '>',
    type: type as Header['type'],
    fortranOrder: fortran === 'True',
    shape,
    start,
  };
}

/** The array in the bytes of a .npy file; `where` names it in errors. */
export function decodeNpy(where: string, bytes: Buffer): NdArray {
  const { littleEndian, type, fortranOrder, shape, start } = headerOf(where, bytes);
  const [count, width] = [size(shape), Number(type.slice(1))];
  const held = bytes.length - start;
  if (held !== count * width)
    fail(where, `holds ${held} bytes of values, but ${type} [${shape.join(', ')}] takes ${count * width}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, held);
  const read: Read = readers[type];
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, i * width, littleEndian);
  if (/[iu]8/.test(type) && values.some(Number.isNaN))
    fail(where, 'holds whole numbers beyond 2^53, which no double has');
  return { shape, values: narrowed(type, fortranOrder ? rowMajor(values, shape) : values) };
}

/** Values whose first axis runs fastest, put in the order in which the last one does. */
function rowMajor(values: Float64Array, shape: readonly number[]): Float64Array {
  const strides = shape.map((_, axis) => size(shape.slice(0, axis)));
  return values.map((_, i) => {
    let [left, at] = [i, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (left % shape[axis]) * strides[axis];
      left = Math.floor(left / shape[axis]);
    }
    return values[at];
  });
}

/** The smallest of the three types of host arrays that holds every value of a NumPy type exactly. */
function narrowed(type: Header['type'], values: Float64Array): NdArray['values'] {
  if (type === 'f8') return values;
  if (type === 'f4' || type === 'f2') return Float32Array.from(values);
  return values.every(v => (v | 0) === v) ? Int32Array.from(values) : values;
}

/** The bytes of a .npy file: little-endian, the last axis fastest. */
export function encodeNpy({ shape, values }: NdArray): Buffer {
  const type = values instanceof Float64Array ? 'f8' : values instanceof Float32Array ? 'f4' : 'i4';
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '<${type}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // The values begin at a multiple of 64 bytes, and a line break stands before them.
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  const start = Buffer.concat([Buffer.from(`${magic}\x01\x00`, 'latin1'), length, Buffer.from(header, 'latin1')]);
  return Buffer.concat([start, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
}

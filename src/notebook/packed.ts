/**
 * Arrays of numbers as plotly.js (since 2.35) and plotly.py store them: `{ dtype, bdata, shape }`, where bdata is the
 * base64 of the little-endian values. A list in a notebook's file takes a line for each number; this takes four lines.
 */
import { isObject } from '../base/check';
import { nested, size } from '../base/ndarray';

export interface PackedArray {
  readonly dtype: keyof typeof arrays;
  readonly bdata: string;
  /** As plotly.js wants it: '3, 4'. Absent for one axis. */
  readonly shape?: string;
}

// The smaller types come first, and whole numbers before fractions.
const arrays = {
  i1: Int8Array,
  u1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
  f4: Float32Array,
  f8: Float64Array,
};

/** Packs values in the smallest type that holds every one of them exactly, NaN, infinities and -0 among them. */
export function pack(values: ArrayLike<number>, shape: readonly number[] = [values.length]): PackedArray {
  const [dtype, typed] = Object.entries(arrays)
    .map(([name, TypedArray]) => [name as keyof typeof arrays, TypedArray.from(values)] as const)
    .find(([, typed]) => typed.every((v, i) => Object.is(v, values[i])))!;
  const bdata = Buffer.from(typed.buffer).toString('base64');
  return shape.length > 1 ? { dtype, bdata, shape: shape.join(', ') } : { dtype, bdata };
}

/** Fewer numbers than this stay a list, which is easier to read and not longer. */
const short = 8;

/** How far from a number of an array the displayed one may be. */
export type Tolerance = (value: number) => number;

/**
 * A trace of Plotly as it is displayed: longer arrays of numbers, of up to three axes, packed in single precision; all
 * other numbers to 6 digits (whole ones stay) and null where they are not finite. An array with a number that single
 * precision does not have, too small, too large or whole, is packed with 6 digits in double precision. An array stays
 * exact when that would move a number by more than `tolerance` allows for its key, or by 5e-6 of what its column spans.
 */
export const compact = (trace: any, tolerance: (key: string) => Tolerance | undefined = () => undefined): any =>
  isObject(trace) && !ArrayBuffer.isView(trace)
    ? Object.fromEntries(
        Object.entries(trace)
          .filter(([, v]) => v !== undefined)
          .map(([key, v]) => [key, displayed(v, true, tolerance(key))]),
      )
    : displayed(trace, true);

/** What is no data, with 12 digits and without packed arrays. */
export const rounded = (value: any): any => displayed(value, false);

function displayed(value: any, isData: boolean, tolerance?: Tolerance): any {
  if (typeof value === 'number') return Number.isFinite(value) ? shortened(value, isData ? 6 : 12) : null;
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) {
    const list = Array.from(value);
    const shape = shapeOf(list);
    if (!isData || !shape || shape.length > 3) return list.map(v => displayed(v, isData));
    const exact = leaves(list).map(v => (Number.isFinite(v) ? (v as number) : NaN));
    const isLong = exact.length >= short;
    const near = isLong && exact.every(isSingle) ? exact.map(Math.fround) : exact.map(v => shortened(v, 6));
    const allowed = tolerance ?? ofColumns(exact, shape.length > 1 ? shape[shape.length - 1] : 1);
    const values = near.every((v, i) => !(Math.abs(v - exact[i]) > allowed(exact[i], i))) ? near : exact;
    return isLong ? pack(values, shape) : withNull(nested(values, shape));
  }
  // A date is a text in JSON.
  if (typeof value.toJSON === 'function') return value.toJSON();
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .map(([key, v]) => [key, displayed(v, isData)]),
  );
}

const withNull = (value: any): any =>
  isList(value) ? Array.from(value, withNull) : Number.isNaN(value) ? null : value;

const shortened = (v: number, digits: number) => (Number.isSafeInteger(v) ? v : Number(v.toPrecision(digits)));

/**
 * 5e-6 of what the numbers of a column span, where the rows of an array are `count` columns; any of a column of one.
 */
function ofColumns(values: readonly number[], count: number): (value: number, index: number) => number {
  const spans = Array.from({ length: count }, (_, column) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = column; i < values.length; i += count) {
      if (values[i] < low) low = values[i];
      if (values[i] > high) high = values[i];
    }
    return low < high ? 5e-6 * (high - low) : Infinity;
  });
  return (_, i) => spans[i % count];
}

/** Whether single precision has a number next to this one, and this one itself if it is whole. */
function isSingle(v: number): boolean {
  const single = Math.fround(v);
  if (Number.isNaN(v) || single === v) return true;
  return !Number.isSafeInteger(v) && Math.abs(single) >= 2 ** -126 && Number.isFinite(single);
}

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || ArrayBuffer.isView(value);

/** What lists of lists hold, in order; typed arrays count as lists. */
const leaves = (list: readonly unknown[]): unknown[] => list.flatMap(v => (isList(v) ? leaves(Array.from(v)) : [v]));

/** The lengths of lists of equal length that hold numbers, or null where a value is missing; else undefined. */
function shapeOf(list: ArrayLike<unknown>): number[] | undefined {
  const items = Array.from(list);
  if (items.every(v => typeof v === 'number' || v === null)) return [items.length];
  if (!items.every(isList)) return undefined;
  const shapes = items.map(shapeOf);
  return shapes[0] && shapes.every(s => s?.join() === shapes[0]!.join()) ? [items.length, ...shapes[0]] : undefined;
}

/** A copy of JSON in which packed arrays are (nested) lists of numbers again. One that is damaged stays as it is. */
export function unpackAll(tree: unknown): any {
  if (Array.isArray(tree)) return tree.map(unpackAll);
  if (typeof tree !== 'object' || tree === null) return tree;
  return unpacked(tree) ?? Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, unpackAll(value)]));
}

function unpacked({ dtype, bdata, shape }: Partial<PackedArray>): unknown {
  if (typeof bdata !== 'string' || dtype === undefined || !Object.hasOwn(arrays, dtype)) return undefined;
  const bytes = Uint8Array.from(Buffer.from(bdata, 'base64'));
  const count = bytes.length / arrays[dtype].BYTES_PER_ELEMENT;
  const axes = shape === undefined ? [count] : String(shape).split(',').map(Number);
  if (!Number.isInteger(count) || size(axes) !== count) return undefined;
  return nested(new arrays[dtype](bytes.buffer), axes);
}

/** Arrays in NumPy's files. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail } from './check';
import { isNdArray, type NdArray } from './ndarray';
import { decodeNpy, encodeNpy } from './npy';

/** A member of an archive, as adm-zip has it. */
interface Member {
  readonly entryName: string;
  getData(): Buffer;
}

interface Archive {
  getEntries(): Member[];
  addFile(name: string, bytes: Buffer): void;
  toBuffer(): Buffer;
}

const archive = (bytes?: Buffer): Archive => new (require('adm-zip') as new (bytes?: Buffer) => Archive)(bytes);

/**
 * The array of a .npy file of NumPy, in either order of axes and of bytes; `path` is relative to this notebook. Values
 * of float64 give doubles, of float32 and float16 a Float32Array, of booleans and whole numbers an Int32Array, or
 * doubles where one is beyond 32 bits. Nothing is rounded.
 * Errors: no such file; a file that is damaged, cut, or not of this format; values of another type (complex, texts,
 * objects); a whole number beyond 2^53.
 *
 * @example
 * writeNpy('weights.npy', ndarray([1, 2, 3, 4], [2, 2]));
 * readNpy('weights.npy') // -> [[1, 2], [3, 4]]
 */
export const readNpy = (path: string): NdArray => decodeNpy(`readNpy: ${path}`, read('readNpy', path));

/**
 * Writes an array as a .npy file, which NumPy's `load` reads: float64, float32 or int32, as the array's own type. A
 * file of that name is replaced. Of a tensor write `fromTensor(tensor)`. Errors: no array; a path that cannot be
 * written.
 *
 * @example
 * writeNpy('start.npy', ndarray(Float32Array.of(0.5, 1)));
 * readNpy('start.npy').values.constructor.name // -> 'Float32Array'
 */
export function writeNpy(path: string, array: NdArray): void {
  write('writeNpy', path, encodeNpy(checked('writeNpy', path, array)));
}

/**
 * The arrays of a .npz archive by name, as `readNpy` gives each; compressed or not. Errors: those of `readNpy`, an
 * archive that is damaged, and a member that is no array.
 *
 * @example
 * writeNpz('data.npz', { x: ndarray([1, 2]), y: ndarray([0.5]) });
 * Object.keys(readNpz('data.npz')) // -> ['x', 'y']
 */
export function readNpz(path: string): Record<string, NdArray> {
  const where = `readNpz: ${path}`;
  const bytes = read('readNpz', path);
  const members = refusing(where, () => archive(bytes).getEntries());
  return Object.fromEntries(
    members.map(member => {
      const content = refusing(where, () => member.getData());
      return [member.entryName.replace(/\.npy$/, ''), decodeNpy(`${where}: ${member.entryName}`, content)];
    }),
  );
}

/**
 * Writes arrays by name as a .npz archive, which NumPy's `load` reads. Errors: those of `writeNpy`, and no arrays.
 *
 * @example
 * writeNpz('both.npz', { x: ndarray([1, 2]), seed: ndarray([7], []) });
 * readNpz('both.npz').seed // -> 7
 */
export function writeNpz(path: string, arrays: { readonly [name: string]: NdArray }): void {
  const named = Object.entries(arrays);
  if (named.length === 0) fail('writeNpz', `no arrays for ${path}`);
  const zip = archive();
  for (const [name, array] of named) zip.addFile(`${name}.npy`, encodeNpy(checked('writeNpz', name, array)));
  write('writeNpz', path, zip.toBuffer());
}

function checked(where: string, name: string, array: NdArray): NdArray {
  if (!isNdArray(array)) fail(where, `${name}: got no host array; of a tensor write fromTensor(tensor)`);
  return array;
}

function read(where: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    return fail(where, `cannot read ${path.resolve(file)}: ${(error as Error).message}`);
  }
}

function write(where: string, file: string, bytes: Buffer): void {
  try {
    writeFileSync(file, bytes);
  } catch (error) {
    fail(where, `cannot write ${path.resolve(file)}: ${(error as Error).message}`);
  }
}

function refusing<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    return fail(where, `cannot be read as an archive: ${(error as Error).message}`);
  }
}

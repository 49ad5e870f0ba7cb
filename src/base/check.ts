/** The error vocabulary: errors read `where: what is wrong, with both values` and come before any work is done. */
import { types } from 'node:util';

/** An error that the caller can correct; its message starts with the function that was called. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export function fail(where: string, what: string): never {
  throw new UsageError(`${where}: ${what}`);
}

/** Whether a value is an object that is no list. */
export const isObject = (value: unknown): value is Record<string, any> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a value is, in a word: its type, or the class of an object. */
export const kindOf = (value: unknown): string =>
  value === null ? 'null' : typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value;

/** The same value. What a promise rejects with later is heard, as it would end the process otherwise. */
export function heard<T>(value: T): T {
  if (types.isPromise(value)) value.catch(() => undefined);
  return value;
}

/** What the function `by` returned; refuses the promise of an async one. */
export function atOnce<T>(where: string, by: string, what: string, returned: T): T {
  if (types.isPromise(heard(returned))) fail(where, `${by} returned a promise but must return ${what} at once`);
  return returned;
}

/** Checks that `value` is a whole number of at least `min`. */
export function wholeNumber(where: string, name: string, value: unknown, min = 1): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min)
    fail(where, `${name} is ${String(value)} but must be a whole number >= ${min}`);
  if (value > Number.MAX_SAFE_INTEGER)
    fail(where, `${name} is ${value} but must be below 2^53, because doubles above skip whole numbers`);
  return value;
}

/** Checks that `value` is a finite number above zero. */
export function positive(where: string, name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0)
    fail(where, `${name} is ${String(value)} but must be a finite number > 0`);
  return value;
}

export function oneOf(where: string, name: string, value: unknown, allowed: readonly unknown[]): void {
  const listed = () => allowed.map(a => JSON.stringify(a)).join(', ');
  if (!allowed.includes(value)) fail(where, `${name} is ${JSON.stringify(value)} but must be one of ${listed()}`);
}

/** The length of each axis. */
export type Shape = readonly number[];

export const isSameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis]);

export function sameShape(where: string, a: string, shapeA: Shape, b: string, shapeB: Shape): void {
  if (!isSameShape(shapeA, shapeB)) fail(where, `${a} is [${shapeA}] but ${b} is [${shapeB}]; shapes must match`);
}

/** Checks that a shape is that of a matrix; gives its rows and columns. */
export function matrixShape(where: string, name: string, shape: Shape): [rows: number, columns: number] {
  if (shape.length !== 2) fail(where, `${name} is [${shape}] but must be a matrix`);
  return [shape[0], shape[1]];
}

/** Checks that a shape is that of a square matrix; gives its rows. */
export function squareShape(where: string, name: string, shape: Shape): number {
  const [rows, columns] = matrixShape(where, name, shape);
  if (rows !== columns) fail(where, `${name} is [${shape}] but must be square`);
  return rows;
}

/** How many letters have to be inserted, removed or changed to turn one word into the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + (b[j] === a[i - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}

/** Checks that an options object has known options only; the message names the nearest one. */
export function knownOptions(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    fail(where, `options are ${options === null ? 'null' : typeof options} but must be an object`);
  const unknown = Object.keys(options).find(name => !known.includes(name));
  if (unknown === undefined) return;
  const distance = (name: string) => editDistance(unknown.toLowerCase(), name.toLowerCase());
  const [nearest] = [...known].sort((a, b) => distance(a) - distance(b));
  const isClose = distance(nearest) <= Math.min(2, unknown.length - 1);
  fail(where, `${unknown} is no option; ${isClose ? `did you mean ${nearest}?` : `there is ${known.join(', ')}`}`);
}

/** Checks the interval of integer draws; gives how many integers it holds. */
export function integerRange(where: string, low: unknown, high: unknown): number {
  for (const [name, value] of Object.entries({ low, high }))
    if (typeof value !== 'number' || !Number.isInteger(value))
      fail(where, `${name} is ${String(value)} but must be a whole number`);
  const [least, end] = [low as number, high as number];
  if (!(least < end && least >= -(2 ** 31) && end <= 2 ** 31))
    fail(where, `low is ${least} and high is ${end}; int32 needs -2^31 <= low < high <= 2^31`);
  return end - least;
}

/** Seeded random arrays: the same numbers on every machine (generator.ts says how). */
import { fail, integerRange, knownOptions, type Shape, wholeNumber } from './check';
import { integerOf, normalQuantile, threefry2x32, uniformOf } from './generator';
import { type NdArray, sizeOf } from './ndarray';
import { streamOf } from './streams';

/** What a draw is a function of. Host draws have step 0; the k-th step of a training loop has step k = 1, 2, ... */
export interface DrawKey {
  /** A whole number below 2^32. */
  seed: number;
  /** The name of a sequence of numbers: draws of two names are independent. */
  stream: string;
  /** The number of the step. Default 0, which no step of a run has, but what is recorded before its first one. */
  step?: number;
}

const twoTo32 = 2 ** 32;

/** Calls `take(index, words)` with the generator's words for each number of a draw. */
function draw(
  where: string,
  size: number,
  { seed, stream, step = 0 }: DrawKey,
  take: (index: number, words: Uint32Array) => void,
): void {
  for (const [name, value] of Object.entries({ seed, step }))
    if (wholeNumber(where, name, value, 0) >= twoTo32) fail(where, `${name} is ${value} but must be below 2^32`);
  const word = streamOf(where, stream);
  const words = new Uint32Array(2);
  for (let index = 0; index < size; index++) {
    threefry2x32(seed, word, step, index, words);
    take(index, words);
  }
}

function floats(where: string, shape: Shape, key: DrawKey, map: (u: number) => number): NdArray<Float64Array> {
  const values = new Float64Array(sizeOf(where, shape));
  draw(where, values.length, key, (index, words) => {
    values[index] = map(uniformOf(words));
  });
  return { shape: [...shape], values };
}

/**
 * Independent standard normals of this shape, as doubles, the same on every machine. One stream is one sequence: a
 * larger draw begins with the smaller one (so widths couple), and a uniform draw of the same stream is the same
 * sequence before the inverse distribution function. Errors: a seed or step that is not a whole number below 2^32, a
 * stream without a name.
 *
 * @example
 * random.normal([3], { seed: 0, stream: 'W' }) // -> [1.1970, -0.4354, -1.8149]
 */
export function normal(shape: readonly number[], key: DrawKey): NdArray<Float64Array> {
  knownOptions('random.normal', key, ['seed', 'stream', 'step']);
  return floats('random.normal', shape, key, normalQuantile);
}

/** The next double above or below x. */
function neighbour(x: number, up: boolean): number {
  if (x === 0) return up ? Number.MIN_VALUE : -Number.MIN_VALUE;
  const value = Float64Array.of(x);
  const bits = new BigInt64Array(value.buffer);
  bits[0] += up === x > 0 ? 1n : -1n;
  return value[0];
}

/**
 * Independent uniforms on the open interval (low, high), by default (0, 1), as doubles: low + (high - low) u. Errors:
 * as `random.normal`; ends that are not finite, or out of order.
 *
 * @example
 * random.uniform([2], { seed: 0, stream: 'y', low: -1, high: 1 }) // -> [0.6909, -0.7845]
 */
export function uniform(
  shape: readonly number[],
  key: DrawKey & {
    /** The lower end, which is never drawn. Default 0. */
    low?: number;
    /** The upper end, which is never drawn. Default 1. */
    high?: number;
  },
): NdArray<Float64Array> {
  const where = 'random.uniform';
  knownOptions(where, key, ['seed', 'stream', 'step', 'low', 'high']);
  const { low = 0, high = 1 } = key;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
    fail(where, `low is ${low} and high is ${high}; both must be finite with low < high`);
  const width = high - low;
  const [least, most] = [neighbour(low, true), neighbour(high, false)];
  if (least > most) fail(where, `low is ${low} and high is ${high}; no double lies between`);
  const between = Number.isFinite(width) ? (u: number) => low + width * u : (u: number) => low * (1 - u) + high * u;
  return floats(where, shape, key, u => Math.max(least, Math.min(most, between(u))));
}

/**
 * Independent integers, each of low, low + 1, ..., high - 1 equally likely (to within 2^-64), by default from low = 0;
 * int32. Errors: as `random.normal`; ends that are not whole numbers, out of order or beyond int32.
 *
 * @example
 * random.integers([4], { seed: 0, stream: 'batch', high: 10 }) // -> [6, 1, 6, 1]
 */
export function integers(
  shape: readonly number[],
  key: DrawKey & {
    /** The least integer. Default 0. */
    low?: number;
    /** One more than the greatest. */
    high: number;
  },
): NdArray<Int32Array> {
  const where = 'random.integers';
  knownOptions(where, key, ['seed', 'stream', 'step', 'low', 'high']);
  const { low = 0, high } = key;
  const range = integerRange(where, low, high);
  const values = new Int32Array(sizeOf(where, shape));
  draw(where, values.length, key, (index, words) => {
    values[index] = low + integerOf(words, range);
  });
  return { shape: [...shape], values };
}

/**
 * 0, 1, ..., n - 1 in a random order, each order equally likely (to within n^2 2^-65 in all); int32. Errors: as
 * `random.normal`.
 *
 * @example
 * random.permutation(4, { seed: 0, stream: 'order' }) // -> [3, 0, 1, 2]
 */
export function permutation(n: number, key: DrawKey): NdArray<Int32Array> {
  const where = 'random.permutation';
  knownOptions(where, key, ['seed', 'stream', 'step']);
  const values = Int32Array.from({ length: sizeOf(where, [n]) }, (_, i) => i);
  const chosen = new Int32Array(n);
  draw(where, n, key, (index, words) => {
    chosen[index] = integerOf(words, index + 1);
  });
  for (let i = n - 1; i > 0; i--) [values[i], values[chosen[i]]] = [values[chosen[i]], values[i]];
  return { shape: [n], values };
}

/**
 * `count` seeds from `first` on: first, first + 1, ... Errors: numbers that are not whole.
 *
 * @example
 * seeds(3, 10) // -> [10, 11, 12]
 */
export function seeds(count: number, first = 0): number[] {
  wholeNumber('seeds', 'count', count);
  wholeNumber('seeds', 'first', first, 0);
  return Array.from({ length: count }, (_, i) => first + i);
}

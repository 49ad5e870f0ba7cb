/** Seeded random arrays: the same numbers on every machine (generator.ts says how). */
import { fail, knownOptions, wholeNumber } from './check';
import { integerOf, normalQuantile, threefry2x32, uniformOf } from './generator';
import { type NdArray, sizeOf } from './ndarray';
import { streamOf } from './streams';

/** What a draw is a function of: host draws have step 0; the k-th step of a training loop draws with step k = 1, 2, ... */
export interface DrawKey {
  seed: number;
  stream: string;
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

function floats(
  where: string,
  shape: readonly number[],
  key: DrawKey,
  map: (u: number) => number,
): NdArray<Float64Array> {
  const values = new Float64Array(sizeOf(where, shape));
  draw(where, values.length, key, (index, words) => {
    values[index] = map(uniformOf(words));
  });
  return { shape: [...shape], values };
}

/**
 * Independent standard normals, as doubles. One stream is one sequence: a larger draw begins with the smaller one
 * (widths couple), and a uniform draw of the same stream is the same sequence before the inverse distribution function.
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

/** Independent uniforms on the open interval (low, high), by default (0, 1), as doubles: low + (high - low) u. */
export function uniform(
  shape: readonly number[],
  key: DrawKey & { low?: number; high?: number },
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

/** Independent integers, each of low, low + 1, ..., high - 1 equally likely (to within 2^-64), by default from low = 0; int32. */
export function integers(shape: readonly number[], key: DrawKey & { low?: number; high: number }): NdArray<Int32Array> {
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

/** 0, 1, ..., n - 1 in a random order, each order equally likely (to within n^2 2^-65 in all); int32. */
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

/** `count` seeds from `first` on: first, first + 1, ... */
export function seeds(count: number, first = 0): number[] {
  wholeNumber('seeds', 'count', count);
  wholeNumber('seeds', 'first', first, 0);
  return Array.from({ length: count }, (_, i) => first + i);
}

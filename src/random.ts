/** Seeded random arrays: the same numbers on every machine (generator.ts says how). */
import { fail, wholeNumber } from './check';
import { normalQuantile, streamWord, threefry2x32, uniformOf } from './generator';
import { type NdArray, sizeOf } from './ndarray';

/** Where a draw lies: host draws have step 0; the k-th step of a training loop draws with step k = 1, 2, ... */
export interface DrawKey {
  seed: number;
  stream: string;
  step?: number;
}

const twoTo32 = 2 ** 32;

function draw(where: string, shape: readonly number[], key: DrawKey, map: (u: number) => number): NdArray<Float64Array> {
  const size = sizeOf(where, shape);
  const { seed, stream, step = 0 } = key;
  for (const [name, value] of Object.entries({ seed, step }))
    if (wholeNumber(where, name, value, 0) >= twoTo32) fail(where, `${name} is ${value} but must be below 2^32`);
  if (typeof stream !== 'string' || stream === '') fail(where, `stream is ${JSON.stringify(stream)} but must be a name`);
  const word = streamWord(stream);
  const words = new Uint32Array(2);
  const values = new Float64Array(size);
  for (let index = 0; index < size; index++) {
    threefry2x32(seed, word, step, index, words);
    values[index] = map(uniformOf(words));
  }
  return { shape: [...shape], values };
}

/**
 * Independent standard normals, as doubles. One stream is one sequence: a larger draw begins with the smaller one
 * (widths couple), and a uniform draw of the same stream is the same sequence before the inverse distribution function.
 */
export function normal(shape: readonly number[], key: DrawKey): NdArray<Float64Array> {
  return draw('random.normal', shape, key, normalQuantile);
}

/** Independent uniforms on (low, high), by default (0, 1), as doubles: low + (high - low) u. */
export function uniform(shape: readonly number[], key: DrawKey & { low?: number; high?: number }): NdArray<Float64Array> {
  const { low = 0, high = 1 } = key;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
    fail('random.uniform', `low is ${low} and high is ${high}; both must be finite with low < high`);
  const width = high - low;
  return draw('random.uniform', shape, key, u => low + width * u);
}

/** `count` seeds from `first` on: first, first + 1, ... */
export function seeds(count: number, first = 0): number[] {
  wholeNumber('seeds', 'count', count);
  wholeNumber('seeds', 'first', first, 0);
  return Array.from({ length: count }, (_, i) => first + i);
}

/** Inputs, labels and paired initialisation, as host doubles; every draw is a function of its seed and stream alone. */
import { fail, knownOptions, positive, wholeNumber } from '../base/check';
import { type NdArray, ndarray } from '../base/ndarray';
import * as random from '../base/random';

/** Which inputs to draw. */
interface Inputs {
  /** How many inputs. */
  n: number;
  /** Their dimension. */
  d: number;
  /** The key of the draw. */
  seed: number;
  /** The stream of the draw. Default 'X'. */
  stream?: string;
}

/**
 * X [n, d]: n independent rows x_a ~ N(0, I_d). Errors: sizes that are not whole numbers >= 1.
 *
 * @example
 * gaussian({ n: 2, d: 3, seed: 0 }).shape // -> [2, 3]
 */
export function gaussian(options: Inputs): NdArray {
  knownOptions('gaussian', options, ['n', 'd', 'seed', 'stream']);
  const { n, d, seed, stream = 'X' } = options;
  wholeNumber('gaussian', 'n', n);
  wholeNumber('gaussian', 'd', d);
  return random.normal([n, d], { seed, stream });
}

/**
 * X [n, d]: n independent rows, uniform on the sphere |x_a| = radius; the default sqrt(d) gives coordinates of unit
 * variance. Errors: sizes that are not whole numbers >= 1, a radius that is not positive.
 *
 * @example
 * const [x, y] = sphere({ n: 1, d: 2, seed: 0, radius: 3 }).values;
 * Math.hypot(x, y) // -> 3.000
 */
export function sphere(
  options: Inputs & {
    /** The length of each input. Default sqrt(d). */
    radius?: number;
  },
): NdArray {
  knownOptions('sphere', options, ['n', 'd', 'seed', 'stream', 'radius']);
  const { n, d, seed, stream = 'X', radius = Math.sqrt(d) } = options;
  wholeNumber('sphere', 'n', n);
  wholeNumber('sphere', 'd', d);
  positive('sphere', 'radius', radius);
  const values = Float64Array.from(random.normal([n, d], { seed, stream }).values);
  for (let a = 0; a < n; a++) {
    const row = values.subarray(a * d, (a + 1) * d);
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    row.forEach((x, j) => {
      row[j] = (x / norm) * radius;
    });
  }
  return ndarray(values, [n, d]);
}

/**
 * y [n]: independent fair signs, +scale or -scale. Errors: a size that is not a whole number >= 1, a scale <= 0.
 *
 * @example
 * signs({ n: 4, seed: 0 }) // -> [1, -1, 1, 1]
 */
export function signs(options: {
  /** How many labels. */
  n: number;
  /** The key of the draw. */
  seed: number;
  /** The stream of the draw. Default 'y'. */
  stream?: string;
  /** The size of each label. Default 1. */
  scale?: number;
}): NdArray {
  knownOptions('signs', options, ['n', 'seed', 'stream', 'scale']);
  const { n, seed, stream = 'y', scale = 1 } = options;
  wholeNumber('signs', 'n', n);
  positive('signs', 'scale', scale);
  return ndarray(random.uniform([n], { seed, stream }).values.map(u => (u < 0.5 ? -scale : scale)));
}

/**
 * Paired initialisation of m neurons (m even): W [m, d] with rows N(0, I_d), and c [m] with c_i = +scale in the first
 * half; neuron i + m/2 has the same row and -scale, so every network sum_i c_i sigma(w_i . x) starts as exactly zero.
 * Errors: an odd m, sizes that are not whole numbers >= 1, a scale <= 0.
 *
 * @example
 * paired({ m: 4, d: 2, seed: 0 }).c // -> [1, 1, -1, -1]
 */
export function paired(options: {
  /** How many neurons, an even number. */
  m: number;
  /** The dimension of the inputs. */
  d: number;
  /** The key of the draw. */
  seed: number;
  /** The stream of the draw. Default 'W'. */
  stream?: string;
  /** The size of each outer weight. Default 1. */
  scale?: number;
}): {
  W: NdArray;
  c: NdArray;
} {
  knownOptions('paired', options, ['m', 'd', 'seed', 'stream', 'scale']);
  const { m, d, seed, stream = 'W', scale = 1 } = options;
  wholeNumber('paired', 'd', d);
  positive('paired', 'scale', scale);
  if (wholeNumber('paired', 'm', m, 2) % 2 !== 0) fail('paired', `m is ${m} but must be even: neurons come in pairs`);
  const half = random.normal([m / 2, d], { seed, stream }).values;
  const W = new Float64Array(m * d);
  W.set(half);
  W.set(half, half.length);
  const c = Float64Array.from({ length: m }, (_, i) => (i < m / 2 ? scale : -scale));
  return { W: ndarray(W, [m, d]), c: ndarray(c) };
}

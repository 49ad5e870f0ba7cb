/** Distances between measures, on the host in doubles. */
import { fail, sameShape } from '../base/check';
import type { NdArray } from '../base/ndarray';
import { sum } from './statistics';

/** sum_ij a_i b_j |x_i - y_j| for points x [n, d], y [m, d]. */
function meanDistance(x: NdArray, a: ArrayLike<number>, y: NdArray, b: ArrayLike<number>): number {
  const [n, d] = x.shape;
  const [m] = y.shape;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    let row = 0;
    for (let j = 0; j < m; j++) {
      let squared = 0;
      for (let k = 0; k < d; k++) {
        const difference = x.values[i * d + k] - y.values[j * d + k];
        squared += difference * difference;
      }
      row += b[j] * Math.sqrt(squared);
    }
    sum += a[i] * row;
  }
  return sum;
}

/** The weights of n points: those given, which must sum to 1, or 1/n each. */
function weightsOf(points: string, x: NdArray, weights?: ArrayLike<number>): ArrayLike<number> {
  if (x.shape.length !== 2) fail('energyMmd', `${points} is [${x.shape}] but must be [points, coordinates]`);
  const [n] = x.shape;
  if (!weights) return new Float64Array(n).fill(1 / n);
  sameShape('energyMmd', points, [n], `the weights of ${points}`, [weights.length]);
  const total = sum(weights);
  if (Math.abs(total - 1) > 1e-6) fail('energyMmd', `the weights of ${points} sum to ${total} but must sum to 1`);
  return weights;
}

/**
 * Maximum mean discrepancy to a fixed measure for the kernel -|a - b| (the square root of the energy distance):
 *   energyMmd(y)(x) = sqrt(2 E|X - Y| - E|X - X'| - E|Y - Y'|),
 * X, X' ~ sum_i a_i delta_{x_i} and Y, Y' ~ sum_j b_j delta_{y_j}, all independent; no factor 1/2.
 * Shapes: x [n, d], y [m, d]; weights default to uniform. The term of y alone is computed once.
 */
export function energyMmd(
  y: NdArray,
  yWeights?: ArrayLike<number>,
): (x: NdArray, xWeights?: ArrayLike<number>) => number {
  const b = weightsOf('y', y, yWeights);
  const self = meanDistance(y, b, y, b);
  return (x, xWeights) => {
    const a = weightsOf('x', x, xWeights);
    if (x.shape[1] !== y.shape[1]) fail('energyMmd', `x is [${x.shape}] but y is [${y.shape}]; last axes must match`);
    // Rounding can leave a tiny negative number where the two measures agree.
    return Math.sqrt(Math.max(0, 2 * meanDistance(x, a, y, b) - meanDistance(x, a, x, a) - self));
  };
}

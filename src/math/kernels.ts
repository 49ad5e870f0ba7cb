/** Gram matrices and the kernels of wide random ReLU layers, on the host in double. */
import { fail, knownOptions, matrixShape, positive, squareShape, wholeNumber } from '../base/check';
import { type NdArray, ndarray } from '../base/ndarray';
import * as random from '../base/random';

/** A B' / divisor, [rows of A, rows of B]. */
function scaledProduct(A: NdArray, B: NdArray, divisor: number): NdArray {
  const [n, d] = A.shape;
  const p = B.shape[0];
  const values = new Float64Array(n * p);
  for (let a = 0; a < n; a++)
    for (let b = 0; b < p; b++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += A.values[a * d + j] * B.values[b * d + j];
      values[a * p + b] = sum / divisor;
    }
  return ndarray(values, [n, p]);
}

/**
 * Gram matrix G_ab = x_a . z_b / d of the rows of X [n, d] and Z [p, d] (default Z = X): [n, p].
 * Errors: arrays that are no matrices, last axes that differ.
 *
 * @example
 * gram(ndarray([1, 1, 1, -1], [2, 2])) // -> [[1, 0], [0, 1]]
 */
export function gram(X: NdArray, Z: NdArray = X): NdArray {
  const [, d] = matrixShape('gram', 'X', X.shape);
  if (matrixShape('gram', 'Z', Z.shape)[1] !== d)
    fail('gram', `X is [${X.shape}] but Z is [${Z.shape}]; last axes must match`);
  return scaledProduct(X, Z, d);
}

/**
 * Arc-cosine kernel of a Gram matrix G [n, n] (Cho and Saul 2009): with (u, v) ~ N(0, [[G_aa, G_ab], [G_ab, G_bb]]) and
 * theta the angle, cos theta = G_ab / sqrt(G_aa G_bb),
 *   order 1: E[relu(u) relu(v)]   = sqrt(G_aa G_bb) (sin theta + (pi - theta) cos theta) / (2 pi)
 *   order 0: E[relu'(u) relu'(v)] = (pi - theta) / (2 pi)
 * The tangent kernel of the hidden layer of a wide ReLU network with outputs c_i^2 = 1 is the entrywise product of
 * order 0 with G.
 * Errors: a matrix that is not square, a diagonal entry that is not positive.
 *
 * @example
 * arcCosine(ndarray([1, 0, 0, 1], [2, 2]), 0) // -> [[0.5, 0.25], [0.25, 0.5]]
 */
export function arcCosine(G: NdArray, order: 0 | 1): NdArray {
  const n = squareShape('arcCosine', 'G', G.shape);
  const scale = Float64Array.from({ length: n }, (_, a) =>
    Math.sqrt(positive('arcCosine', `G[${a},${a}]`, G.values[a * n + a])),
  );
  const values = Float64Array.from(G.values, (g, ab) => {
    const [a, b] = [Math.floor(ab / n), ab % n];
    const cosine = a === b ? 1 : Math.max(-1, Math.min(1, g / (scale[a] * scale[b])));
    const theta = Math.acos(cosine);
    if (order === 0) return (Math.PI - theta) / (2 * Math.PI);
    return (scale[a] * scale[b] * (Math.sqrt(1 - cosine * cosine) + (Math.PI - theta) * cosine)) / (2 * Math.PI);
  });
  return ndarray(values, [n, n]);
}

/**
 * Features of fixed random ReLU layers: phi^0 = X [n, d], phi^l = sqrt(2) relu(phi^(l-1) Z_l' / sqrt(width of
 * phi^(l-1))) with Z_l [widths[l-1], width of phi^(l-1)] iid N(0, 1), stream Z1, Z2, ...; gives the last phi, [n, last
 * width] (X itself for no width). sqrt(2) keeps |phi_a|^2 / width at its mean; wide layers have gram(phi^l) = 2
 * arcCosine(gram(phi^(l-1)), 1).
 * Errors: an X that is no matrix, widths that are not whole numbers >= 1.
 *
 * @example
 * const X = sphere({ n: 3, d: 4, seed: 0 });
 * randomFeatures(X, { widths: [64, 32], seed: 0 }).shape // -> [3, 32]
 */
export function randomFeatures(
  X: NdArray,
  options: {
    /** The width of each layer, from the inputs on. */
    widths: readonly number[];
    /** The key of the draws. */
    seed: number;
  },
): NdArray {
  matrixShape('randomFeatures', 'X', X.shape);
  knownOptions('randomFeatures', options, ['widths', 'seed']);
  const { widths, seed } = options;
  return widths.reduce((phi, width, l) => {
    wholeNumber('randomFeatures', `widths[${l}]`, width);
    const Z = random.normal([width, phi.shape[1]], { seed, stream: `Z${l + 1}` });
    const h = scaledProduct(phi, Z, Math.sqrt(phi.shape[1]));
    const values = Float64Array.from(h.values, u => Math.SQRT2 * Math.max(0, u));
    return ndarray(values, h.shape);
  }, X);
}

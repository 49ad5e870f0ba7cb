/**
 * Fokker-Planck equations d_t rho = div(rho grad psi) + beta Laplacian(rho) on a square with walls, by
 * Scharfetter-Gummel finite volumes. A density is the mass p of each cell, [cells, cells]; the first axis is the first
 * coordinate.
 */
import { fail, matrixShape, positive, sameShape, wholeNumber } from '../base/check';
import { type NdArray, ndarray } from '../base/ndarray';
import { padAxis, sliceAxis } from '../autodiff/axes';
import { tf } from '../autodiff/tf';
import { sum } from './statistics';

/** A square [-half, half]^2 of cells x cells equal cells. */
export interface Box {
  /** How many cells lie along each side. */
  readonly cells: number;
  /** Half the length of a side. */
  readonly half: number;
  /** Width of a cell, 2 half / cells. */
  readonly spacing: number;
  /** Centres of the cells along one axis, [cells]. */
  readonly centres: NdArray<Float64Array>;
}

/**
 * The square [-half, half]^2 cut into cells x cells equal cells. Errors: fewer than 2 cells, a half that is not
 * positive.
 *
 * @example
 * box({ cells: 4, half: 1 }).centres // -> [-0.75, -0.25, 0.25, 0.75]
 */
export function box({
  cells,
  half,
}: {
  /** How many cells lie along each side, at least 2. */
  cells: number;
  /** Half the length of a side, > 0. */
  half: number;
}): Box {
  wholeNumber('box', 'cells', cells, 2);
  positive('box', 'half', half);
  const spacing = (2 * half) / cells;
  const centres = ndarray(Float64Array.from({ length: cells }, (_, i) => (i + 0.5) * spacing - half));
  return { cells, half, spacing, centres };
}

/**
 * The values f(a, b) at the centres of the cells, [cells, cells]; the first axis is that of a.
 *
 * @example
 * onBox(box({ cells: 2, half: 1 }), (a, b) => a + 3 * b) // -> [[-2, 1], [-1, 2]]
 */
export function onBox(
  { cells, centres: { values: c } }: Box,
  f: (a: number, b: number) => number,
): NdArray<Float64Array> {
  const values = Float64Array.from({ length: cells * cells }, (_, i) => f(c[Math.floor(i / cells)], c[i % cells]));
  return ndarray(values, [cells, cells]);
}

/**
 * The discrete Gibbs measure p ~ exp(-psi / beta), of mass 1, on the host in doubles; psi of any shape. Errors: a beta
 * that is not positive, a psi without a finite lowest value.
 *
 * @example
 * gibbs(ndarray([0, Math.log(3)]), 1) // -> [0.75, 0.25]
 */
export function gibbs(psi: NdArray, beta: number): NdArray<Float64Array> {
  positive('gibbs', 'beta', beta);
  const levels = Float64Array.from(psi.values);
  const lowest = levels.reduce((min, v) => Math.min(min, v), Infinity);
  if (!Number.isFinite(lowest)) fail('gibbs', `the lowest value of psi is ${lowest} but must be finite`);
  const weights = levels.map(v => Math.exp((lowest - v) / beta));
  const total = sum(weights);
  const masses = weights.map(w => w / total);
  return ndarray(masses, psi.shape);
}

/**
 * The largest rate at which a cell loses mass, max_a sum_b (beta / spacing^2) B((psi_b - psi_a) / beta) over its
 * neighbours b, with B(z) = z / (e^z - 1). An explicit step of dt <= 1 / this keeps the density positive.
 *
 * @example
 * outflow(ndarray(new Float64Array(9), [3, 3]), { beta: 1, spacing: 0.5 }) // -> 16
 */
export function outflow(
  psi: NdArray,
  {
    beta,
    spacing,
  }: {
    /** The temperature. */
    beta: number;
    /** The width of a cell. */
    spacing: number;
  },
): number {
  const [rows, columns] = psi.shape;
  const v = psi.values;
  const rate = (from: number, to: number) => (bernoulli((v[to] - v[from]) / beta) * beta) / spacing ** 2;
  let largest = 0;
  for (let a = 0; a < rows; a++)
    for (let b = 0; b < columns; b++) {
      const i = a * columns + b;
      largest = Math.max(
        largest,
        (a > 0 ? rate(i, i - columns) : 0) +
          (a + 1 < rows ? rate(i, i + columns) : 0) +
          (b > 0 ? rate(i, i - 1) : 0) +
          (b + 1 < columns ? rate(i, i + 1) : 0),
      );
    }
  return largest;
}

/** B(z) = z / (e^z - 1), B(0) = 1. */
export function bernoulli(z: number): number {
  return z === 0 ? 1 : z / Math.expm1(z);
}

/** Coefficients of the quotient in `xCoth`, those of the highest powers of x^2 first. */
const above = [
  6.6871761029556704e-21, 5.92065825445955e-17, 1.313449455396817e-13, 1.1348011025783221e-10, 4.5192796421455035e-8,
  8.812902430672918e-6, 8.307354777190178e-4, 0.034392158898327176, 0.48521713116730913, 1,
];
const below = [
  2.7229273701232025e-23, 7.874576496309403e-19, 3.192137078669881e-15, 4.283751417381586e-12, 2.480781547419293e-9,
  6.894345377249935e-7, 9.404603233140184e-5, 5.9864485092231984e-3, 0.1518837978339762, 1,
];
const polynomial = (x: tf.Tensor, coefficients: readonly number[]) =>
  coefficients.slice(2).reduce((sum, c) => sum.mul(x).add(c), x.mul(coefficients[0]).add(coefficients[1]));

/**
 * x coth x = z / 2 + B(z) with x = z / 2, as a quotient, for every |x| < 1e16. Up to |x| = 18.4 both parts are
 * polynomials in x^2 (minimax fit, error 1e-16 of the value; 7e-16 in doubles). Beyond, that quotient falls below |x|,
 * which is x coth x to 3e-16: the larger of the two is taken.
 */
function xCoth(x: tf.Tensor): { numerator: tf.Tensor; denominator: tf.Tensor } {
  const square = x.square();
  const denominator = polynomial(square, below);
  return { numerator: polynomial(square, above).maximum(x.mul(denominator).abs()), denominator };
}

/**
 * One explicit step of length dt. The mass that passes from a cell a to its neighbour b, at a distance of `spacing` h,
 * is
 *   dt (beta / h^2) (B(z) p_a - B(-z) p_b),  z = (psi_b - psi_a) / beta,  B(z) = z / (e^z - 1),
 * and none passes the walls. So mass is conserved, exp(-psi / beta) does not move (both to rounding), and a positive
 * density stays positive while dt <= 1 / outflow. Error O(dt + h^2).
 * Shapes: p and psi [rows, columns]; beta, spacing, dt are numbers, or scalars of train's data (then their values share
 * a program). In a step of `train`, with dtype 'float64'. Source: Scharfetter and Gummel 1969.
 * Errors: shapes that differ or are no matrices.
 *
 * @example
 * const flat = ndarray([0, 0, 0, 0], [2, 2]);
 * const start = { p: ndarray([1, 0, 0, 0], [2, 2]) };
 * const run = await train(({ p }, { psi }) => ({ p: fokkerPlanck(p, psi, { beta: 1, spacing: 1, dt: 0.1 }) }), start,
 *   { data: { psi: flat }, steps: 100, dtype: 'float64' });
 * run.state.p // -> [[0.25, 0.25], [0.25, 0.25]]
 */
export function fokkerPlanck(
  p: tf.Tensor,
  psi: tf.Tensor,
  { beta, spacing, dt }: Record<'beta' | 'spacing' | 'dt', tf.Tensor | number>,
): tf.Tensor {
  sameShape('fokkerPlanck', 'p', p.shape, 'psi', psi.shape);
  matrixShape('fokkerPlanck', 'p', p.shape);
  const scale = tf.div(0.5, beta);
  // B(z) p_a - B(-z) p_b = x coth x (p_a - p_b) - x (p_a + p_b) with x = z / 2. The division comes last: XLA does not
  // repeat a division, so the flux is computed once, in full vectors, and the two cells beside the face read it.
  const flux = (axis: number) => {
    const faces = p.shape[axis] - 1;
    const [a, b] = [sliceAxis(p, axis, 0, faces), sliceAxis(p, axis, 1, faces)];
    const x = sliceAxis(psi, axis, 1, faces)
      .sub(sliceAxis(psi, axis, 0, faces))
      .mul(scale);
    const { numerator, denominator } = xCoth(x);
    return numerator
      .mul(a.sub(b))
      .sub(x.mul(denominator).mul(a.add(b)))
      .div(denominator);
  };
  const [down, right] = [flux(0), flux(1)];
  const gained = padAxis(down, 0, 1, 0)
    .sub(padAxis(down, 0, 0, 1))
    .add(padAxis(right, 1, 1, 0))
    .sub(padAxis(right, 1, 0, 1));
  return p.add(gained.mul(tf.mul(beta, dt).div(tf.square(spacing))));
}

/**
 * KL(p || q) = sum p log(p / q) for p >= 0, q > 0 of equal mass, as sum q ((1 + e) log(1 + e) - e) with e = p / q - 1:
 * every term is >= 0, so there is no cancellation, and values far below 1e-16 are right. Shapes: p as q; a scalar.
 * Errors: shapes that differ.
 *
 * @example
 * relativeEntropy(tf.tensor([0.5, 0.5]), tf.tensor([0.25, 0.75])) // -> 0.1438
 */
export function relativeEntropy(p: tf.Tensor, q: tf.Tensor): tf.Tensor {
  sameShape('relativeEntropy', 'p', p.shape, 'q', q.shape);
  const ratio = p.div(q);
  const excess = ratio.sub(1);
  const far = excess.abs().greater(0.5);
  const logarithm = tf.where(
    far,
    ratio.add(tf.equal(ratio, 0).cast('float32')).log(),
    tf.log1p(tf.where(far, tf.zerosLike(excess), excess)),
  );
  return q.mul(ratio.mul(logarithm).sub(excess)).sum();
}

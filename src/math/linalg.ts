/**
 * Linear algebra that works inside training steps: each function is a few ops of the native runtime, which a compiled
 * step contains, with a gradient. Leading axes are batches: [..., n, n] solves every matrix with its own b.
 */
import { fail, knownOptions, sameShape, wholeNumber } from '../base/check';
import { again, constant, differentiable, lent, pullback, readBy } from '../autodiff/differentiable';
import { swapLastAxes } from '../autodiff/axes';
import { nativeOp } from '../autodiff/native-op';
import { tf } from '../autodiff/tf';
import { fori } from '../compile/loops/fori';
import type { Tensors } from '../compile/tree';
import { checkMatrix, checkSquare, lowerGradient, outer } from './matrices';

export { det, inverse, slogdet } from './determinants';
export { eigh, eigvalsh, svd } from './spectra';

/** inverse(t) y, or inverse(t^T) y, for a triangular t. */
const triangularSolve = (t: tf.Tensor, y: tf.Tensor, form: { lower: boolean; adjoint: boolean }) =>
  nativeOp('MatrixTriangularSolve', [t, y], form)[0];

/** Applies `solve` to the right-hand side b: [..., n] as one column, or [..., n, k]; a is [..., n, columns]. */
function solveColumns(where: string, a: tf.Tensor, b: tf.Tensor, solve: (b: tf.Tensor) => tf.Tensor): tf.Tensor {
  if (b.dtype !== 'float32') fail(where, `b is ${b.dtype} but must be float32`);
  const rows = a.shape.slice(0, -1);
  const vector = b.rank === a.rank - 1;
  sameShape(where, 'rows of a', rows, 'rows of b', vector ? b.shape : b.shape.slice(0, -1));
  return vector ? solve(b.expandDims(-1)).squeeze([-1]) : solve(b);
}

/**
 * The solution x of a x = b for symmetric positive definite a, by a = L L^T.
 * Shapes: a [..., n, n], of which only the lower triangle is read, the upper one standing for its mirror image,
 * whatever it holds; b [..., n] or [..., n, k]; x as b.
 * Gradient: v = inverse(a) dy for b; for a, of the lower triangle too: -(v x^T + x v^T) below the diagonal, half of
 * that on it, and 0 above. It has gradients of its own, of any order.
 * Not positive definite (to rounding) gives NaN, in every engine.
 * Errors: shapes that do not fit, a type other than float32.
 *
 * @example
 * linalg.choleskySolve(tf.tensor([[4, 2], [2, 2]]), tf.tensor([8, 6])) // -> [1, 2]
 */
export function choleskySolve(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  checkSquare('choleskySolve', 'a', a);
  return tf.tidy(() => solveColumns('choleskySolve', a, b, b => solved(a, b)));
}

function solved(a: tf.Tensor, b: tf.Tensor, factor?: tf.Tensor, known?: tf.Tensor): tf.Tensor {
  return differentiable(
    [a, b],
    ([a, b]) => {
      const l = factor ?? nativeOp('Cholesky', [a])[0];
      const x = known
        ? again(known)
        : triangularSolve(l, triangularSolve(l, b, { lower: true, adjoint: false }), { lower: true, adjoint: true });
      return { value: x, saved: [l, x] };
    },
    (dy, [a, b], [l, saved]) => {
      const [v, x] = [solved(a, dy, l), solved(a, b, l, saved)];
      return [lowerGradient(outer(v, x).add(outer(x, v)).mul(-0.5)), v];
    },
  );
}

/**
 * Least squares: the x of least norm among the minimisers of |a x - b|^2, by QR of a (n >= k) or of a^T (n < k).
 * Shapes: a [..., n, k] of full rank, b [..., n] or [..., n, j]; x [..., k] or [..., k, j].
 * Gradient: with + the pseudo-inverse, v = a^{+T} dy for b and, for a,
 * (b - a x) (a^+ v)^T - v x^T when n >= k, (a^{+T} x) (dy - a^T v)^T - v x^T when n < k.
 * It has gradients of its own, of any order.
 * A rank below min(n, k) gives Inf or NaN.
 * Errors: shapes that do not fit, a type other than float32.
 *
 * @example
 * // the line 1 + 2 t through three points
 * linalg.lstsq(tf.tensor([[1, 0], [1, 1], [1, 2]]), tf.tensor([1, 3, 5])) // -> [1.00, 2.00]
 */
export function lstsq(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  checkMatrix('lstsq', 'a', a);
  const [rows, columns] = a.shape.slice(-2);
  const tall = rows >= columns;
  return tf.tidy(() => solveColumns('lstsq', a, b, b => pseudoInverse(tall ? a : swapLastAxes(a), b, !tall)));
}

/** For a of full column rank, a^+ y or, transposed, a^{+T} y: each is the other's gradient. `factors`: q, r of a. */
function pseudoInverse(
  a: tf.Tensor,
  y: tf.Tensor,
  transposed: boolean,
  factors?: tf.Tensor[],
  known?: tf.Tensor,
): tf.Tensor {
  const inverse = (r: tf.Tensor, y: tf.Tensor, adjoint: boolean) => triangularSolve(r, y, { lower: false, adjoint });
  return differentiable(
    [a, y],
    ([a, y]) => {
      const [q, r] = factors ?? nativeOp('Qr', [a], { full_matrices: false }, 2);
      const compute = () => (transposed ? tf.matMul(q, inverse(r, y, true)) : inverse(r, tf.matMul(q, y, true), false));
      const x = known ? again(known) : compute();
      return { value: x, saved: [q, r, x] };
    },
    (dy, [a, y], [q, r, saved]) => {
      const result = pseudoInverse(a, y, transposed, [q, r], saved);
      const other = pseudoInverse(a, dy, !transposed, [q, r]);
      const [b, x, v] = transposed ? [dy, other, result] : [y, result, other];
      const u = pseudoInverse(a, v, false, [q, r]);
      return [outer(b.sub(tf.matMul(a, x)), u).sub(outer(v, x)), other];
    },
  );
}

/** A linear map, by what it makes of a vector. */
type Operator = (x: tf.Tensor) => tf.Tensor;

/**
 * The solution x of A x = b by `iterations` steps of conjugate gradients from x = `start` (default 0), where `apply(x)`
 * is A x, linear, symmetric and positive definite. b, x and A x have the same shape, read as one vector.
 * Once the residual is exactly 0, further steps change nothing. A compiled step holds them as a loop (`fori`).
 * Error after k steps in the norm of A: <= 2 ((sqrt(c) - 1) / (sqrt(c) + 1))^k times the first, c the condition number.
 * Gradient: that of the exact solution, v = inverse(A) dy for b and -v^T d(A x) for what `apply` reads, v by
 * `iterations` steps too; it has gradients of its own, of any order.
 * Errors: shapes that do not fit, a count that is not a whole number >= 1.
 *
 * @example
 * const A = tf.tensor([[2, 1], [1, 2]]);
 * linalg.cg(x => tf.dot(A, x), tf.tensor([3, 3]), { iterations: 2 }) // -> [1.00, 1.00]
 */
export function cg(
  apply: Operator,
  b: tf.Tensor,
  options: {
    /** How many steps, a whole number >= 1. */
    iterations: number;
    /** Where they start, of the shape of b. Default: 0. */
    start?: tf.Tensor;
  },
): tf.Tensor {
  knownOptions('cg', options, ['iterations', 'start']);
  const { start } = options;
  const iterations = wholeNumber('cg', 'iterations', options.iterations);
  if (start) sameShape('cg', 'start', start.shape, 'b', b.shape);
  const applied = (x: tf.Tensor): tf.Tensor => {
    const y = apply(x);
    sameShape('cg', 'apply(x)', y.shape, 'x', x.shape);
    return y;
  };
  const solve = (b: tf.Tensor, start?: tf.Tensor): tf.Tensor => {
    const x = constant(() => conjugateGradients(applied, b, iterations, start));
    return implicit(applied, b, x, solve);
  };
  return tf.tidy(() => solve(b, start));
}

/** The `known` solution of apply(x) = b as a function of b and of what `apply` reads; `solve` is for other b. */
function implicit(apply: Operator, b: tf.Tensor, known: tf.Tensor, solve: Operator): tf.Tensor {
  const reads = readBy(() => apply(known)).filter(({ id }) => id !== known.id);
  const floats = reads.filter(({ dtype }) => dtype === 'float32');
  const forward = () => ({ value: again(known), saved: [known, ...reads] });
  return differentiable([b, ...floats], forward, (dy, [b], [saved]) =>
    lent(reads, () => {
      const [v, x] = [solve(dy), implicit(apply, b, saved, solve)];
      return [v, ...pullback(() => apply(x), floats, v.neg())];
    }),
  );
}

function conjugateGradients(apply: Operator, b: tf.Tensor, iterations: number, start?: tf.Tensor): tf.Tensor {
  const dot = (u: tf.Tensor, v: tf.Tensor) => u.mul(v).sum();
  const residual = start ? b.sub(apply(start)) : b;
  const step = (_: tf.Scalar, { x, r, p, rr }: Tensors<'x' | 'r' | 'p' | 'rr'>) => {
    const ap = apply(p);
    const alpha = tf.divNoNan(rr, dot(p, ap));
    const next = r.sub(ap.mul(alpha));
    const square = dot(next, next);
    return { x: x.add(p.mul(alpha)), r: next, p: next.add(p.mul(tf.divNoNan(square, rr))), rr: square };
  };
  const first = { x: start ?? tf.zerosLike(b), r: residual, p: residual, rr: dot(residual, residual) };
  return fori(iterations, step, first).x;
}

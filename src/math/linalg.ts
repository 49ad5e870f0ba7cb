/**
 * Linear algebra that works inside training steps: each function is a few ops of the native runtime, which a compiled
 * step contains, with a gradient. Leading axes are batches: [..., n, n] solves every matrix with its own b.
 */
import { fail, knownOptions, sameShape, wholeNumber } from '../base/check';
import { again, constant, differentiable, lent, pullback, readBy } from '../autodiff/differentiable';
import { swapLastAxes } from '../autodiff/axes';
import { nativeOp } from '../autodiff/native-op';
import { tf } from '../autodiff/tf';

/** inverse(t) y, or inverse(t^T) y, for a triangular t. */
const triangularSolve = (t: tf.Tensor, y: tf.Tensor, form: { lower: boolean; adjoint: boolean }) =>
  nativeOp('MatrixTriangularSolve', [t, y], form)[0];

function checkMatrix(where: string, name: string, a: tf.Tensor): void {
  if (a.rank < 2) fail(where, `${name} is [${a.shape}] but must have at least two axes`);
  if (a.dtype !== 'float32') fail(where, `${name} is ${a.dtype} but must be float32`);
}

function checkSquare(where: string, name: string, a: tf.Tensor): void {
  checkMatrix(where, name, a);
  const [rows, columns] = a.shape.slice(-2);
  if (rows !== columns) fail(where, `${name} is [${a.shape}] but its last two axes must be equal`);
}

/** Applies `solve` to the right-hand side b: [..., n] as one column, or [..., n, k]; a is [..., n, columns]. */
function solveColumns(where: string, a: tf.Tensor, b: tf.Tensor, solve: (b: tf.Tensor) => tf.Tensor): tf.Tensor {
  if (b.dtype !== 'float32') fail(where, `b is ${b.dtype} but must be float32`);
  const rows = a.shape.slice(0, -1);
  const vector = b.rank === a.rank - 1;
  sameShape(where, 'rows of a', rows, 'rows of b', vector ? b.shape : b.shape.slice(0, -1));
  return vector ? solve(b.expandDims(-1)).squeeze([-1]) : solve(b);
}

const outer = (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, false, true);

/** The gradient for the lower triangle alone, of a symmetric one for both: twice it below the diagonal, 0 above. */
function lowerGradient(symmetric: tf.Tensor): tf.Tensor {
  const indices = tf.tensor1d([...Array(symmetric.shape[symmetric.rank - 1]).keys()]);
  return symmetric.mul(indices.expandDims(1).sub(indices).sign().add(1));
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

/**
 * The eigenvalues of a symmetric matrix in ascending order. Shapes: a [..., n, n], of which only the lower triangle is
 * read, the upper one standing for its mirror image, whatever it holds; result [..., n].
 * Gradient, of the lower triangle too: with G = V diag(dy) V^T and the eigenvectors V, 2 G below the diagonal, G on it
 * and 0 above; at a repeated eigenvalue only symmetric functions of the eigenvalues have one.
 * It has gradients of its own, of any order, which divide by the gaps between eigenvalues: where two are equal, exactly
 * or to rounding, those are NaN (unless dy is 0 at both, and the gap is not).
 * Errors: a matrix that is not square, a type other than float32.
 *
 * @example
 * linalg.eigvalsh(tf.tensor([[2, 1], [1, 2]])) // -> [1.00, 3.00]
 */
export function eigvalsh(a: tf.Tensor): tf.Tensor {
  checkSquare('eigvalsh', 'a', a);
  return tf.tidy(() => eigenvalues(a));
}

const decomposed = (a: tf.Tensor, vectors: boolean) => nativeOp('SelfAdjointEigV2', [a], { compute_v: vectors }, 2);

/** `pair`: eigenvalues and eigenvectors as they have been computed. */
function eigenvalues(a: tf.Tensor, pair: tf.Tensor[] = []): tf.Tensor {
  const compute = (a: tf.Tensor) => (pair.length ? again(pair[0]) : decomposed(a, false)[0]);
  return differentiable(
    [a],
    ([a]) => ({ value: compute(a), saved: pair }),
    (dy, [a], pair) => {
      const v = eigenvectors(a, pair.length ? pair : decomposed(a, true));
      return [lowerGradient(outer(v.mul(dy.expandDims(-2)), v))];
    },
  );
}

/**
 * Gradient, for both triangles: V P V^T with P the skew part of V^T dy over the gaps between the eigenvalues l,
 * P_ij = (V^T dy - dy^T V)_ij / (2 (l_j - l_i)), 0 where i = j.
 */
function eigenvectors(a: tf.Tensor, pair: tf.Tensor[]): tf.Tensor {
  return differentiable(
    [a],
    () => ({ value: again(pair[1]), saved: pair }),
    (dy, [a], pair) => {
      const [l, v] = [eigenvalues(a, pair), eigenvectors(a, pair)];
      const turned = tf.matMul(v, dy, true);
      const skew = turned.sub(swapLastAxes(turned)).mul(0.5);
      const p = skew.div(gaps(l).add(tf.eye(a.shape[a.rank - 1]))).mul(resolved(l, skew));
      return [lowerGradient(outer(tf.matMul(v, p), v))];
    },
  );
}

/** l_j - l_i at [..., i, j]. */
const gaps = (l: tf.Tensor) => l.expandDims(-2).sub(l.expandDims(-1));

/** 1, and NaN where `weight` is not 0 and the gap is at the rounding of eigenvalues, n ulps of the largest. */
function resolved(l: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  return differentiable(
    [l, weight],
    ([l, weight]) => {
      const largest = l.abs().max(-1, true).expandDims(-1);
      const share = gaps(l)
        .abs()
        .div(l.shape[l.rank - 1]);
      const equal = largest.add(share).equal(largest);
      return { value: tf.where(equal.logicalAnd(weight.notEqual(0)), NaN, tf.onesLike(weight)) };
    },
    (_, [l, weight]) => [tf.zerosLike(l), tf.zerosLike(weight)],
  );
}

type Operator = (x: tf.Tensor) => tf.Tensor;

/**
 * The solution x of A x = b by `iterations` steps of conjugate gradients from x = `start` (default 0), where `apply(x)`
 * is A x, linear, symmetric and positive definite. b, x and A x have the same shape, read as one vector.
 * The steps are unrolled: a compiled step holds each. Once the residual is exactly 0, further ones change nothing.
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
  let x = start ?? tf.zerosLike(b);
  let r = start ? b.sub(apply(start)) : b;
  let p = r;
  let rr = dot(r, r);
  for (let i = 0; i < iterations; i++) {
    const ap = apply(p);
    const alpha = tf.divNoNan(rr, dot(p, ap));
    x = x.add(p.mul(alpha));
    r = r.sub(ap.mul(alpha));
    const next = dot(r, r);
    p = r.add(p.mul(tf.divNoNan(next, rr)));
    rr = next;
  }
  return x;
}

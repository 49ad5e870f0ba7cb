/**
 * Linear algebra that works inside training steps: each function is a few ops of the native runtime, visible to the
 * compiler of steps, with a gradient. Leading axes are batches: [..., n, n] solves every matrix with its own right-hand side.
 */
import { fail, sameShape, wholeNumber } from './check';
import { type NativeBackend, tf } from './tf';

/** Runs one op of the runtime that TensorFlow.js has no name for; `flags` are its boolean attributes. */
function nativeOp(name: string, inputs: tf.Tensor[], outputs = 1, flags: Record<string, boolean> = {}): tf.Tensor[] {
  const backend = tf.backend() as NativeBackend;
  const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_FLOAT } = backend.binding;
  const attributes = Object.entries(flags).map(([flag, value]) => ({ name: flag, type: TF_ATTR_BOOL, value }));
  return backend.executeMultipleOutputs(name, [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }, ...attributes], inputs, outputs);
}

/** inverse(t) y, or inverse(t^T) y, for a triangular t. */
function triangularSolve(t: tf.Tensor, y: tf.Tensor, { lower, adjoint }: { lower: boolean; adjoint: boolean }): tf.Tensor {
  return nativeOp('MatrixTriangularSolve', [t, y], 1, { lower, adjoint })[0];
}

interface Differentiable { value: tf.Tensor; saved: tf.Tensor[] }

/** `forward(inputs)` as one function on the tape, whose gradient with respect to each input is `gradient(dy, saved)`. */
function withGradient(inputs: tf.Tensor[], forward: (inputs: tf.Tensor[]) => Differentiable,
  gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[]): tf.Tensor {
  return tf.customGrad((...args) => {
    const save = args[inputs.length] as (tensors: tf.Tensor[]) => void;
    const { value, saved } = forward(args.slice(0, inputs.length) as tf.Tensor[]);
    save(saved);
    return { value, gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => gradient(dy, kept) };
  })(...inputs);
}

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

/**
 * The solution x of a x = b for symmetric positive definite a, by a = L L^T.
 * Shapes: a [..., n, n] (only its lower triangle is read), b [..., n] or [..., n, k]; x as b.
 * Gradient: v = inverse(a) dy for b and the symmetric -(v x^T + x v^T) / 2 for a.
 * Not positive definite (to rounding) gives NaN, in every engine.
 */
export function choleskySolve(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  checkSquare('choleskySolve', 'a', a);
  const solve = (l: tf.Tensor, y: tf.Tensor) =>
    triangularSolve(l, triangularSolve(l, y, { lower: true, adjoint: false }), { lower: true, adjoint: true });
  const solveBy = (y: tf.Tensor) => withGradient([a, y], ([a, y]) => {
    const [l] = nativeOp('Cholesky', [a]);
    const x = solve(l, y);
    return { value: x, saved: [l, x] };
  }, (dy, [l, x]) => {
    const v = solve(l, dy);
    return [outer(v, x).add(outer(x, v)).mul(-0.5), v];
  });
  return solveColumns('choleskySolve', a, b, solveBy);
}

/**
 * Least squares: the x of least norm among the minimisers of |a x - b|^2, by QR of a (n >= k) or of a^T (n < k).
 * Shapes: a [..., n, k] of full rank, b [..., n] or [..., n, j]; x [..., k] or [..., k, j].
 * Gradient: with + the pseudo-inverse, v = a^{+T} dy for b and, for a,
 * (b - a x) (a^+ v)^T - v x^T when n >= k, (a^{+T} x) (dy - a^T v)^T - v x^T when n < k.
 * A rank below min(n, k) gives Inf or NaN.
 */
export function lstsq(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  checkMatrix('lstsq', 'a', a);
  const [rows, columns] = a.shape.slice(-2);
  const inverse = (r: tf.Tensor, y: tf.Tensor, adjoint: boolean) => triangularSolve(r, y, { lower: false, adjoint });
  const qr = (a: tf.Tensor) => nativeOp('Qr', [a], 2, { full_matrices: false });
  const project = (q: tf.Tensor, y: tf.Tensor) => tf.matMul(q, tf.matMul(q, y, true));
  const tall = (y: tf.Tensor) => withGradient([a, y], ([a, y]) => {
    const [q, r] = qr(a);
    const x = inverse(r, tf.matMul(q, y, true), false);
    return { value: x, saved: [q, r, x, y] };
  }, (dy, [q, r, x, y]) => {
    const s = inverse(r, dy, true);
    const v = tf.matMul(q, s);
    return [outer(y.sub(project(q, y)), inverse(r, s, false)).sub(outer(v, x)), v];
  });
  const wide = (y: tf.Tensor) => withGradient([a, y], ([a, y]) => {
    const [q, r] = qr(swapLastAxes(a));
    const s = inverse(r, y, true);
    const x = tf.matMul(q, s);
    return { value: x, saved: [q, r, x, s] };
  }, (dy, [q, r, x, s]) => {
    const v = inverse(r, tf.matMul(q, dy, true), false);
    return [outer(inverse(r, s, false), dy.sub(project(q, dy))).sub(outer(v, x)), v];
  });
  return solveColumns('lstsq', a, b, rows >= columns ? tall : wide);
}

function swapLastAxes(a: tf.Tensor): tf.Tensor {
  const axes = a.shape.map((_, axis) => axis);
  return a.transpose([...axes.slice(0, -2), a.rank - 1, a.rank - 2]);
}

/**
 * The eigenvalues of a symmetric matrix in ascending order. Shapes: a [..., n, n] (only its lower triangle is read); result [..., n].
 * Gradient: V diag(dy) V^T with the eigenvectors V; at a repeated eigenvalue only symmetric functions of the
 * eigenvalues have one.
 */
export function eigvalsh(a: tf.Tensor): tf.Tensor {
  checkSquare('eigvalsh', 'a', a);
  return withGradient([a], ([a]) => ({
    value: nativeOp('SelfAdjointEigV2', [a], 2, { compute_v: false })[0],
    saved: [a],
  }), (dy, [a]) => {
    const [, vectors] = nativeOp('SelfAdjointEigV2', [a], 2, { compute_v: true });
    return [tf.matMul(vectors.mul(dy.expandDims(-2)), vectors, false, true)];
  });
}

/**
 * The solution x of A x = b by `iterations` steps of conjugate gradients from x = `start` (default 0), where `apply(x)` is A x,
 * linear, symmetric and positive definite. b, x and A x have the same shape, read as one vector.
 * The steps are unrolled: a compiled step holds each. Once the residual is exactly 0, further ones change nothing.
 * Error after k steps in the norm of A: <= 2 ((sqrt(c) - 1) / (sqrt(c) + 1))^k times the first, c the condition number.
 * Gradient: that of the exact solution, v = inverse(A) dy for b and -v^T d(A x) for what `apply` reads, v by `iterations` steps too.
 */
export function cg(apply: (x: tf.Tensor) => tf.Tensor, b: tf.Tensor, options: { iterations: number; start?: tf.Tensor }): tf.Tensor {
  const { start } = options;
  const iterations = wholeNumber('cg', 'iterations', options.iterations);
  if (start) sameShape('cg', 'start', start.shape, 'b', b.shape);
  const applied = (x: tf.Tensor): tf.Tensor => {
    const y = apply(x);
    sameShape('cg', 'apply(x)', y.shape, 'x', x.shape);
    return y;
  };
  const x = detached(conjugateGradients(applied, b, iterations, start));
  const residual = b.sub(applied(x));
  return x.add(withGradient([residual], ([r]) => ({ value: tf.zerosLike(r), saved: [] }),
    dy => [conjugateGradients(applied, dy, iterations)]));
}

function conjugateGradients(apply: (x: tf.Tensor) => tf.Tensor, b: tf.Tensor, iterations: number, start?: tf.Tensor): tf.Tensor {
  const dot = (u: tf.Tensor, v: tf.Tensor) => u.mul(v).sum();
  let x = start ?? tf.zerosLike(b);
  let r = start ? b.sub(apply(start)) : b;
  let p = r;
  let rr = dot(r, r);
  for (let i = 0; i < iterations; i++) {
    const ap = apply(p);
    const alpha = ratio(rr, dot(p, ap));
    x = x.add(p.mul(alpha));
    r = r.sub(ap.mul(alpha));
    const next = dot(r, r);
    p = r.add(p.mul(ratio(next, rr)));
    rr = next;
  }
  return x;
}

/** The same values, with gradient 0. */
function detached(x: tf.Tensor): tf.Tensor {
  return withGradient([x], ([x]) => ({ value: x.clone(), saved: [] }), dy => [tf.zerosLike(dy)]);
}

/** a / b, and 0 where b is 0; its gradient is 0, for it serves detached steps only. */
function ratio(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return withGradient([a, b], ([a, b]) => ({ value: tf.divNoNan(a, b), saved: [] }), dy => [tf.zerosLike(dy), tf.zerosLike(dy)]);
}

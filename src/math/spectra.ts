/** Eigenvalues, eigenvectors and singular values. */
import { swapLastAxes } from '../autodiff/axes';
import { again, constant, differentiable } from '../autodiff/differentiable';
import { nativeOp } from '../autodiff/native-op';
import { tf } from '../autodiff/tf';
import { checkFinite, checkFiniteSquare, checkMatrix, checkSquare, lowerGradient, outer } from './matrices';

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

/** For each column of v, as [..., 1, columns]: the sign of its first entry of at least 0.9 of its largest size. */
function signs(v: tf.Tensor): tf.Tensor {
  const rows = v.shape[v.rank - 2];
  const row = tf.range(0, rows, 1, 'int32').expandDims(-1);
  const large = tf.greaterEqual(v.abs(), v.abs().max(-2, true).mul(0.9));
  const first = tf.where(large, row, tf.scalar(rows - 1, 'int32')).min(-2, true);
  return tf.where(tf.equal(row, first), v, 0).sum(-2, true).sign();
}

/**
 * Eigenvalues, ascending, and eigenvectors of a symmetric matrix: a = v diag(values) v^T.
 * Shapes: a [..., n, n], of which only the lower triangle is read; values [..., n]; vectors v [..., n, n], whose column
 * j belongs to value j, has length 1, and a sign that makes its first entry of at least 0.9 of its largest size
 * positive. (LAPACK, NumPy and JAX leave the sign to chance.)
 * Gradient of `values`: as eigvalsh; of `vectors`, of any order, with gaps between eigenvalues as divisors: NaN where
 * two are equal, as then the vectors are not determined.
 * Errors: a matrix that is not square, a type other than float32; outside compiled steps, an entry that is not finite.
 *
 * @example
 * linalg.eigh(tf.tensor([[2, 1], [1, 2]])).vectors // -> [[0.707, 0.707], [-0.707, 0.707]]
 */
export function eigh(a: tf.Tensor): { values: tf.Tensor; vectors: tf.Tensor } {
  checkFiniteSquare('eigh', a);
  return tf.tidy(() => {
    const pair = constant(() => {
      const [values, v] = decomposed(a, true);
      return [values, v.mul(signs(v))];
    });
    return { values: eigenvalues(a, pair), vectors: eigenvectors(a, pair) };
  });
}

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

/**
 * The thin singular value decomposition a = u diag(s) v^T.
 * Shapes: a [..., m, n]; with k = min(m, n), s [..., k], descending and >= 0; u [..., m, k] and v [..., n, k] with
 * orthonormal columns. The first entry of a column of u of at least 0.9 of its largest size is positive, and the column
 * of v has the sign that goes with it. (LAPACK, NumPy and JAX leave the sign to chance.)
 * Gradient, of any order: of s, u diag(ds) v^T; those of u and v divide by s_j^2 - s_i^2, and by s where a is not
 * square, so where two singular values are equal, or one is 0, they are NaN or infinite.
 * Errors: fewer than two axes, no entry, a type other than float32; outside compiled steps, an entry that is not
 * finite, which inside gives NaN. Source: J. Townsend, Differentiating the singular value decomposition, 2016.
 *
 * @example
 * linalg.svd(tf.tensor([[0, 2], [1, 0]])).s // -> [2.00, 1.00]
 */
export function svd(a: tf.Tensor): { u: tf.Tensor; s: tf.Tensor; v: tf.Tensor } {
  checkMatrix('svd', 'a', a);
  checkFinite('svd', a);
  return tf.tidy(() => {
    const known = constant(() => {
      const [s, u, v] = nativeOp('Svd', [a], { compute_uv: true, full_matrices: false }, 3);
      const turned = signs(u);
      return { s, u: u.mul(turned), v: v.mul(turned) };
    });
    return { u: factor('u', a, known), s: factor('s', a, known), v: factor('v', a, known) };
  });
}

type Svd = Record<'u' | 's' | 'v', tf.Tensor>;

/** One factor of a decomposition that has been computed. */
function factor(name: keyof Svd, a: tf.Tensor, known: Svd): tf.Tensor {
  return differentiable(
    [a],
    () => ({ value: again(known[name]), saved: [known.u, known.s, known.v] }),
    (dy, [a], [u, s, v]) => {
      const saved = { u, s, v };
      const on: Svd = { u: factor('u', a, saved), s: factor('s', a, saved), v: factor('v', a, saved) };
      if (name === 's') return [outer(on.u.mul(dy.expandDims(-2)), on.v)];
      return [name === 'u' ? ofLeft(dy, on) : swapLastAxes(ofLeft(dy, { u: on.v, s: on.s, v: on.u }))];
    },
  );
}

/**
 * The gradient for a by that for u: u (P diag(s)) v^T with P_ij = (u^T du - du^T u)_ij / (s_j^2 - s_i^2), and for a
 * tall u (1 - u u^T) du diag(1 / s) v^T. That for v is the same of a^T = v diag(s) u^T.
 */
function ofLeft(du: tf.Tensor, { u, s, v }: Svd): tf.Tensor {
  const [rows, k] = u.shape.slice(-2);
  const turned = tf.matMul(u, du, true);
  const skew = turned.sub(swapLastAxes(turned));
  const sums = s.expandDims(-2).add(s.expandDims(-1));
  const p = skew.div(gaps(s).mul(sums).add(tf.eye(k))).mul(resolved(s, skew));
  const inside = tf.matMul(u, p.mul(s.expandDims(-2)));
  if (rows === k) return outer(inside, v);
  const beside = du.sub(tf.matMul(u, turned)).div(s.expandDims(-2));
  return outer(inside.add(beside), v);
}

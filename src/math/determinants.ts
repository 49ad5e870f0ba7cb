/** Inverse and determinant of square matrices. */
import { swapLastAxes } from '../autodiff/axes';
import { again, constant, differentiable } from '../autodiff/differentiable';
import { nativeOp } from '../autodiff/native-op';
import { tf } from '../autodiff/tf';
import { fail } from '../base/check';
import { isTraced } from '../compile/trace/recording';
import { checkFiniteSquare, outer } from './matrices';

/** sign(det a) and log |det a|, by LU. */
const logDeterminant = (a: tf.Tensor) => nativeOp('LogMatrixDeterminant', [a], {}, 2);

/**
 * The inverse of a square matrix, by LU with pivots. Shapes: a [..., n, n], result the same.
 * Gradient: -y^T dy y^T with the inverse y. It has gradients of its own, of any order.
 * Errors: a matrix that is not square, a type other than float32; outside compiled steps, one that is singular (has a
 * pivot of exactly 0) or has an entry that is not finite. Inside, where values are not known, such a one gives NaN.
 *
 * @example
 * linalg.inverse(tf.tensor([[2, 1], [1, 1]])) // -> [[1.00, -1.00], [-1.00, 2.00]]
 */
export function inverse(a: tf.Tensor): tf.Tensor {
  checkFiniteSquare('inverse', a);
  return tf.tidy(() => {
    const y = inverted(a);
    if (!isTraced(y) && y.dataSync().some(Number.isNaN)) fail('inverse', `a [${a.shape}] is singular`);
    return y;
  });
}

function inverted(a: tf.Tensor, known?: tf.Tensor): tf.Tensor {
  return differentiable(
    [a],
    ([a]) => {
      const y = known ? again(known) : inverseOrNaN(a);
      return { value: y, saved: [y] };
    },
    (dy, [a], [saved]) => {
      const y = inverted(a, saved);
      return [outer(tf.matMul(y, dy, true), y).neg()];
    },
  );
}

/** The runtime's own inverse ends the run where a is singular, so it is not given such a matrix. */
function inverseOrNaN(a: tf.Tensor): tf.Tensor {
  const regular = tf.isFinite(logDeterminant(a)[1]).expandDims(-1).expandDims(-1);
  const y = nativeOp('MatrixInverse', [tf.where(regular, a, tf.eye(a.shape[a.rank - 1]))], { adjoint: false })[0];
  return tf.where(regular, y, NaN);
}

/**
 * The sign of the determinant (1, -1, or 0 where a is singular) and log |det a| (there -Inf), by LU with pivots: for
 * determinants that no number holds. Shapes: a [..., n, n], both [...].
 * Gradient of `log`: inverse(a)^T dlog, NaN where a is singular; that of `sign` is 0. Both have gradients of any order.
 * Errors: a matrix that is not square, a type other than float32; outside compiled steps, an entry that is not finite,
 * which inside gives NaN.
 *
 * @example
 * linalg.slogdet(tf.tensor([[1, 2], [3, 4]])) // -> { sign: -1, log: 0.693 }
 */
export function slogdet(a: tf.Tensor): { sign: tf.Tensor; log: tf.Tensor } {
  checkFiniteSquare('slogdet', a);
  return tf.tidy(() => {
    const [sign, log] = constant(() => logDeterminant(a));
    return {
      sign: differentiable(
        [a],
        () => ({ value: again(sign) }),
        (_, [a]) => [tf.zerosLike(a)],
      ),
      log: differentiable(
        [a],
        () => ({ value: again(log) }),
        (dlog, [a]) => [swapLastAxes(inverted(a)).mul(dlog.expandDims(-1).expandDims(-1))],
      ),
    };
  });
}

/**
 * The determinant, as sign exp(log |det a|): see `slogdet`. Shapes: a [..., n, n], result [...].
 * Gradient: det(a) inverse(a)^T d, of any order; NaN where a is singular.
 * Errors: as slogdet.
 *
 * @example
 * linalg.det(tf.tensor([[2, 1], [1, 2]])) // -> 3.00
 */
export function det(a: tf.Tensor): tf.Tensor {
  checkFiniteSquare('det', a);
  return tf.tidy(() => {
    const { sign, log } = slogdet(a);
    return sign.mul(log.exp());
  });
}

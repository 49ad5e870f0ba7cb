import { tf } from 'widenet';

/** The gradients of L = sum f (w + f / 2) at x, and those of <gradient of L, v>, in one list. */
export function bothDerivatives(f: (...x: tf.Tensor[]) => tf.Tensor, x: tf.Tensor[], v: tf.Tensor[], w: tf.Tensor) {
  const value = (...x: tf.Tensor[]) => {
    const y = f(...x);
    return y.mul(w.add(y.div(2))).sum() as tf.Scalar;
  };
  const along = (...x: tf.Tensor[]) =>
    tf.addN(
      tf
        .grads(value)(x)
        .map((dx, i) => dx.mul(v[i]).sum()),
    );
  return [...tf.grads(value)(x), ...tf.grads(along)(x)];
}

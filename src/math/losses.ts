/** Classification losses in the log domain: they and their gradients stay exact where exp(-p) underflows. */
import { tf } from '../autodiff/tf';
import { fail } from '../base/check';

const knee = 15;
const atKnee = Math.exp(-knee) / 2;

/**
 * log l(p) of the logistic loss l(p) = log(1 + exp(-p)), elementwise, for signed outputs p_i = y_i f(x_i).
 * Beyond p = 15 it follows its expansion -p - exp(-p)/2, so it never underflows (error below 1e-13).
 *
 * @example
 * logLogistic(tf.tensor([0, 1000])) // -> [-0.3665, -1000.0]
 */
export function logLogistic(p: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const beyond = tf.relu(p.sub(knee));
    const near = tf.log(tf.softplus(tf.sub(beyond, p)));
    const curvature = tf.exp(tf.neg(beyond)).sub(1).mul(atKnee);
    return near.sub(beyond).sub(curvature);
  });
}

/**
 * log of the mean logistic risk, log((1/n) sum_i l(p_i)): a scalar from p [n].
 * Its gradient is grad L / L, the direction of gradient flow on L at a speed that does not vanish with L;
 * with exponential tails it equals sum_i q_i grad p_i / sum_i l_i with weights q_i = -l'(p_i).
 * Errors: a p that is not one axis with at least one entry.
 *
 * @example
 * logLogisticRisk(tf.tensor([0, 0])) // -> -0.3665
 */
export function logLogisticRisk(p: tf.Tensor): tf.Scalar {
  if (p.rank !== 1 || p.size === 0)
    fail('logLogisticRisk', `p is [${p.shape}] but must be a vector of at least one signed output`);
  return tf.tidy(() => tf.sub(tf.logSumExp(logLogistic(p)), tf.scalar(Math.log(p.size))) as tf.Scalar);
}

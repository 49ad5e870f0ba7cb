/**
 * Losses of TensorFlow.js whose own derivatives are wrong: of softmaxCrossEntropy in the labels, of
 * sigmoidCrossEntropy at logits of 0.
 */
import { tf } from '../base/tfjs';

/** labels, moved by `smoothing` towards the same value `mean` for each class. */
const smoothed = (labels: tf.Tensor, smoothing: number, mean: number) =>
  smoothing > 0 ? labels.mul(1 - smoothing).add(smoothing * mean) : labels;

function bothOf(
  where: string,
  labels: tf.TensorLike | tf.Tensor,
  logits: tf.TensorLike | tf.Tensor,
): [tf.Tensor, tf.Tensor] {
  const [a, b] = [labels, logits].map(x => (x instanceof tf.Tensor ? x : tf.tensor(x as tf.TensorLike)));
  tf.util.assertShapesMatch(a.shape, b.shape, `Error in ${where}: `);
  return [a.cast('float32'), b.cast('float32')];
}

/** -sum over classes (last axis) of labels * logSoftmax(logits). */
const softmaxCrossEntropy: typeof tf.losses.softmaxCrossEntropy = (
  labels,
  logits,
  weights,
  labelSmoothing = 0,
  reduction,
) => {
  const [a, x] = bothOf('softmaxCrossEntropy', labels, logits);
  const losses = smoothed(a, labelSmoothing, 1 / a.shape[a.rank - 1])
    .mul(tf.logSoftmax(x))
    .sum(-1)
    .neg();
  return tf.losses.computeWeightedLoss(losses, weights, reduction);
};

/**
 * -labels log s - (1 - labels) log(1 - s) with s = sigmoid(logits), as labels softplus(-logits) + (1 - labels)
 * softplus(logits): a loss close to 0 is not the difference of two large numbers.
 */
const sigmoidCrossEntropy: typeof tf.losses.sigmoidCrossEntropy = (
  labels,
  logits,
  weights,
  labelSmoothing = 0,
  reduction,
) => {
  const [a, x] = bothOf('sigmoidCrossEntropy', labels, logits);
  const label = smoothed(a, labelSmoothing, 0.5);
  const losses = label.mul(tf.softplus(x.neg())).add(tf.sub(1, label).mul(tf.softplus(x)));
  return tf.losses.computeWeightedLoss(losses, weights, reduction);
};

/** The loss as an operation of TensorFlow.js: what it makes on the way is disposed. */
const tidied =
  <T extends unknown[]>(loss: (...given: T) => tf.Tensor) =>
  (...given: T) =>
    tf.tidy(() => loss(...given));

export function replaceLosses(): void {
  Object.assign(tf.losses, {
    softmaxCrossEntropy: tidied(softmaxCrossEntropy),
    sigmoidCrossEntropy: tidied(sigmoidCrossEntropy),
  });
}

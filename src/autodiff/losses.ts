/** Losses whose own derivatives are wrong: softmaxCrossEntropy in the labels, sigmoidCrossEntropy at logits of 0. */
import { tf } from '../base/tfjs';

type Loss = typeof tf.losses.softmaxCrossEntropy;

/** A loss of one entry for each example. Label smoothing moves the labels towards `even`, the same for all classes. */
const loss =
  (
    name: string,
    even: (labels: tf.Tensor) => number,
    entries: (labels: tf.Tensor, logits: tf.Tensor) => tf.Tensor,
  ): Loss =>
  (labels, logits, weights, smoothing = 0, reduction) =>
    tf.tidy(() => {
      const [a, x] = [labels, logits].map(v => (v instanceof tf.Tensor ? v : tf.tensor(v)).cast('float32'));
      tf.util.assertShapesMatch(a.shape, x.shape, `Error in ${name}: `);
      const smoothed = smoothing > 0 ? a.mul(1 - smoothing).add(smoothing * even(a)) : a;
      return tf.losses.computeWeightedLoss(entries(smoothed, x), weights, reduction);
    });

export function replaceLosses(): void {
  Object.assign(tf.losses, {
    /** -sum over classes (last axis) of labels * logSoftmax(logits). */
    softmaxCrossEntropy: loss(
      'softmaxCrossEntropy',
      labels => 1 / labels.shape[labels.rank - 1],
      (labels, logits) => labels.mul(tf.logSoftmax(logits)).sum(-1).neg(),
    ),
    /**
     * -labels log s - (1 - labels) log(1 - s) with s = sigmoid(logits), as labels softplus(-logits) + (1 - labels)
     * softplus(logits): so a loss close to 0 is not the difference of two large numbers.
     */
    sigmoidCrossEntropy: loss(
      'sigmoidCrossEntropy',
      () => 0.5,
      (labels, logits) => labels.mul(tf.softplus(logits.neg())).add(tf.sub(1, labels).mul(tf.softplus(logits))),
    ),
  });
}

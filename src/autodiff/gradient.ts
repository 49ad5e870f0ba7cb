/** The parts of which gradients are made. */
import { tf } from '../base/tfjs';

/**
 * The gradient of a kernel as TensorFlow.js wants it: what is saved, and the derivative with respect to each input
 * by its name.
 */
export interface Gradient {
  inputsToSave?: string[];
  outputsToSave?: boolean[];
  saveAllInputs?: boolean;
  gradFunc(dy: any, saved: any[], attributes: any): Record<string, () => tf.Tensor>;
}

/** Sums dx over the axes along which a tensor of `shape` was broadcast. */
export function unbroadcast(dx: tf.Tensor, shape: number[]): tf.Tensor {
  if (tf.util.arraysEqual(shape, dx.shape)) return dx;
  const axes = tf.broadcast_util.getReductionAxes(shape, dx.shape);
  return (axes.length > 0 ? dx.sum(axes) : dx).reshape(shape);
}

/** 1 where the condition holds, 0 elsewhere. */
export const indicator = (condition: tf.Tensor) => condition.cast('float32');

/** dy where the condition holds, 0 elsewhere, even where dy is infinite. */
export const only = (condition: tf.Tensor, dy: tf.Tensor) => tf.where(condition, dy, tf.zerosLike(dy));

/** 0 where the condition holds, even where dy is infinite; dy elsewhere. */
export const except = (condition: tf.Tensor, dy: tf.Tensor) => tf.where(condition, tf.zerosLike(dy), dy);

/** A kernel of TensorFlow.js on the tape, for those without a public function. */
export const kernel = (name: string, inputs: Record<string, tf.Tensor>, attributes: object): tf.Tensor =>
  tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap) as tf.Tensor;

/** The gradient of an operation of one input whose derivative is zero wherever it has one. */
export const zero = (...inputs: string[]): Gradient => ({
  inputsToSave: inputs,
  gradFunc: (_, saved) => Object.fromEntries(inputs.map((name, i) => [name, () => tf.zeros(saved[i].shape)])),
});

/** `f`, which is linear, as a function of one tensor whose gradient is its transpose `g`, whose gradient is `f`. */
export const linear =
  (f: (x: tf.Tensor) => tf.Tensor, g: (y: tf.Tensor) => tf.Tensor) =>
  (x: tf.Tensor): tf.Tensor =>
    tf.customGrad((x: any) => ({ value: f(x), gradFunc: (dy: tf.Tensor) => linear(g, f)(dy) }))(x);

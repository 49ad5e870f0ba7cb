/** What the derivatives of operations are written with. */
import { tf } from '../base/tfjs';

/**
 * The gradient of an operation, as TensorFlow.js registers it: which of its inputs and outputs are saved, and for each
 * input, by its name, a function that gives the derivative of the result with respect to it, times dy.
 */
export interface Gradient {
  inputsToSave?: string[];
  outputsToSave?: boolean[];
  saveAllInputs?: boolean;
  gradFunc(dy: any, saved: any[], attributes: any): Record<string, () => tf.Tensor>;
}

/** The gradient of f(x), computed from x. */
export const ofInput = (dx: (dy: tf.Tensor, x: tf.Tensor, attributes: any) => tf.Tensor): Gradient => ({
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attributes) => ({ x: () => dx(dy, x, attributes) }),
});

/** The derivative with respect to an input that moves in jumps, as indices do: zero. */
export const zeros = (input: tf.Tensor) => () => tf.zeros(input.shape);

/** The gradient of an operation whose derivatives are zero wherever they exist. */
export const zero = (...inputs: string[]): Gradient => ({
  inputsToSave: inputs,
  gradFunc: (_, saved) => Object.fromEntries(inputs.map((name, i) => [name, zeros(saved[i])])),
});

/** Sums dx over the axes along which a tensor of `shape` was broadcast. */
export function unbroadcast(dx: tf.Tensor, shape: number[]): tf.Tensor {
  if (tf.util.arraysEqual(shape, dx.shape)) return dx;
  const axes = tf.broadcast_util.getReductionAxes(shape, dx.shape);
  return (axes.length > 0 ? dx.sum(axes) : dx).reshape(shape);
}

/** dy where the condition holds, 0 elsewhere, even where dy is infinite. */
export const only = (condition: tf.Tensor, dy: tf.Tensor) => tf.where(condition, dy, tf.zerosLike(dy));

/** 0 where the condition holds, even where dy is infinite; dy elsewhere. */
export const except = (condition: tf.Tensor, dy: tf.Tensor) => tf.where(condition, tf.zerosLike(dy), dy);

/** Runs a kernel of TensorFlow.js that has no public function; it is recorded on the tape. */
export const kernel = (name: string, inputs: Record<string, tf.Tensor>, attributes: object): tf.Tensor =>
  tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap) as tf.Tensor;

/** The linear function `f` of one tensor, differentiated by its transpose `g`, which is differentiated by `f`. */
export const linear =
  (f: (x: tf.Tensor) => tf.Tensor, g: (y: tf.Tensor) => tf.Tensor) =>
  (x: tf.Tensor): tf.Tensor =>
    tf.customGrad((x: any) => ({ value: f(x), gradFunc: (dy: tf.Tensor) => linear(g, f)(dy) }))(x);

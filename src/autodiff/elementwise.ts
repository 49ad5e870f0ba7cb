/**
 * Derivatives of elementwise functions, where TensorFlow.js 4.22 has none, a wrong one or another convention.
 * Where a function has a kink, a jump or a pole, its derivative is what JAX 0.10 gives:
 * - maximum, minimum: half to each of two equal arguments; max, min of a tensor: equal shares to the equal extremes;
 *   clipByValue = minimum(maximum(x, low), high), so 1/2 at its bounds;
 * - abs: 1 at 0; relu: 0 at 0; relu6: 0 at 0 and 6; leakyRelu, prelu, elu: 1 at 0; selu: 1.7581 (the left one) at 0;
 * - floor, ceil, round, sign, step, floorDiv, argMax, comparisons, casts to int32 and bool: 0 everywhere;
 * - pow(a, b): with respect to a, 0 where b = 0, also at a = 0 (as in JAX for a whole number b); with respect to b,
 *   0 at a = 0 < b, NaN at a < 0;
 * - sqrt, log, 1/x, a/b, acos, norm, atan2 at their singular points: what the formula gives, inf or NaN;
 * - where: the branch not taken gets 0; a NaN in its own derivative (log at -1) still comes through as 0 * inf = NaN,
 *   so divNoNan(a, b) has NaN at b = 0: divide by where(b = 0, 1, b) instead;
 * - maxPool: the first of equal extremes gets all. topk: the entries at its indices do.
 * Where x is NaN, relu, leakyRelu and their like pass the gradient on (JAX: 0): a diverged run does not lose it.
 */
import { tf } from '../base/tfjs';
import { type Gradient, except, ofInput, only, unbroadcast, zero, zeros } from './gradient';

/** The gradient of y = f(x), computed from y. */
const ofResult = (dx: (dy: tf.Tensor, y: tf.Tensor) => tf.Tensor): Gradient => ({
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => dx(dy, y) }),
});

/** The gradient of f(a, b) with broadcasting. */
const ofTwo = (da: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor, db: typeof da): Gradient => ({
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, [a, b]) => ({
    a: () => unbroadcast(da(dy, a, b), a.shape),
    b: () => unbroadcast(db(dy, a, b), b.shape),
  }),
});

/** 1 where a is above b, 1/2 where they are equal, 0 below. */
const share = (a: tf.Tensor | number, b: tf.Tensor | number) =>
  tf.greater(a, b).cast('float32').add(tf.greaterEqual(a, b).cast('float32')).mul(0.5);

/** d pow / d base. */
function ofBase(dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const constant = tf.equal(b, 0);
  return except(constant, dy.mul(b).mul(tf.pow(a, tf.where(constant, tf.onesLike(b), b).sub(1))));
}

/** d pow / d exponent. */
const ofExponent = (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) =>
  dy.mul(tf.pow(a, b)).mul(tf.log(tf.where(tf.equal(a, 0), tf.onesLike(a), a)));

const selu = { scale: 1.0507009873554805, scaleAlpha: 1.7580993408473769 };

/** Operations, by names with spaces between, that have derivatives of zero. */
const flat = (names: string, ...inputs: string[]) =>
  Object.fromEntries(names.split(' ').map(name => [name, zero(...inputs)]));

/** prelu itself: TensorFlow.js takes (x - |x|) / 2 for the negative part, which is NaN at inf and infinite at -2e38. */
export function replacePrelu(): void {
  const kernel = { kernelName: 'Prelu', backendName: 'tensorflow' };
  const kernelFunc = ({ inputs: { x, alpha } }: { inputs: Record<'x' | 'alpha', tf.Tensor> }) =>
    tf.tidy(() => tf.relu(x).sub(alpha.mul(tf.relu(x.neg()))));
  tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel({ ...kernel, kernelFunc } as unknown as tf.KernelConfig);
}

export const elementwise: Record<string, Gradient> = {
  ...flat('Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr FloorDiv', 'a', 'b'),
  ...flat('LogicalNot All Any ArgMax ArgMin', 'x'),
  Cast: { gradFunc: (dy, _, { dtype }) => ({ x: () => (dtype === 'float32' ? dy.clone() : tf.zeros(dy.shape)) }) },

  RealDiv: {
    inputsToSave: ['a', 'b'],
    outputsToSave: [true],
    gradFunc: (dy, [a, b, y]) => ({
      a: () => unbroadcast(dy.div(b), a.shape),
      b: () => unbroadcast(dy.mul(y), b.shape).div(b).neg(),
    }),
  },
  Reciprocal: ofResult((dy, y) => dy.mul(y.square()).neg()),
  Abs: ofInput((dy, x) => tf.where(tf.less(x, 0), dy.neg(), dy)),
  Relu: ofInput((dy, x) => except(tf.lessEqual(x, 0), dy)),
  Relu6: ofInput((dy, x) => except(tf.logicalOr(tf.lessEqual(x, 0), tf.greaterEqual(x, 6)), dy)),
  LeakyRelu: ofInput((dy, x, { alpha }) => tf.where(tf.less(x, 0), dy.mul(alpha), dy)),
  Prelu: {
    inputsToSave: ['x', 'alpha'],
    gradFunc: (dy, [x, alpha]) => ({
      x: () => tf.where(tf.less(x, 0), dy.mul(alpha), dy),
      alpha: () => unbroadcast(only(tf.less(x, 0), dy.mul(x)), alpha.shape),
    }),
  },
  Elu: ofResult((dy, y) => tf.where(tf.greater(y, 0), dy, dy.mul(y.add(1)))),
  Selu: ofResult((dy, y) => tf.where(tf.greater(y, 0), dy.mul(selu.scale), dy.mul(y.add(selu.scaleAlpha)))),
  ClipByValue: ofInput((dy, x, { clipValueMin: low, clipValueMax: high }) =>
    dy.mul(share(x, low)).mul(share(high, tf.maximum(x, low))),
  ),

  Maximum: ofTwo(
    (dy, a, b) => dy.mul(share(a, b)),
    (dy, a, b) => dy.mul(share(b, a)),
  ),
  Minimum: ofTwo(
    (dy, a, b) => dy.mul(share(b, a)),
    (dy, a, b) => dy.mul(share(a, b)),
  ),
  SquaredDifference: ofTwo(
    (dy, a, b) => dy.mul(a.sub(b)).mul(2),
    (dy, a, b) => dy.mul(b.sub(a)).mul(2),
  ),
  Pow: ofTwo(ofBase, ofExponent),
  Select: {
    inputsToSave: ['condition'],
    gradFunc: (dy, [condition]) => ({
      condition: zeros(condition),
      t: () => only(condition, dy),
      e: () => except(condition, dy),
    }),
  },
};

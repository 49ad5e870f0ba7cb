/** The usual optimisers as steps: pure functions of the parameters, their moments and the step's number. */
import { tf } from '../autodiff/tf';
import { atOnce, fail, knownOptions, positive } from '../base/check';
import { ndarray, size, type NdArray } from '../base/ndarray';
import { flatten, leafTensor, unflatten, type Givable, type Mapped } from '../compile/tree';
import type { Draw } from '../compile/trace/draws';

/** What is minimised, of parameters and data; with random numbers and the step's number as a step has them. */
export type Loss<P, D> = (params: P, data: D, draw: Draw, number: tf.Scalar) => tf.Tensor;

/** The learning rate: a number > 0, or a schedule, a function of the step's number (1, 2, ..., an int32 scalar). */
export type LearningRate = number | ((number: tf.Scalar) => tf.Tensor);

/** `train(optimizer.step, optimizer.start(params), { data, steps })`, whose state has the parameters as `params`. */
export interface Optimizer<P, D, Moment extends string> {
  /** The state at the start: the parameters, and moments of 0. */
  start(params: Givable<P>): Mapped<Record<'params' | Moment, P>, tf.Tensor | NdArray | number>;
  /** The step that `train` makes so many times; pure. */
  step(state: Record<'params' | Moment, P>, data: D, draw: Draw, number: tf.Scalar): Record<'params' | Moment, P>;
}

/** From a parameter, its gradient and its moments to the parameter and the moments after step `number`. */
type Update = (w: tf.Tensor, g: tf.Tensor, moments: tf.Tensor[], number: tf.Scalar) => tf.Tensor[];

function optimizer<P, D, M extends string>(where: string, loss: Loss<P, D>, names: M[], update: Update) {
  if (typeof loss !== 'function') fail(where, `loss is ${typeof loss} but must be a function`);
  const apart = (name: string, tree: unknown) => flatten(where, name, tree);
  const named = (trees: unknown[]): any => Object.fromEntries(['params', ...names].map((name, i) => [name, trees[i]]));
  const made: Optimizer<any, D, M> = {
    start(params) {
      const { structure, leaves } = apart('params', params);
      for (const { path, dtype } of leaves) if (dtype !== 'float32') fail(where, `${path} is ${dtype}, not float32`);
      const zeros = leaves.map(({ shape }) => ndarray(new Float32Array(size(shape)), shape));
      return named([params, ...names.map(() => unflatten(structure, zeros))]);
    },
    step(state, data, draw, number) {
      const { structure, leaves } = apart('params', state.params);
      const w = leaves.map(leafTensor);
      const moments = names.map(name => apart(name, state[name]).leaves.map(leafTensor));
      const value = (...w: tf.Tensor[]) => loss(unflatten(structure, w) as P, data, draw, number);
      const own = (i: number) => moments.map(moment => moment[i]);
      const next = tf
        .grads(value)(w)
        .map((g, i) => update(w[i], g, own(i), number));
      return named(
        ['params', ...names].map((_, j) =>
          unflatten(
            structure,
            next.map(parts => parts[j]),
          ),
        ),
      );
    },
  };
  return made as Optimizer<P, D, M>;
}

function checkedRate(where: string, rate: LearningRate): (number: tf.Scalar) => tf.Tensor {
  if (typeof rate === 'function') return number => atOnce(where, 'rate', 'a tensor', rate(number));
  const value = positive(where, 'rate', rate);
  return () => tf.scalar(value);
}

function below1(where: string, options: Record<string, number>): void {
  for (const [name, value] of Object.entries(options))
    if (!(value >= 0 && value < 1)) fail(where, `${name} is ${String(value)} but must be in [0, 1)`);
}

/**
 * Gradient descent with momentum, as PyTorch's SGD: velocity = momentum velocity + g, w = w - rate velocity, with the
 * gradient g of `loss(params, data, draw, number)`. The parameters are a number, a tensor or a tree of these.
 * Errors: a rate that is no number > 0 and no function, a momentum outside [0, 1), parameters that are not float32.
 *
 * @example
 * const { start, step } = sgd(({ x }: Tensors<'x'>) => x.square().sum(), { rate: 0.1, momentum: 0.5 });
 * (await train(step, start({ x: 1 }), { steps: 2 })).state.params.x // -> 0.54
 */
export function sgd<P, D>(
  loss: Loss<P, D>,
  options: {
    /** The learning rate. */
    rate: LearningRate;
    /** What stays of the velocity, in [0, 1). Default 0. */
    momentum?: number;
  },
): Optimizer<P, D, 'velocity'> {
  knownOptions('sgd', options, ['rate', 'momentum']);
  const { momentum = 0 } = options;
  const rate = checkedRate('sgd', options.rate);
  below1('sgd', { momentum });
  return optimizer('sgd', loss, ['velocity'], (w, g, [velocity], number) => {
    const next = velocity.mul(momentum).add(g);
    return [w.sub(next.mul(rate(number))), next];
  });
}

/** How Adam and AdamW average. */
export interface AdamOptions {
  /** The learning rate. */
  rate: LearningRate;
  /** What stays of the mean of gradients in a step, in [0, 1). Default 0.9. */
  beta1?: number;
  /** What stays of the mean of their squares, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Is added to the root of the second mean. Default 1e-8. */
  epsilon?: number;
}

/**
 * Adam: with the gradient g at step t = 1, 2, ..., first = beta1 first + (1 - beta1) g, second = beta2 second +
 * (1 - beta2) g^2, and w = w - rate (first / (1 - beta1^t)) / (sqrt(second / (1 - beta2^t)) + epsilon).
 * Loss, parameters and errors as `sgd`. Source: Kingma and Ba, arXiv:1412.6980, algorithm 1.
 *
 * @example
 * const { start, step } = adam(({ x }: Tensors<'x'>) => x.square().sum(), { rate: 0.1 });
 * (await train(step, start({ x: 1 }), { steps: 1 })).state.params.x // -> 0.90
 */
export function adam<P, D>(loss: Loss<P, D>, options: AdamOptions): Optimizer<P, D, 'first' | 'second'> {
  knownOptions('adam', options, ['rate', 'beta1', 'beta2', 'epsilon']);
  return adaptive('adam', loss, options, 0);
}

/**
 * AdamW: Adam, with w = w - rate decay w beside, which is no part of the gradient. Options, loss and errors as `adam`.
 * Source: Loshchilov and Hutter, arXiv:1711.05101, algorithm 2, with the rate as PyTorch and optax have it.
 *
 * @example
 * const { start, step } = adamw(({ x }: Tensors<'x'>) => x.square().sum(), { rate: 0.1, decay: 0.5 });
 * (await train(step, start({ x: 1 }), { steps: 1 })).state.params.x // -> 0.85
 */
export function adamw<P, D>(
  loss: Loss<P, D>,
  options: AdamOptions & {
    /** The weight decay, a number >= 0. Default 0.01. */
    decay?: number;
  },
): Optimizer<P, D, 'first' | 'second'> {
  knownOptions('adamw', options, ['rate', 'beta1', 'beta2', 'epsilon', 'decay']);
  const { decay = 0.01, ...rest } = options;
  if (!(Number.isFinite(decay) && decay >= 0)) fail('adamw', `decay is ${String(decay)} but must be a number >= 0`);
  return adaptive('adamw', loss, rest, decay);
}

function adaptive<P, D>(where: string, loss: Loss<P, D>, options: AdamOptions, decay: number) {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const rate = checkedRate(where, options.rate);
  below1(where, { beta1, beta2 });
  positive(where, 'epsilon', epsilon);
  /** 1 - beta^t, of which float32 would leave no digits at a beta near 1. */
  const grown = (beta: number, t: tf.Scalar) => tf.expm1(t.cast('float32').mul(Math.log(beta))).neg();
  return optimizer(where, loss, ['first', 'second'], (w, g, [first, second], t) => {
    const m = first.mul(beta1).add(g.mul(1 - beta1));
    const v = second.mul(beta2).add(g.square().mul(1 - beta2));
    const direction = m.div(grown(beta1, t)).div(v.div(grown(beta2, t)).sqrt().add(epsilon));
    return [w.sub((decay > 0 ? direction.add(w.mul(decay)) : direction).mul(rate(t))), m, v];
  });
}

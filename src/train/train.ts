/** Training: a step function run natively for many steps, with rows recorded on the way. */
import type { tf } from '../autodiff/tf';
import { knownOptions } from '../base/check';
import type { Mode } from '../compile/engine';
import { initial } from '../compile/initial-state';
import type { NativeMode } from '../compile/native';
import type { Recorders, Unrecorded } from '../compile/recorded';
import { running, runOptions, type Run, type RunOptions } from '../compile/run';
import { checkedStep, openEager, openNative, programFor, stepOptions, type StepOptions } from '../compile/step-engine';
import type { Draw } from '../compile/trace/draws';
import { refusedInside } from '../compile/trace/inside';
import type { Tensors } from '../compile/tree';

/**
 * A step of training: the next state of a state and data, with random numbers from `draw`. `number` is the step's own
 * number as an int32 scalar: 1 for the first step, as in a row's `step`, and from + 1 for a resumed run.
 */
export type Step<S, D> = (state: Tensors<S>, data: Tensors<D>, draw: Draw, number: tf.Scalar) => Tensors<S>;

/** How `train` runs a step: how often, on what, and what it records. */
export interface TrainOptions<S = any, D = any, R = any> extends RunOptions<R> {
  /** What steps read: an object of tensors, arrays (`ndarray(lists)`, typed), numbers. Default: {}. */
  data?: D;
  /** What a row holds besides step and t: scalars as numbers, other tensors as nested arrays. Default: nothing. */
  record?: Recorders<Tensors<S>, Tensors<D>, R>;
  /** The type of all numbers with a fraction, 'float64' being double precision. Default 'float32'. */
  dtype?: 'float32' | 'float64';
  /**
   * The engine. Default 'auto': 'xla', or 'graph' for operations that XLA does not have or runs slowly. 'eager', the
   * reference, runs operation by operation.
   */
  mode?: Mode | 'auto';
  /** Threads of this run. Default: by the size of the step, shared with the runs under way. Last bits depend on it. */
  threads?: number;
}

/**
 * `steps` times state = step(state, data, draw, number), as one native loop; gives rows, the last state and a status.
 *
 * The step is ordinary TensorFlow.js, tf.grads included. It is traced at this call, so numbers that it closes over are
 * those of now; `compile` says what is refused. draw.normal(shape, stream) has the bits of
 * random.normal(shape, { seed, stream, step }) in every mode; `number` is that step as an int32 scalar: 1, 2, ...
 * Recorded values may draw from other streams, (state, data, draw) => ..., by the row's step: at first `from` or 0.
 * With dtype 'float64', a Float64Array stays double.
 * Each count of threads, and each kind of processor, gives its own last bits: name `threads` where bits matter.
 * A count in float32 stops at 2^24: let counts be int32, `ndarray(Int32Array.of(0), [])`.
 * Resume: `train(step, run.state, { ...options, from: run.step })` continues to the bit.
 * `watch: rows => lines(rows, { x: 't', y: 'risk' })` draws the rows so far while the run goes on.
 * Status: 'done'; 'stopped' by `until`; 'interrupted' by the signal or the stop button, with the rows so far;
 * 'diverged': `run.step` is the first step whose state is not finite, and the last row is of that step, all NaN.
 * The state is looked at when a native call ends, about every 120 ms: one that is finite again by then is not noticed.
 * A warning says where data hold NaN, if they do. Errors: UsageError; Interrupted at the call.
 *
 * @example
 * // gradient flow of the risk (x - a)^2 / 2, whose solution is a + (x(0) - a) exp(-t)
 * const [dt, data] = [0.001, { a: 3 }];
 * const risk = ({ x }: Tensors<'x'>, { a }: Tensors<'a'>) => x.sub(a).square().div(2).asScalar();
 * const step = ({ x }: Tensors<'x'>, data: Tensors<'a'>) => ({ x: x.sub(tf.grad(x => risk({ x }, data))(x).mul(dt)) });
 * const run = await train(step, { x: 1 }, { data, steps: 1000, every: 500, dt, record: { risk } });
 * run.rows.map(row => row.risk) // -> [2, 0.735, 0.27]
 */
export async function train<S, D, R = Unrecorded<S>>(
  step: Step<S, D>,
  state: S,
  options: TrainOptions<S, D, R>,
): Promise<Run<S, R>> {
  const where = 'train';
  const refused = refusedInside(where);
  if (refused) return refused;
  knownOptions(where, options, [...runOptions, 'data', ...stepOptions]);
  const how = checkedStep<Mode>(where, step, options as Partial<StepOptions>, ['eager', 'graph', 'xla']);
  const run = running(where, options as RunOptions);
  const layout = initial(where, state, options.data);
  const open = async () =>
    how.mode === 'eager'
      ? openEager(where, step, layout, how)
      : openNative(where, layout, how, () => programFor(where, step, layout, how as StepOptions<NativeMode>));
  return run(layout, how.dtype, open) as Promise<any>;
}

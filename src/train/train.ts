/** Training: a step function run natively for many steps, with rows recorded on the way. */
import { knownOptions } from '../base/check';
import type { Draw } from '../compile/body';
import { checkStep, givenState, openEngine, stepOptions } from '../compile/compile';
import type { Mode } from '../compile/engine';
import { flatten, type Fixed, type Mapped } from '../compile/leaves';
import type { Recorders, Unrecorded } from '../compile/recorded';
import { running, runOptions, type Run, type RunOptions } from '../compile/run';
import type { tf } from '../autodiff/tf';

export type { Draw, Mode, Run };
export type { Status } from '../compile/advance';
export type { Recorded, TrainRow } from '../compile/recorded';

/**
 * State or data as a step sees it. `Tensors<'W' | 'c'>` has these names, each a tensor; `Tensors<typeof data>` has the
 * structure of `data` with a tensor in the place of each host array, number or tensor.
 */
export type Tensors<S> = [S] extends [string] ? { [K in S]: tf.Tensor<any> } : Mapped<Fixed<S>, tf.Tensor<any>>;
export type Step<S, D> = (state: Tensors<S>, data: Tensors<D>, draw: Draw) => Tensors<S>;

export interface TrainOptions<S = any, D = any, R = any> extends RunOptions<R> {
  /** Nested plain object of tensors, host arrays and numbers: what steps read and do not change. */
  data?: D;
  /** What a row holds besides step and t: scalars as numbers, other tensors as nested arrays. */
  record?: Recorders<Tensors<S>, Tensors<D>, R>;
  dtype?: 'float32' | 'float64';
  mode?: Mode | 'auto';
  threads?: number;
}

/**
 * `steps` times state = step(state, data, draw), as one native loop off the main thread; gives rows, the last state and a status.
 * The step is ordinary TensorFlow.js, tf.grads included, traced at this call (so numbers it closes over are those of now), compiled
 * once for the same content; `compile` says what is refused. Draws (normal, uniform, integers,
 * permutation) are keyed by (seed, stream, step): draw.normal(shape, stream) has in every mode the bits of random.normal(shape, { seed, stream, step }).
 * mode 'auto': xla, but graph for a step with an op that XLA has not or is slow in (solves, inverses, determinants of 8 rows or more);
 * 'eager' is the reference. dtype 'float64': doubles from Float64Array to Float64Array.
 * threads: by size, shared between the runs under way; each count gives its own last bits, so name it where bits matter; so do
 * processors of other vector instructions.
 * A count in float32 stops at 2^24; counts are int32 (`ndarray(Int32Array.of(0), [])`), which wrap at 2^31.
 * Resume: `train(step, run.state, { ...options, from: run.step })` continues to the bit. For seeds: `Promise.all`, or a leading axis
 * of seeds in the state where the step is written so. Status: 'done'; 'stopped' by until; 'interrupted' by signal or the stop button,
 * with the rows so far; 'diverged': `step` is the first whose state is not finite. Errors: UsageError; Interrupted if so at the call.
 */
export async function train<S, D, R = Unrecorded<S>>(
  step: Step<S, D>,
  state: S,
  options: TrainOptions<S, D, R>,
): Promise<Run<S, R>> {
  const where = 'train';
  knownOptions(where, options, [...runOptions, 'data', ...stepOptions]);
  const { data = {}, mode = 'auto', dtype = 'float32', record, threads } = options;
  checkStep(where, step, { record, dtype, mode, threads }, ['auto', 'eager', 'graph', 'xla']);
  const run = running(where, options as RunOptions);
  const given = [givenState(where, state), flatten(where, 'data', data)] as const;
  return run(given[0], dtype, () =>
    openEngine(where, step, ...given, { record, dtype, mode, threads }),
  ) as Promise<any>;
}

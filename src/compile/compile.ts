/** A step function as a native program to call again and again. */
import { knownOptions, wholeNumber } from '../base/check';
import type { tf } from '../autodiff/tf';
import type { NdArray } from '../base/ndarray';
import { processState } from '../base/process-state';
import { heldState, type Held } from './held';
import { initial } from './initial-state';
import type { NativeMode } from './native';
import type { NativeState } from './native-engine';
import type { Float } from './operation';
import type { Program } from './program';
import type { Recorders, Unrecorded } from './recorded';
import { interruption, running, runOptions, stepNumbers, type Run, type RunOptions } from './run';
import { checkedStep, openNative, programFor, stepOptions, type StepOptions } from './step-engine';
import type { Draw } from './trace/draws';
import { refusedInside } from './trace/inside';
import type { StepFunction } from './trace/traced-function';
import type { Givable, Mapped, GivenTrees } from './tree';

/** How `compile` makes a native program of a step. */
export interface CompileOptions<S = any, D = any, R = any> {
  /** What a row of `run.train` holds besides step and t: by name, functions of state and data. Default: nothing. */
  record?: Recorders<S, D, R>;
  /** The type of all numbers with a fraction, 'float64' being double precision. Default 'float32'. */
  dtype?: Float;
  /** The engine. Default 'auto': 'xla', or 'graph' for operations that XLA does not have or runs slowly. */
  mode?: NativeMode | 'auto';
  /** Threads of a run. Default: by the size of the step, shared with the runs under way. Last bits depend on it. */
  threads?: number;
}

/** What the calls on a held state begin with. */
export interface HoldOptions<D = any> {
  /** What steps read: a plain object of tensors, arrays (`ndarray(lists)`, typed), numbers. */
  data?: D;
  /** Steps already done: the first step has the number from + 1. Default 0. */
  from?: number;
  /** Key of the draws. Default 0. */
  seed?: number;
}

/** One call of a compiled step. */
export interface CallOptions<D = any> extends HoldOptions<D> {
  /** How many steps to make. Default 1. */
  steps?: number;
  /** When it aborts, the call rejects with `Interrupted`, as it does at the stop button. Default: none. */
  signal?: AbortSignal;
}

/** A compiled step: `await run(state, { data, steps })` gives the state after so many steps. */
export interface Compiled<S, D, R = any> {
  (state: Givable<S>, options?: CallOptions<Givable<D>>): Promise<Mapped<S, NdArray>>;
  /**
   * The state and the data, copied once and held natively: `await held.advance({ steps })` moves the state on,
   * `held.read()` copies it back. Between many short calls of large state or data that saves what copies take.
   */
  hold(state: Givable<S>, options?: HoldOptions<Givable<D>>): Promise<Held<S>>;
  /** A run as `train` gives it, with the rows of what `compile` was told to record. */
  train(
    state: Givable<S>,
    options: RunOptions<R> & {
      /** What steps read: a plain object of tensors, arrays (`ndarray(lists)`, typed), numbers. */
      data?: Givable<D>;
    },
  ): Promise<Run<S, R>>;
  /** How often the step was traced: once for each layout of state and data. */
  readonly traces: number;
  /** Lets the native programs go. */
  close(): void;
}

/**
 * The step as a reusable native program: `await run(state, { data, steps })`, `run.train` for rows and a status, or
 * `run.hold` for a state that stays native from one call to the next.
 *
 * Traced: all TensorFlow.js operations of the step, tf.grads included, once for each layout (structure, shapes and
 *   types) of state and data, on tensors without values. `train` does the same, but anew at each call.
 * Frozen at the trace: numbers and functions that the step closes over. What JavaScript does beside (console.log)
 *   happens at the trace only.
 * Refused, by operation or tensor and by line: reading values (dataSync, a branch on a value); what differs between
 *   two traces (Math.random, tf.randomNormal, a counter); tensors from outside state and data, or kept beyond the step;
 *   operations that draw or keep a state, have no graph form, or whose shape depends on values; a state that changes
 *   structure, shape or type; with float64, operations that exist in float32 only. Nothing falls back to eager.
 * Arithmetic is done as written. Left to XLA are last bits, and integers from a division by 0 or from a number that no
 *   int32 can hold. An index out of range is an error. Errors: UsageError; Interrupted.
 *
 * @example
 * // Euler's method for dx/dt = -a x, with time step 0.1
 * const run = compile(({ x }: Tensors<'x'>, { a }: Tensors<'a'>) => ({ x: x.sub(x.mul(a).mul(0.1)) }));
 * const { x } = await run({ x: 1 }, { data: { a: 2 }, steps: 10 });
 * x // -> 0.1074
 */
export function compile<S = any, D = any, R = Unrecorded<S>>(
  step: (state: S, data: D, draw: Draw, number: tf.Scalar) => S,
  options: CompileOptions<S, D, R> = {},
): Compiled<S, D, R> {
  const where = 'compile';
  knownOptions(where, options, stepOptions);
  const how = checkedStep<NativeMode>(where, step, options as Partial<StepOptions<NativeMode>>, ['graph', 'xla']);
  const programs: Programs = new Map();
  const open = (layout: GivenTrees) =>
    openNative(where, layout, how, () => heldProgram(where, programs, step as StepFunction, layout, how));

  const opened = async (tree: unknown, { data, from = 0, seed = 0 }: HoldOptions) => {
    stepNumbers(where, { steps: from, from, seed });
    const layout = initial(where, tree, data);
    return heldState<S, NativeState>(where, await open(layout), layout.state, seed, from);
  };

  const hold = async (tree: unknown, options: HoldOptions = {}) => {
    const refused = refusedInside('a compiled step');
    if (refused) return refused;
    knownOptions(where, options, ['data', 'from', 'seed']);
    return (await opened(tree, options)).held;
  };

  const run = async (tree: unknown, options: CallOptions = {}) => {
    const refused = refusedInside('a compiled step');
    if (refused) return refused;
    knownOptions(where, options, ['data', 'steps', 'from', 'seed', 'signal']);
    const { steps = 1, from = 0, seed = 0, signal } = options;
    wholeNumber(where, 'steps', steps);
    stepNumbers(where, { steps: from + steps, from, seed });
    const interrupted = interruption(where, signal);
    const { held, move } = await opened(tree, options);
    try {
      await move(steps, interrupted);
      return held.read();
    } finally {
      held.close();
    }
  };

  const train = async (tree: unknown, options: RunOptions & { data?: unknown }) => {
    const refused = refusedInside('a compiled step');
    if (refused) return refused;
    knownOptions(where, options, [...runOptions, 'data']);
    const go = running(where, options);
    const layout = initial(where, tree, options.data);
    return go(layout, how.dtype, () => open(layout));
  };
  const compiled = Object.defineProperties(run, {
    hold: { value: hold },
    train: { value: train },
    traces: { get: () => programs.size },
    close: { value: () => letGo(programs) },
  }) as unknown as Compiled<S, D, R>;
  forgotten.register(compiled, programs);
  return compiled;
}

/** The programs of a compiled step, by the layouts of state and data. Each is held once by this map. */
type Programs = Map<string, Promise<Program>>;

/** The program for a layout, held once more for the engine that is to run it. */
async function heldProgram(
  where: string,
  programs: Programs,
  step: StepFunction,
  layout: GivenTrees,
  how: StepOptions<NativeMode>,
): Promise<Program> {
  const key = JSON.stringify(
    [layout.state, layout.data].map(({ structure, leaves }) => [
      structure,
      leaves.map(({ shape, dtype }) => [shape, dtype]),
    ]),
  );
  if (!programs.has(key)) {
    const opening = programFor(where, step, layout, how);
    programs.set(key, opening);
    opening.catch(() => programs.delete(key));
  }
  const program = await programs.get(key)!;
  program.hold();
  return program;
}

/** The programs are no longer held; the cache closes the longest unused ones. */
function letGo(programs: Programs): void {
  for (const opened of programs.values())
    opened.then(
      program => program.release(),
      () => undefined,
    );
  programs.clear();
}

/** Lets the programs go of compiled steps that nobody refers to any more, also of those from before a reload. */
const forgotten = processState('compiled-steps', () => new FinalizationRegistry(letGo));

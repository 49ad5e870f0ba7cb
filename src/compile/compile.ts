/** From a step function to an engine: traced, refused where it must be, and given the engine and the threads its rule says. */
import { fail, knownOptions, oneOf, wholeNumber } from '../base/check';
import { Interrupted } from '../base/interrupt';
import type { NdArray } from '../base/ndarray';
import { tf } from '../autodiff/tf';
import { advanceAll } from './advance';
import { traceRecord, traceStep, type Draw, type Layout, type RecordFunction, type StepFunction } from './body';
import { compiledEngine, nativeTensor } from './compiled';
import { eagerEngine, eagerTensor } from './eager';
import type { Engine, Mode } from './engine';
import { flatten, type Givable, type Leaf, type Mapped } from './leaves';
import { native, type NativeMode } from './native';
import { planner } from './plan';
import { program, type Program } from './program';
import type { Recorders, Unrecorded } from './recorded';
import { chooseMode, chooseThreads, ready } from './rule';
import {
  interruption,
  readState,
  running,
  runOptions,
  stepNumbers,
  type Given,
  type Run,
  type RunOptions,
} from './run';
import { runsUnderWay } from './slots';
import type { Float } from './trace';

export interface CompileOptions {
  record?: Readonly<Record<string, RecordFunction>>;
  dtype?: Float;
  mode?: Mode | 'auto';
  threads?: number;
}

/** Whether all values are finite: 0 times them adds up to 0. Four sums, so that no addition waits for the one before. */
function allFinite(values: ArrayLike<number>): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += 0 * values[i];
    b += 0 * values[i + 1];
    c += 0 * values[i + 2];
    d += 0 * values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += 0 * values[i];
  return a + b + c + d === 0;
}

/** Takes a state apart, its tensors read; refuses what a loop cannot carry and what is not finite to begin with. */
export function givenState(where: string, tree: unknown): Given {
  const { structure, leaves } = flatten(where, 'state', tree);
  if (leaves.length === 0) fail(where, 'state holds no tensor');
  return {
    structure,
    leaves: leaves.map((leaf): Leaf => {
      const { path, shape, dtype } = leaf;
      if (dtype === 'bool') fail(where, `${path} is bool but a state holds float32 and int32`);
      const value =
        leaf.value instanceof tf.Tensor ? { shape, values: leaf.value.dataSync<'float32' | 'int32'>() } : leaf.value;
      const values = typeof value === 'number' ? [value] : value.values;
      if (!allFinite(values)) {
        const entry = Array.from(values).findIndex(x => !Number.isFinite(x));
        fail(where, `${path} holds ${values[entry]} at entry ${entry}; a state must begin finite`);
      }
      return { ...leaf, value };
    }),
  };
}

/** Traces the step for a layout and compiles it, or finds the compiled program of the same content. */
export async function compileFor(
  where: string,
  step: StepFunction,
  layout: Layout,
  {
    record = {},
    dtype = 'float32',
    mode = 'auto',
    threads,
  }: CompileOptions & { mode?: Exclude<Mode, 'eager'> | 'auto' },
): Promise<Program> {
  const body = await traceStep(where, step, layout, dtype);
  const rows = await traceRecord(where, record, layout, dtype).catch(error => {
    native.release(Object.values(body.functions));
    throw error;
  });
  await ready();
  const chosen = mode === 'auto' ? chooseMode(body) : mode;
  const outer = mode === 'auto' && chosen === 'xla' ? chooseMode(rows) : chosen;
  return program(chosen, outer, dtype, threads ?? chooseThreads(body, runsUnderWay()), layout, body, rows);
}

export const stepOptions = ['record', 'dtype', 'mode', 'threads'];

/** Checks a step and the options that say how it is compiled. */
export function checkStep(
  where: string,
  step: unknown,
  { record = {}, dtype, mode, threads }: CompileOptions,
  modes: readonly string[],
): void {
  if (typeof step !== 'function') fail(where, `step is ${typeof step} but must be a function`);
  oneOf(where, 'dtype', dtype, ['float32', 'float64']);
  oneOf(where, 'mode', mode, modes);
  if (threads !== undefined) wholeNumber(where, 'threads', threads);
  for (const [name, f] of Object.entries(record)) {
    if (name === 'step' || name === 't') fail(where, `record names "${name}", which every row has already`);
    if (typeof f !== 'function') fail(where, `record.${name} is ${typeof f} but must be a function`);
  }
}

/** A compiled step: `await run(state, { data, steps })` gives the state after so many steps. */
export interface Compiled<S, D, R = any> {
  (
    state: Givable<S>,
    options?: { data?: Givable<D>; steps?: number; from?: number; seed?: number; signal?: AbortSignal },
  ): Promise<Mapped<S, NdArray>>;
  /** A run as `train` gives it, with the rows of what `compile` was told to record. */
  train(state: Givable<S>, options: RunOptions<R> & { data?: Givable<D> }): Promise<Run<S, R>>;
  /** How often the step was traced: once for each layout of state and data. */
  readonly traces: number;
  /** Lets the native programs go. */
  close(): void;
}

/**
 * The step as a reusable native program: `const run = compile(step); const next = await run(state, { data, steps: 10 })`.
 *
 * Traced: all TensorFlow.js operations of the step, autodiff and raw runtime ops included, once for each layout (shapes, types and
 *   structure) of state and data, on tensors without values. `train` does the same, but anew at each call.
 * Frozen at the trace: numbers and functions the step closes over. What JavaScript does beside (console.log) happens then only.
 * Refused, with the op or tensor and the line: reading values (dataSync, array, a branch on a value); what differs between two traces
 *   (Math.random, Date.now, tf.randomNormal, a counter); tensors from outside state and data; ops that draw or keep a state (dropout,
 *   multinomial), that have no graph form, or whose result's shape depends on values; a state that changes structure, shape or type;
 *   tensors kept beyond the step (tf.keep, tf.variable, assign), each by its line; with float64, ops that exist in float32 only.
 * Stopped by its signal or the stop button, `run` rejects with Interrupted; run.train gives rows, the state so far and a status.
 * Nothing falls back to eager. An index out of range is an error in every mode. Arithmetic is done as written; fences.ts says what
 * is left to XLA: last bits, and integers that come of a division by 0 or a cast of what no int32 is. Errors: UsageError.
 */
export function compile<S = any, D = any, R = Unrecorded<S>>(
  step: (state: S, data: D, draw: Draw) => S,
  options: {
    record?: Recorders<S, D, R>;
    dtype?: Float;
    mode?: NativeMode | 'auto';
    threads?: number;
  } = {},
): Compiled<S, D, R> {
  const where = 'compile';
  knownOptions(where, options, stepOptions);
  const { record = {}, dtype = 'float32', mode = 'auto', threads } = options;
  checkStep(where, step, { record, dtype, mode, threads }, ['auto', 'graph', 'xla']);
  const programs: Programs = new Map();
  const given = (tree: unknown, data: unknown = {}): { state: Given; data: Given } => ({
    state: givenState(where, tree),
    data: flatten(where, 'data', data),
  });

  /** An engine for one run; the values of state and data are copied before anything is awaited. */
  const open = async (layout: ReturnType<typeof given>) => {
    const [start, data] = [layout.state, layout.data].map(({ leaves }) =>
      leaves.map(leaf => nativeTensor(leaf, dtype)),
    );
    const key = JSON.stringify(
      [layout.state, layout.data].map(({ structure, leaves }) => [
        structure,
        leaves.map(({ shape, dtype }) => [shape, dtype]),
      ]),
    );
    try {
      if (!programs.has(key)) {
        const opening = compileFor(where, step as StepFunction, layout, {
          record: record as any,
          dtype,
          mode,
          threads,
        });
        programs.set(key, opening);
        opening.catch(() => programs.delete(key));
      }
      const program = await programs.get(key)!;
      program.holders++;
      return compiledEngine(where, program, Object.keys(record), layout.state.leaves, start, data);
    } catch (error) {
      native.release([...start, ...data]);
      throw error;
    }
  };

  const run = async (
    tree: unknown,
    options: { data?: unknown; steps?: number; from?: number; seed?: number; signal?: AbortSignal } = {},
  ) => {
    knownOptions(where, options, ['data', 'steps', 'from', 'seed', 'signal']);
    const { data, steps = 1, from = 0, seed = 0, signal } = options;
    wholeNumber(where, 'steps', steps);
    wholeNumber(where, 'from', from, 0);
    stepNumbers(where, { steps: from + steps, from, seed });
    const interrupted = interruption(where, signal);
    const layout = given(tree, data);
    const engine = await open(layout);
    try {
      // Without rows there is no telling at which step a state stopped being finite: it is given as it is.
      const toTheEnd: typeof engine = {
        ...engine,
        advance: async (state, call) => ({ ...(await engine.advance(state, call)), finite: true }),
      };
      const end = await advanceAll(where, toTheEnd, {
        steps: from + steps,
        from,
        every: planner(where, [], from + steps),
        seed,
        dt: 1,
        interrupted,
      });
      const state = readState(engine, layout.state, end.state);
      engine.free(end.state);
      if (end.status === 'interrupted')
        throw new Interrupted(`${where}: interrupted after ${end.done - from} of ${steps} steps`);
      return state;
    } finally {
      engine.close();
    }
  };
  const compiled = Object.defineProperties(run, {
    train: {
      value: async (tree: unknown, options: RunOptions & { data?: unknown }) => {
        knownOptions(where, options, [...runOptions, 'data']);
        const go = running(where, options),
          layout = given(tree, options.data);
        return go(layout.state, dtype, () => open(layout));
      },
    },
    traces: { get: () => programs.size },
    close: { value: () => letGo(programs) },
  }) as unknown as Compiled<S, D, R>;
  forgotten.register(compiled, programs);
  return compiled;
}

type Programs = Map<string, Promise<Program>>;

/** The programs are no longer held; the cache closes the longest unused ones. */
function letGo(programs: Programs): void {
  for (const opened of programs.values())
    opened.then(
      program => {
        program.holders--;
      },
      () => undefined,
    );
  programs.clear();
}

const forgotten = new FinalizationRegistry(letGo);

/** An engine for one run. The values of state and data are copied before anything is awaited. */
export async function openEngine(
  where: string,
  step: StepFunction,
  state: Given,
  data: Given,
  options: CompileOptions,
): Promise<Engine<any>> {
  const { record = {}, dtype = 'float32', mode = 'auto' } = options;
  const layout: Layout = { state, data };
  if (mode === 'eager') {
    if (dtype === 'float64')
      fail(
        where,
        'mode is "eager" but dtype is "float64"; TensorFlow.js computes in float32 only, so float64 needs mode "graph" or "xla"',
      );
    const [start, given] = [state, data].map(({ leaves }) => leaves.map(eagerTensor));
    try {
      return eagerEngine(where, step, record, layout, start, given);
    } catch (error) {
      tf.dispose([start, given]);
      throw error;
    }
  }
  const [start, given] = [state, data].map(({ leaves }) => leaves.map(leaf => nativeTensor(leaf, dtype)));
  try {
    const compiled = await compileFor(where, step, layout, { ...options, mode });
    return compiledEngine(where, compiled, Object.keys(record), state.leaves, start, given);
  } catch (error) {
    native.release([...start, ...given]);
    throw error;
  }
}

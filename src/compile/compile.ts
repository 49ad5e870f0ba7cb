/** From a step function to an engine: traced, refused where it must be, and given the engine and the threads its rule says. */
import { fail, oneOf, wholeNumber } from '../check';
import type { NdArray } from '../ndarray';
import { tf } from '../tf';
import { traceRecord, traceStep, type Draw, type Layout, type RecordFunction, type StepFunction } from './body';
import { compiledEngine, nativeTensor } from './compiled';
import { eagerEngine, eagerTensor } from './eager';
import type { Engine, Mode } from './engine';
import { flatten, unflatten, type Givable, type Leaf, type Mapped, type Structure } from './leaves';
import { native, type NativeMode, type NativeTensor } from './native';
import { program, type Program } from './program';
import { chooseMode, chooseThreads, ready } from './rule';
import { runsUnderWay } from './slots';
import type { Float } from './trace';

export interface CompileOptions {
  record?: Readonly<Record<string, RecordFunction>>;
  dtype?: Float;
  mode?: Mode | 'auto';
  threads?: number;
}

/** State or data, taken apart. */
export interface Given { structure: Structure; leaves: Leaf[] }

export const noData: Given = { structure: {}, leaves: [] };

/** Whether all values are finite: 0 times them adds up to 0. Four sums, so that no addition waits for the one before. */
function allFinite(values: ArrayLike<number>): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - values.length % 4;
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
  return { structure, leaves: leaves.map((leaf): Leaf => {
    const { path, shape, dtype } = leaf;
    if (dtype === 'bool') fail(where, `${path} is bool but a state holds float32 and int32`);
    const value = leaf.value instanceof tf.Tensor ? { shape, values: leaf.value.dataSync<'float32' | 'int32'>() } : leaf.value;
    const values = typeof value === 'number' ? [value] : value.values;
    if (!allFinite(values)) {
      const entry = Array.from(values).findIndex(x => !Number.isFinite(x));
      fail(where, `${path} holds ${values[entry]} at entry ${entry}; a state must begin finite`);
    }
    return { ...leaf, value };
  }) };
}

/** Traces the step for a layout and compiles it, or finds the compiled program of the same content. */
export async function compileFor(where: string, step: StepFunction, layout: Layout,
  { record = {}, dtype = 'float32', mode = 'auto', threads }: CompileOptions & { mode?: Exclude<Mode, 'eager'> | 'auto' }): Promise<Program> {
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

/** A compiled step: `await run(state, { data, steps })` gives the state after so many steps. */
export interface Compiled<S, D> {
  (state: Givable<S>, options?: { data?: Givable<D>; steps?: number; from?: number; seed?: number }): Promise<Mapped<S, NdArray>>;
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
 * Nothing falls back to eager. Errors elsewhere, under xla an index out of range is clamped and an integer over 0 is -1. Errors: UsageError.
 */
export function compile<S = any, D = any>(step: (state: S, data: D, draw: Draw) => S,
  { dtype = 'float32', mode = 'auto', threads }: { dtype?: Float; mode?: NativeMode | 'auto'; threads?: number } = {}): Compiled<S, D> {
  const where = 'compile';
  if (typeof step !== 'function') fail(where, `step is ${typeof step} but must be a function`);
  oneOf(where, 'dtype', dtype, ['float32', 'float64']);
  oneOf(where, 'mode', mode, ['auto', 'graph', 'xla']);
  if (threads !== undefined) wholeNumber(where, 'threads', threads);
  const programs: Programs = new Map();
  const run = async (tree: unknown, { data, steps = 1, from = 0, seed = 0 }: { data?: unknown; steps?: number; from?: number; seed?: number } = {}) => {
    wholeNumber(where, 'steps', steps);
    const layout = { state: givenState(where, tree), data: flatten(where, 'data', data ?? {}) };
    const [start, given] = [layout.state, layout.data].map(({ leaves }) => leaves.map(leaf => nativeTensor(leaf, dtype)));
    const key = JSON.stringify([layout.state, layout.data].map(({ structure, leaves }) => [structure, leaves.map(({ shape, dtype }) => [shape, dtype])]));
    let state = start;
    try {
      if (!programs.has(key)) {
        const opening = compileFor(where, step as StepFunction, layout, { dtype, mode, threads });
        programs.set(key, opening);
        opening.catch(() => programs.delete(key));
      }
      const engine = compiledEngine(where, await programs.get(key)!, [], layout.state.leaves, start, given);
      for (let done = 0; done < steps;) {
        const by = Math.min(steps - done, engine.steps);
        const advanced = await engine.advance(state, { ends: [by], done: from + done, seed });
        engine.free(state);
        [state, done] = [advanced.state as NativeTensor[], done + by];
      }
      const leaves = engine.read(state).map((values, i) => ({ shape: [...layout.state.leaves[i].shape], values: values as NdArray['values'] }));
      return unflatten(layout.state.structure, leaves);
    } finally {
      native.release([...state, ...given]);
    }
  };
  const compiled = Object.defineProperties(run, {
    traces: { get: () => programs.size },
    close: { value: () => letGo(programs) },
  }) as unknown as Compiled<S, D>;
  forgotten.register(compiled, programs);
  return compiled;
}

type Programs = Map<string, Promise<Program>>;

/** The programs are no longer held; the cache closes the longest unused ones. */
function letGo(programs: Programs): void {
  for (const opened of programs.values()) opened.then(program => { program.holders--; }, () => undefined);
  programs.clear();
}

const forgotten = new FinalizationRegistry(letGo);

/** An engine for one run. The values of state and data are copied before anything is awaited. */
export async function openEngine(where: string, step: StepFunction, state: Given, data: Given, options: CompileOptions): Promise<Engine<any>> {
  const { record = {}, dtype = 'float32', mode = 'auto' } = options;
  const layout: Layout = { state, data };
  if (mode === 'eager') {
    if (dtype === 'float64') fail(where, 'mode is "eager" but dtype is "float64"; TensorFlow.js computes in float32 only, so float64 needs mode "graph" or "xla"');
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

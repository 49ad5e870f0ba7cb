/** From a step function to an engine: options checked, traced, compiled, and given what a run begins with. */
import { fail, oneOf, wholeNumber } from '../base/check';
import { tf } from '../autodiff/tf';
import { eagerEngine, eagerTensor } from './eager-engine';
import type { Engine, Mode } from './engine';
import { chooseMode, chooseThreads } from './heuristics';
import { native, type NativeMode } from './native';
import { nativeEngine, nativeTensor, type NativeState } from './native-engine';
import type { Float, Layout } from './operation';
import { compiledProgram, type Program } from './program';
import type { GivenTrees } from './tree';
import { runsUnderWay } from './thread-pool';
import { handlesOf, traceRecord, traceStep, type RecordFunctions, type StepFunction } from './trace/traced-function';
import { xlaReady } from './xla/ready';

export interface StepOptions<M extends Mode = Mode> {
  record: RecordFunctions;
  dtype: Float;
  mode: M | 'auto';
  threads?: number;
}

export const stepOptions = ['record', 'dtype', 'mode', 'threads'];

/** The options with their defaults; refuses a step that is not a function, and options that are none. */
export function checkedStep<M extends Mode>(
  where: string,
  step: unknown,
  options: Partial<StepOptions<M>>,
  modes: readonly M[],
): StepOptions<M> {
  const { record = {}, dtype = 'float32', mode = 'auto', threads } = options;
  if (typeof step !== 'function') fail(where, `step is ${typeof step} but must be a function`);
  oneOf(where, 'dtype', dtype, ['float32', 'float64']);
  oneOf(where, 'mode', mode, ['auto', ...modes]);
  if (threads !== undefined) wholeNumber(where, 'threads', threads);
  for (const [name, f] of Object.entries(record)) {
    if (name === 'step' || name === 't') fail(where, `record names "${name}", which every row has already`);
    if (typeof f !== 'function') fail(where, `record.${name} is ${typeof f} but must be a function`);
  }
  return { record, dtype, mode, threads };
}

/** Traces the step for a layout and compiles it, or finds the compiled program of the same content. */
export async function programFor(
  where: string,
  step: StepFunction,
  layout: Layout,
  { record, dtype, mode, threads }: StepOptions<NativeMode>,
): Promise<Program> {
  const body = await traceStep(where, step, layout, dtype);
  const rows = await traceRecord(where, record, layout, dtype).catch(error => {
    native.release(handlesOf(body));
    throw error;
  });
  await xlaReady();
  const chosen = mode === 'auto' ? chooseMode(body) : mode;
  return compiledProgram({
    mode: chosen,
    recordMode: mode === 'auto' && chosen === 'xla' ? chooseMode(rows) : chosen,
    float: dtype,
    threads: threads ?? chooseThreads(body, chosen, runsUnderWay()),
    layout,
    step: body,
    record: rows,
  });
}

/** An engine for one run of the program that `open` opens. State and data are copied before anything is awaited. */
export async function openNative(
  where: string,
  { state, data }: GivenTrees,
  { record, dtype }: StepOptions,
  open: () => Promise<Program>,
): Promise<Engine<NativeState>> {
  const [start, given] = [state, data].map(({ leaves }) => leaves.map(leaf => nativeTensor(where, leaf, dtype)));
  try {
    return nativeEngine(where, await open(), Object.keys(record), state.leaves, start, given);
  } catch (error) {
    native.release([...start, ...given]);
    throw error;
  }
}

/** An engine that runs the step as TensorFlow.js does by itself, operation by operation. */
export function openEager(where: string, step: StepFunction, layout: GivenTrees, how: StepOptions): Engine<any> {
  const { record, dtype } = how;
  if (dtype === 'float64')
    fail(
      where,
      'mode is "eager" but dtype is "float64"; TensorFlow.js computes in float32 only, so float64 needs mode "graph" or "xla"',
    );
  const [start, data] = [layout.state, layout.data].map(({ leaves }) => leaves.map(leaf => eagerTensor(where, leaf)));
  try {
    return eagerEngine({ where, step, record, layout, data }, start);
  } catch (error) {
    tf.dispose([start, data]);
    throw error;
  }
}

/** From a step function to an engine: options checked, traced, compiled, and given what a run begins with. */
import { fail, oneOf, wholeNumber } from '../base/check';
import { tf } from '../autodiff/tf';
import { eagerEngine, eagerTensor } from './eager-engine';
import type { Engine, Mode } from './engine';
import { chooseMode, chooseThreads } from './heuristics';
import { native, type NativeMode } from './native';
import { nativeEngine, nativeTensor, type NativeState } from './native-engine';
import type { Float, Layout } from './operation';
import { compiledProgram, knownProgram, type Program } from './program';
import type { GivenTrees } from './tree';
import { runsUnderWay } from './thread-pool';
import {
  handlesOf,
  traceRecord,
  traceStep,
  type RecordFunctions,
  type StepFunction,
  type TracedFunction,
  type TracedOnce,
} from './trace/traced-function';
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

/** Both functions traced once more, or neither; what was traced once is let go. */
async function tracedAgain(once: readonly TracedOnce[]): Promise<TracedFunction[]> {
  const whole: TracedFunction[] = [];
  try {
    for (const one of once) whole.push(await one.again());
    return whole;
  } catch (error) {
    native.release(whole.flatMap(handlesOf));
    for (const one of once.slice(whole.length)) one.release();
    throw error;
  }
}

/** Traces the step for a layout. Compiles it, unless the same content was compiled before. */
export async function programFor(
  where: string,
  step: StepFunction,
  layout: Layout,
  { record, dtype, mode, threads }: StepOptions<NativeMode>,
): Promise<Program> {
  const once = [traceStep(where, step, layout, dtype)];
  try {
    once.push(traceRecord(where, record, layout, dtype, once[0]));
  } catch (error) {
    once[0].release();
    throw error;
  }
  await xlaReady();
  const [body, rows] = once;
  const chosen = mode === 'auto' ? chooseMode(body) : mode;
  const how = {
    mode: chosen,
    recordMode: mode === 'auto' && chosen === 'xla' ? chooseMode(rows) : chosen,
    float: dtype,
    threads: threads ?? chooseThreads(body, chosen, runsUnderWay()),
  };
  const known = knownProgram({ ...how, step: body, record: rows });
  if (known) {
    for (const one of once) one.release();
    return known;
  }
  const [wholeStep, wholeRecord] = await tracedAgain(once);
  return compiledProgram({ ...how, layout, step: wholeStep, record: wholeRecord });
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

/** From a step function to an engine: traced, refused where it must be, and given the engine and the threads its rule says. */
import { fail } from '../check';
import { traceRecord, traceStep, type Layout, type RecordFunction, type StepFunction } from './body';
import { compiledEngine, nativeTensor } from './compiled';
import { eagerEngine, eagerTensor } from './eager';
import type { Engine, Mode } from './engine';
import { flatten, type Leaf, type Structure } from './leaves';
import { native } from './native';
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

/** Takes a state apart; refuses what a loop cannot carry and what is not finite to begin with. */
export function givenState(where: string, tree: unknown): Given {
  const given = flatten(where, 'state', tree);
  if (given.leaves.length === 0) fail(where, 'state holds no tensor');
  for (const { path, dtype, value } of given.leaves) {
    if (dtype === 'bool') fail(where, `${path} is bool but a state holds float32 and int32`);
    const values = typeof value === 'number' ? [value] : 'values' in value ? value.values : value.dataSync();
    const bad = values.findIndex((x: number) => !Number.isFinite(x));
    if (bad >= 0) fail(where, `${path} holds ${values[bad]} at entry ${bad}; a state must begin finite`);
  }
  return given;
}

/** Traces the step for a layout and compiles it, or finds the compiled program of the same content. */
export async function compileFor(where: string, step: StepFunction, layout: Layout,
  { record = {}, dtype = 'float32', mode = 'auto', threads }: CompileOptions & { mode?: Exclude<Mode, 'eager'> | 'auto' }): Promise<Program> {
  const body = await traceStep(where, step, layout, dtype);
  const rows = await traceRecord(where, record, layout, dtype);
  if (mode === 'auto') await ready();
  const chosen = mode === 'auto' ? chooseMode(body) : mode;
  const outer = mode === 'auto' && chosen === 'xla' ? chooseMode(rows) : chosen;
  return program(chosen, outer, dtype, threads ?? chooseThreads(body, runsUnderWay()), layout, body, rows);
}

/** An engine for one run. The values of state and data are copied before anything is awaited. */
export async function openEngine(where: string, step: StepFunction, state: Given, data: Given, options: CompileOptions): Promise<Engine<any>> {
  const { record = {}, dtype = 'float32', mode = 'auto' } = options;
  const layout: Layout = { state, data };
  if (mode === 'eager') {
    if (dtype === 'float64') fail(where, 'mode is "eager" but dtype is "float64"; TensorFlow.js computes in float32 only, so float64 needs mode "graph" or "xla"');
    return eagerEngine(where, step, record, layout, state.leaves.map(eagerTensor), data.leaves.map(eagerTensor));
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

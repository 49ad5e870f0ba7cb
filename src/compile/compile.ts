/** From a step function to an engine: traced, refused where it must be, and given the engine and the threads its rule says. */
import os from 'node:os';
import { fail } from '../check';
import { traceRecord, traceStep, type Layout, type RecordFunction, type StepFunction } from './body';
import { compiledEngine } from './compiled';
import { eagerEngine } from './eager';
import type { Engine, Mode } from './engine';
import { flatten, type Structure } from './leaves';
import { program } from './program';
import type { Float } from './trace';

export interface Options {
  record?: Readonly<Record<string, RecordFunction>>;
  dtype?: Float;
  mode?: Mode | 'auto';
  threads?: number;
}

export interface Prepared {
  engine: Engine<any>;
  structure: Structure;
  leaves: readonly { path: string; shape: readonly number[]; dtype: string }[];
}

/** Traces and compiles the step for this state and data, and opens an engine for one run. */
export function prepare(where: string, step: StepFunction, state: unknown, data: unknown, { record = {}, dtype = 'float32', mode = 'auto', threads }: Options): Prepared {
  const [s, d] = [flatten(where, 'state', state), flatten(where, 'data', data)];
  for (const { path, dtype } of s.leaves) if (dtype === 'bool') fail(where, `${path} is bool; a state holds float32 and int32`);
  const layout: Layout = { state: s, data: d };
  const open = () => {
    if (mode === 'eager') {
      if (dtype === 'float64') fail(where, `mode is "eager" but dtype is "float64"; TensorFlow.js computes in float32 only, so float64 needs mode "graph" or "xla"`);
      return eagerEngine(where, step, record, layout, s.leaves, d.leaves);
    }
    const body = traceStep(where, step, layout, dtype);
    const rows = traceRecord(where, record, layout, dtype);
    const chosen = mode === 'auto' ? 'xla' : mode;
    return compiledEngine(where, program(chosen, dtype, threads ?? Math.min(2, os.availableParallelism()), layout, body, rows), Object.keys(record), s.leaves, d.leaves);
  };
  return { engine: open(), structure: s.structure, leaves: s.leaves };
}

/** The step and the recorded values as native functions, which the loop calls. */
import { createHash } from 'node:crypto';
import type { tf } from '../../autodiff/tf';
import { native, type NativeFunction, type NativeGraph, type NativeMode } from '../native';
import type { Float, Layout, Operation, Spec } from '../operation';
import { unflatten, type LeafType } from '../tree';
import type { CustomCall } from '../xla/custom-call';
import { drawing, drawType, type Draw, type DrawSpec } from './draws';
import { withoutLeaks } from './leaks';
import type { Trace } from './recording';
import { nextState, recordedTensor } from './returned';
import { totalWork, trace, traceAgain, type Tracer } from './trace';

export type StepFunction = (state: any, data: any, draw: Draw, number: tf.Scalar) => unknown;
export type RecordFunctions = Readonly<Record<string, (state: any, data: any) => tf.Tensor>>;

export interface TracedFunction {
  /** The function for each native engine. */
  functions: Readonly<Record<NativeMode, NativeFunction>>;
  draws: DrawSpec[];
  /** Whether it uses the step's number, which is then its last argument. */
  usesNumber: boolean;
  results: Spec[];
  operations: readonly Operation[];
  /** The calls of OpenBLAS when XLA compiles the function, by the index of the operation that each replaces. */
  calls: ReadonlyMap<number, CustomCall>;
  /** About how many multiplications and additions one call takes. */
  work: number;
  /** Whether the function for XLA has one more result: the first index out of range (xla/index-checks.ts). */
  checksIndices: boolean;
  /** Equal digests are equal functions. */
  digest: string;
}

const turnOfEventLoop = () => new Promise<void>(resolve => setImmediate(resolve));

/** What a function draws and gives, as known when it was traced. */
type Found = Pick<TracedFunction, 'draws' | 'usesNumber' | 'results'>;

/** Traces `f`, and once more a millisecond later: what differs was decided by JavaScript outside the arguments. */
async function traceTwice(where: string, name: string, float: Float, f: (t: Tracer) => Found): Promise<TracedFunction> {
  let found: Found | undefined;
  const traced = (t: Tracer) => {
    const now = f(t);
    found ??= now;
  };
  const graphs: NativeGraph[] = [];
  const run = (make: () => Trace) =>
    withoutLeaks(where, name, () => {
      const made = make();
      graphs.push(made.graph);
      return made;
    });
  try {
    const first = run(() => trace(where, float, traced));
    const begun = Date.now();
    do await turnOfEventLoop();
    while (Date.now() === begun);
    const again = run(() => traceAgain(where, float, traced, first));
    const functionOf = ({ graph, inputs, outputs }: Trace) => native.createFunction(graph, name, inputs, outputs);
    const graph = functionOf(first);
    const xla = again.graph === first.graph ? graph : functionOf(again);
    const content = [name, float, first.outputs, found!.draws, ...first.operations.map(({ text }) => text)];
    return {
      ...found!,
      functions: { graph, xla },
      operations: again.operations,
      calls: first.calls,
      work: totalWork(first.operations),
      checksIndices: first.checksIndices,
      digest: createHash('sha256').update(JSON.stringify(content)).digest('base64'),
    };
  } finally {
    native.release(graphs);
  }
}

function argumentsOf(t: Tracer, { state, data }: Layout): [unknown, unknown] {
  const tensors = (name: string, leaves: readonly Spec[]) => leaves.map((leaf, i) => t.input(`${name}_${i}`, leaf));
  return [
    unflatten(state.structure, tensors('state', state.leaves)),
    unflatten(data.structure, tensors('data', data.leaves)),
  ];
}

/** The step as a native function of [state, data, draws, the step's number if it uses that]; gives the next state. */
export function traceStep(where: string, step: StepFunction, layout: Layout, float: Float): Promise<TracedFunction> {
  return traceTwice(where, 'step', float, t => {
    const draws: DrawSpec[] = [];
    const draw = drawing(where, spec => {
      draws.push(spec);
      return t.input(`draw ${JSON.stringify(spec)}`, { shape: spec.shape, dtype: drawType(spec) });
    });
    const number = t.lateInput('number', { shape: [], dtype: 'int32' });
    t.results(nextState(where, layout, step(...argumentsOf(t, layout), draw, number.tensor as tf.Scalar)));
    return {
      draws,
      usesNumber: number.isUsed(),
      results: layout.state.leaves.map(({ shape, dtype }) => ({ shape, dtype })),
    };
  });
}

/** The recorded values as one native function of [state, data]. */
export function traceRecord(where: string, record: RecordFunctions, layout: Layout, float: Float) {
  return traceTwice(where, 'record', float, t => {
    const args = argumentsOf(t, layout);
    const tensors = Object.entries(record).map(([name, f]) => recordedTensor(where, name, f(...args)));
    t.results(tensors);
    return {
      draws: [],
      usesNumber: false,
      results: tensors.map(({ shape, dtype }) => ({ shape, dtype: dtype as LeafType })),
    };
  });
}

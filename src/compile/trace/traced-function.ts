/** The step and the recorded values as native functions, which the loop calls. */
import type { tf } from '../../autodiff/tf';
import { native, type NativeMode } from '../native';
import type { Float, GraphFunction, Layout, Operation, Spec, Trace } from '../operation';
import { unflatten, type LeafType } from '../tree';
import { digestOf } from './first-trace';
import { drawType, withDraw, type Draw, type DrawSpec, type Taken } from './draws';
import { withoutLeaks } from './leaks';
import { nextState, recordedTensor } from './returned';
import { totalWork, trace, traceAgain, type Tracer, type WholeTrace } from './trace';

export type StepFunction = (state: any, data: any, draw: Draw, number: tf.Scalar) => unknown;
export type RecordFunctions = Readonly<Record<string, (state: any, data: any, draw: Draw) => tf.Tensor>>;

export interface TracedFunction extends Pick<Trace, 'operations' | 'calls' | 'checksIndices' | 'digest'> {
  /** For each native engine the function, which is the last one, and those that its loops call. */
  functions: Readonly<Record<NativeMode, readonly GraphFunction[]>>;
  draws: DrawSpec[];
  /** Whether it uses the step's number, which is then its last argument. */
  usesNumber: boolean;
  results: Spec[];
  /** All operations, those of bodies of loops too, with the lines that called them. */
  all: readonly Operation[];
  /** About how many multiplications and additions one call takes. */
  work: number;
}

/** The native functions of a traced function, to release. */
export const handlesOf = ({ functions }: TracedFunction) =>
  [...functions.graph, ...functions.xla].map(({ handle }) => handle);

const turnOfEventLoop = () => new Promise<void>(resolve => setImmediate(resolve));

/** What a function draws and gives, as known when it was traced. */
type Found = Pick<TracedFunction, 'draws' | 'usesNumber' | 'results'>;

/** What the first trace of a function knows of it. Its digest tells whether the same function was compiled before. */
export interface TracedOnce extends Omit<TracedFunction, 'functions' | 'all'> {
  /** Traces it once more, a millisecond later: what differs was decided by JavaScript outside the arguments. */
  again(): Promise<TracedFunction>;
  /** Lets go of what `again` needs, which does so itself. */
  release(): void;
}

function traceOnce(where: string, name: string, float: Float, f: (t: Tracer) => Found): TracedOnce {
  let found: Found | undefined;
  const traced = (t: Tracer) => {
    const now = f(t);
    found ??= now;
  };
  const run = (make: () => WholeTrace) => {
    let made: WholeTrace | undefined;
    try {
      return withoutLeaks(where, name, () => (made = make()));
    } catch (error) {
      native.release(made?.graphs ?? []);
      throw error;
    }
  };
  const given = { where, name, float, f: traced };
  const first = run(() => trace(given));
  const begun = Date.now();
  const { operations, calls, checksIndices } = first;
  const known = {
    ...found!,
    operations,
    calls,
    checksIndices,
    work: totalWork(operations),
    digest: digestOf([name, float, found!.draws, first.digest]),
  };
  const functionsOf = ({ graph, functions, inputs, outputs }: Trace) => [
    ...functions,
    { name, handle: native.createFunction(graph, name, inputs, outputs, false) },
  ];
  return {
    ...known,
    async again() {
      const graphs = [...first.graphs];
      try {
        do await turnOfEventLoop();
        while (Date.now() === begun);
        const again = run(() => traceAgain(given, first));
        graphs.push(...again.graphs);
        const graph = functionsOf(first);
        const xla = again.graph === first.graph ? graph : functionsOf(again);
        return { ...known, functions: { graph, xla }, operations: again.operations, all: again.all };
      } finally {
        native.release(graphs);
      }
    },
    release: () => native.release([...first.graphs, ...first.functions.map(({ handle }) => handle)]),
  };
}

function argumentsOf(t: Tracer, { state, data }: Layout): [unknown, unknown] {
  const tensors = (name: string, leaves: readonly Spec[]) => leaves.map((leaf, i) => t.input(`${name}_${i}`, leaf));
  return [
    unflatten(state.structure, tensors('state', state.leaves)),
    unflatten(data.structure, tensors('data', data.leaves)),
  ];
}

/** What a function gives that is called with what it draws by, and what it has drawn: each an argument. */
function drawnInputs<T>(where: string, t: Tracer, taken: Taken, f: (draw: Draw) => T): { draws: DrawSpec[]; value: T } {
  const draws: DrawSpec[] = [];
  const input = (spec: DrawSpec) => {
    draws.push(spec);
    return t.input(`draw ${JSON.stringify(spec)}`, { shape: spec.shape, dtype: drawType(spec) });
  };
  return { draws, value: withDraw(where, input, taken, f) };
}

/** The step as a native function of [state, data, draws, the step's number if it uses that]; gives the next state. */
export function traceStep(where: string, step: StepFunction, layout: Layout, float: Float): TracedOnce {
  return traceOnce(where, 'step', float, t => {
    const number = t.lateInput('number', { shape: [], dtype: 'int32' });
    const { draws, value } = drawnInputs(where, t, { by: 'a recorded value', streams: [] }, draw =>
      step(...argumentsOf(t, layout), draw, number.tensor as tf.Scalar),
    );
    t.results(nextState(where, layout, value));
    return {
      draws,
      usesNumber: number.isUsed(),
      results: layout.state.leaves.map(({ shape, dtype }) => ({ shape, dtype })),
    };
  });
}

/** The recorded values as one native function of [state, data, draws], which are of other streams than the step's. */
export function traceRecord(
  where: string,
  record: RecordFunctions,
  layout: Layout,
  float: Float,
  step: Pick<TracedOnce, 'draws'>,
): TracedOnce {
  return traceOnce(where, 'record', float, t => {
    const args = argumentsOf(t, layout);
    const taken: Taken = { by: 'the step', streams: step.draws.map(({ stream }) => stream) };
    const { draws, value: tensors } = drawnInputs(where, t, taken, draw =>
      Object.entries(record).map(([name, f]) => recordedTensor(where, name, f(...args, draw))),
    );
    t.results(tensors);
    return {
      draws,
      usesNumber: false,
      results: tensors.map(({ shape, dtype }) => ({ shape, dtype: dtype as LeafType })),
    };
  });
}

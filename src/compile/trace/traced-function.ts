/** The traced bodies of a loop: the step, and the recorded values, each as one native function with a digest of its content. */
import { createHash } from 'node:crypto';
import { fail, knownOptions, wholeNumber } from '../../base/check';
import { integerRange } from '../../base/random';
import { streamOf } from '../../base/streams';
import { tf } from '../../autodiff/tf';
import type { CustomCall } from '../xla/custom-call';
import { withoutLeaks } from './leaks';
import { flatten, unflatten, type Leaf, type LeafType, type Structure } from '../tree';
import { native, type NativeFunction, type NativeGraph, type NativeMode } from '../native';
import { trace, type Float, type Operation, type Spec, type Trace } from './trace';

export type DrawKind = 'normal' | 'uniform' | 'integers' | 'permutation';
/** `low` and `range` are those of integers. */
export interface DrawSpec {
  kind: DrawKind;
  stream: string;
  shape: readonly number[];
  low: number;
  range: number;
}

/** Random numbers inside a step, keyed by the run's seed, the stream's name and the step's number. */
export interface Draw {
  /** Independent standard normals. */
  normal(shape: readonly number[], stream: string): tf.Tensor;
  /** Independent uniforms on the open interval (0, 1). */
  uniform(shape: readonly number[], stream: string): tf.Tensor;
  /** Independent integers, each of low (by default 0), low + 1, ..., high - 1 equally likely; int32. */
  integers(shape: readonly number[], stream: string, options: { low?: number; high: number }): tf.Tensor;
  /** 0, 1, ..., n - 1 in a random order, each order equally likely; int32. */
  permutation(n: number, stream: string): tf.Tensor;
}

export const drawType = ({ kind }: DrawSpec): LeafType =>
  kind === 'integers' || kind === 'permutation' ? 'int32' : 'float32';

export type StepFunction = (state: any, data: any, draw: Draw) => unknown;
export type RecordFunction = (state: any, data: any) => tf.Tensor;

/** The structures, shapes and types of state and data: what a program is compiled for. */
export interface Layout {
  state: { structure: Structure; leaves: readonly (Spec & { path: string })[] };
  data: { structure: Structure; leaves: readonly (Spec & { path: string })[] };
}

export interface Body {
  /** The body for each native engine. */
  functions: Readonly<Record<NativeMode, NativeFunction>>;
  draws: DrawSpec[];
  results: Spec[];
  operations: readonly Operation[];
  /** The calls into a library when XLA compiles it, by the place of the operation that each stands for. */
  calls: ReadonlyMap<number, CustomCall>;
  work: number;
  /** Whether XLA's function has one result more, which tells an index out of range. */
  tells: boolean;
  /** What identifies the body: equal digests are equal programs. */
  digest: string;
}

/** A draw as the step sees it; `make` gives the numbers. A stream drawn twice is refused: it would give the same numbers. */
export function drawing(where: string, make: (spec: DrawSpec) => tf.Tensor): Draw {
  const seen = new Set<string>();
  const draw = (kind: DrawKind, shape: readonly number[], stream: string, low = 0, range = 0) => {
    const at = `${where}: draw.${kind}`;
    streamOf(at, stream);
    if (!Array.isArray(shape) || shape.some(n => !Number.isInteger(n) || n < 0))
      fail(at, `shape is ${JSON.stringify(shape)} but must be whole numbers`);
    if (seen.has(stream))
      fail(
        at,
        `stream ${JSON.stringify(stream)} is drawn twice in one step, which gives the same numbers twice; name two streams`,
      );
    seen.add(stream);
    return make({ kind, stream, shape: [...shape], low, range });
  };
  return {
    normal: (shape, stream) => draw('normal', shape, stream),
    uniform: (shape, stream) => draw('uniform', shape, stream),
    integers(shape, stream, options) {
      const at = `${where}: draw.integers`;
      knownOptions(at, options, ['low', 'high']);
      const { low = 0, high } = options;
      return draw('integers', shape, stream, low, integerRange(at, low, high));
    },
    permutation: (n, stream) => draw('permutation', [wholeNumber(`${where}: draw.permutation`, 'n', n, 0)], stream),
  };
}

/** Checks that what a step returned is a state like the one it got; gives its leaves in that state's order. */
export function nextState(where: string, layout: Layout, returned: unknown): tf.Tensor[] {
  if (returned instanceof Promise) fail(where, 'the step returned a promise but must return the next state at once');
  const { leaves } = flatten(where, 'state', returned);
  const byPath = new Map<string, Leaf>(leaves.map(leaf => [leaf.path, leaf]));
  const next = layout.state.leaves.map(({ path, shape, dtype }) => {
    const leaf = byPath.get(path);
    if (!leaf) return fail(where, `the step returned no ${path}, which the state has`);
    byPath.delete(path);
    if (!(leaf.value instanceof tf.Tensor))
      return fail(
        where,
        `the step returned ${path} as a ${typeof leaf.value === 'number' ? 'number' : 'host array'} but must return a tensor`,
      );
    if (leaf.dtype !== dtype || leaf.shape.length !== shape.length || leaf.shape.some((n, i) => n !== shape[i]))
      fail(
        where,
        `the step returned ${path} as ${leaf.dtype} [${leaf.shape}] but the state has ${dtype} [${shape}]; shape and type must stay`,
      );
    return leaf.value;
  });
  for (const path of byPath.keys()) fail(where, `the step returned ${path}, which the state has not`);
  return next;
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve));

/** Traces `f`, then replays it a millisecond later: what differs was decided by JavaScript outside the arguments. */
async function traceTwice(
  where: string,
  name: string,
  float: Float,
  f: (t: Trace) => { draws: DrawSpec[]; results: Spec[] },
): Promise<Body> {
  const graphs: NativeGraph[] = [];
  const once = (first?: Trace) => {
    let made: ReturnType<typeof f> | undefined;
    const t = withoutLeaks(where, name, () =>
      trace(
        where,
        float,
        t => {
          graphs.push(t.graph);
          made = f(t);
        },
        first,
      ),
    );
    return { t, ...made! };
  };
  try {
    const { t, draws, results } = once();
    const traced = Date.now();
    do await turn();
    while (Date.now() === traced);
    const { t: replay } = once(t);
    const functionOf = ({ graph, inputs, outputs }: Trace) => native.createFunction(graph, name, inputs, outputs);
    const graph = functionOf(t),
      xla = replay.graph === t.graph ? graph : functionOf(replay);
    const content = [name, float, t.outputs, draws, ...t.operations.map(operation => operation.text)];
    return {
      functions: { graph, xla },
      draws,
      results,
      operations: replay.operations,
      calls: t.calls,
      work: t.work,
      tells: t.tells,
      digest: createHash('sha256').update(JSON.stringify(content)).digest('base64'),
    };
  } finally {
    native.release(graphs);
  }
}

function argumentsOf(t: Trace, { state, data }: Layout): [unknown, unknown] {
  const tensors = (name: string, leaves: readonly Spec[]) => leaves.map((leaf, i) => t.input(`${name}_${i}`, leaf));
  return [
    unflatten(state.structure, tensors('state', state.leaves)),
    unflatten(data.structure, tensors('data', data.leaves)),
  ];
}

/** The step as a native function of [state, data, draws], giving the next state. */
export function traceStep(where: string, step: StepFunction, layout: Layout, float: Float): Promise<Body> {
  return traceTwice(where, 'step', float, t => {
    const draws: DrawSpec[] = [];
    const draw = drawing(where, spec =>
      t.input(`draw_${draws.push(spec)}`, { shape: spec.shape, dtype: drawType(spec) }),
    );
    t.give(nextState(where, layout, step(...argumentsOf(t, layout), draw)));
    return { draws, results: layout.state.leaves.map(({ shape, dtype }) => ({ shape, dtype })) };
  });
}

/** The recorded values as one native function of [state, data]. */
export function traceRecord(
  where: string,
  record: Readonly<Record<string, RecordFunction>>,
  layout: Layout,
  float: Float,
): Promise<Body> {
  return traceTwice(where, 'record', float, t => {
    const args = argumentsOf(t, layout);
    const tensors = Object.entries(record).map(([name, f]) => recorded(where, name, f(...args)));
    t.give(tensors);
    return { draws: [], results: tensors.map(({ shape, dtype }) => ({ shape, dtype: dtype as LeafType })) };
  });
}

/** Checks that a recorded value is a tensor that can stand in a row. */
export function recorded(where: string, name: string, value: unknown): tf.Tensor {
  if (!(value instanceof tf.Tensor))
    return fail(where, `record.${name} gave ${value === null ? 'null' : typeof value} but must give a tensor`);
  if (value.dtype !== 'float32' && value.dtype !== 'int32' && value.dtype !== 'bool')
    return fail(where, `record.${name} is ${value.dtype} but must be float32, int32 or bool`);
  if (value.size === 0) return fail(where, `record.${name} has shape [${value.shape}] but must hold a number`);
  return value;
}

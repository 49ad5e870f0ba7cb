/** The traced bodies of a loop: the step, and the recorded values, each as one native function with a digest of its content. */
import { fail } from '../check';
import { tf } from '../tf';
import { flatten, unflatten, type Leaf, type LeafType, type Structure } from './leaves';
import { userLine } from './line';
import { native, type NativeFunction, type Output } from './native';
import { trace, type Float, type Spec, type Trace } from './trace';

export type DrawKind = 'normal' | 'uniform';
export interface DrawSpec { kind: DrawKind; stream: string; shape: readonly number[] }

/** Random numbers inside a step, keyed by the run's seed, the stream's name and the step's number. */
export interface Draw {
  /** Independent standard normals. */
  normal(shape: readonly number[], stream: string): tf.Tensor;
  /** Independent uniforms on (0, 1). */
  uniform(shape: readonly number[], stream: string): tf.Tensor;
}

export type StepFunction = (state: any, data: any, draw: Draw) => unknown;
export type RecordFunction = (state: any, data: any) => tf.Tensor;

/** The structures, shapes and types of state and data: what a program is compiled for. */
export interface Layout {
  state: { structure: Structure; leaves: readonly (Spec & { path: string })[] };
  data: { structure: Structure; leaves: readonly (Spec & { path: string })[] };
}

export interface Body {
  function: NativeFunction;
  draws: DrawSpec[];
  results: (Spec & { dtype: LeafType })[];
  operations: Trace['operations'];
  digest: string;
}

/** A draw as the step sees it; `make` gives the numbers. A stream drawn twice is refused: it would give the same numbers. */
export function drawing(where: string, make: (spec: DrawSpec) => tf.Tensor): Draw {
  const seen = new Set<string>();
  const draw = (kind: DrawKind) => (shape: readonly number[], stream: string) => {
    if (typeof stream !== 'string' || stream === '') fail(where, `draw.${kind}: stream is ${JSON.stringify(stream)} but must be a name`);
    if (!Array.isArray(shape) || shape.some(n => !Number.isInteger(n) || n < 0)) fail(where, `draw.${kind}: shape is ${JSON.stringify(shape)} but must be whole numbers`);
    if (seen.has(stream)) fail(where, `draw.${kind}: stream ${JSON.stringify(stream)} is drawn twice in one step, which gives the same numbers twice; name two streams`);
    seen.add(stream);
    return make({ kind, stream, shape: [...shape] });
  };
  return { normal: draw('normal'), uniform: draw('uniform') };
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
    if (!(leaf.value instanceof tf.Tensor)) return fail(where, `the step returned ${path} as a ${typeof leaf.value === 'number' ? 'number' : 'host array'} but must return a tensor`);
    if (leaf.dtype !== dtype || leaf.shape.length !== shape.length || leaf.shape.some((n, i) => n !== shape[i]))
      fail(where, `the step returned ${path} as ${leaf.dtype} [${leaf.shape}] but the state has ${dtype} [${shape}]; shape and type must stay`);
    return leaf.value;
  });
  for (const path of byPath.keys()) fail(where, `the step returned ${path}, which the state has not`);
  return next;
}

/** Traces twice; what differs between the two was decided by JavaScript outside the step's arguments. */
function traceTwice(where: string, float: Float, f: (t: Trace) => Output[]): { trace: Trace; outputs: Output[] } {
  const once = () => {
    let outputs: Output[] = [];
    const before = tf.memory().numTensors;
    const result = trace(where, float, t => { outputs = f(t); });
    const kept = tf.memory().numTensors - before;
    if (kept > 0) fail(where, `the step leaks ${kept} tensor${kept > 1 ? 's' : ''} (tf.keep or tf.variable); return what must live on in the state`);
    return { trace: result, outputs };
  };
  const first = once();
  for (const now = Date.now(); Date.now() === now;); // a clock read in the step must differ
  const second = once();
  const length = Math.max(first.trace.log.length, second.trace.log.length);
  for (let i = 0; i < length; i++) {
    const [a, b] = [first.trace.log[i], second.trace.log[i]];
    if (a?.text === b?.text) continue;
    const line = userLine((a ?? b).made.stack);
    fail(where, `the step is not the same twice: its operations or constants change from call to call (Math.random, Date.now, tf.randomNormal, a counter); `
      + `use draw.normal, draw.uniform or the state${line === undefined ? '' : ` (at ${line})`}`);
  }
  return first;
}

const specOf = (output: Output, like: tf.Tensor): Spec => ({ shape: output.shape!, dtype: like.dtype as LeafType });

/** The step as a native function of [state, data, draws], giving the next state. */
export function traceStep(where: string, step: StepFunction, layout: Layout, float: Float): Body {
  let draws: DrawSpec[] = [];
  let results: Spec[] = [];
  const { trace: t, outputs } = traceTwice(where, float, t => {
    draws = [];
    const state = unflatten(layout.state.structure, layout.state.leaves.map((leaf, i) => t.input(`state_${i}`, leaf)));
    const data = unflatten(layout.data.structure, layout.data.leaves.map((leaf, i) => t.input(`data_${i}`, leaf)));
    const draw = drawing(where, spec => {
      draws.push(spec);
      return t.input(`draw_${draws.length}`, { shape: spec.shape, dtype: 'float32' });
    });
    const next = nextState(where, layout, step(state, data, draw));
    results = layout.state.leaves.map(({ shape, dtype }) => ({ shape, dtype }));
    return next.map(t.outputOf);
  });
  return finish('step', t, outputs, draws, results);
}

/** The recorded values as one native function of [state, data]. */
export function traceRecord(where: string, record: Readonly<Record<string, RecordFunction>>, layout: Layout, float: Float): Body {
  let results: Spec[] = [];
  const { trace: t, outputs } = traceTwice(where, float, t => {
    const state = unflatten(layout.state.structure, layout.state.leaves.map((leaf, i) => t.input(`state_${i}`, leaf)));
    const data = unflatten(layout.data.structure, layout.data.leaves.map((leaf, i) => t.input(`data_${i}`, leaf)));
    const tensors = Object.entries(record).map(([name, f]) => recorded(where, name, f(state, data)));
    const outputs = tensors.map(t.outputOf);
    results = outputs.map((output, i) => specOf(output, tensors[i]));
    return outputs;
  });
  return finish('record', t, outputs, [], results);
}

/** Checks that a recorded value is a tensor that can stand in a row. */
export function recorded(where: string, name: string, value: unknown): tf.Tensor {
  if (!(value instanceof tf.Tensor)) return fail(where, `record.${name} gave ${value === null ? 'null' : typeof value} but must give a tensor`);
  if (value.dtype !== 'float32' && value.dtype !== 'int32' && value.dtype !== 'bool')
    return fail(where, `record.${name} is ${value.dtype} but must be float32, int32 or bool`);
  return value;
}

function finish(name: string, t: Trace, outputs: Output[], draws: DrawSpec[], results: Spec[]): Body {
  const digest = `${t.digest()} ${outputs.map(output => output.id).join()} ${JSON.stringify(draws)}`;
  return { function: native.createFunction(t.graph, name, t.inputs, outputs.map(output => output.id)), draws, results, operations: t.operations, digest };
}

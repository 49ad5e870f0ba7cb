/**
 * The native loop around a step. One call runs `n` segments; segment i steps until step `ends[i]` of the call and then
 * writes the recorded values to place i of their columns:
 *
 *   for (i = 0, k = 0; i < n; i++) { for (; k < ends[i]; k++) state = step(state, data, draws[k]); columns[i] = record(state, data); }
 */
import type { Body, Layout } from './body';
import { AT, DT, native, type Attribute, type NativeFunction, type NativeGraph } from './native';
import type { Float, Spec } from './trace';

export type Engine = 'graph' | 'xla';

export interface Loop {
  graph: NativeGraph;
  feeds: number[];
  fetches: number[];
}

interface Typed { shape: readonly number[]; dtype: number }
type Ids = number[];

const typed = (float: Float) => ({ shape, dtype }: Spec): Typed =>
  ({ shape, dtype: dtype === 'int32' ? DT.int32 : dtype === 'bool' ? DT.bool : float === 'float64' ? DT.double : DT.float });
const scalar: Typed = { shape: [], dtype: DT.int32 };
const typeAttribute = (name: string, value: number | number[]): Attribute => ({ name, type: AT.type, value });
const functionAttribute = (name: string, value: string): Attribute => ({ name, type: AT.func, value });

/** A graph being built: `op` gives the ids of an operation's outputs. */
function builder(functions: readonly NativeFunction[] = []) {
  const graph = native.createGraph();
  for (const f of functions) native.useFunction(graph, f);
  let count = 0;
  const op = (type: string, inputs: (number | number[])[], attributes: Attribute[] = []): Ids =>
    native.addOperation(graph, type, `${type.toLowerCase()}_${count++}`, inputs, attributes).map(output => output.id);
  const argument = ({ shape, dtype }: Typed) => op('Placeholder', [], [typeAttribute('dtype', dtype), { name: 'shape', type: AT.shape, value: [...shape] }])[0];
  const constant = (values: number[], shape: number[], dtype: number = DT.int32) => {
    const array = dtype === DT.double ? Float64Array : dtype === DT.float ? Float32Array : dtype === DT.bool ? Uint8Array : Int32Array;
    const value = native.createTensor(array.from(values), shape, dtype);
    const [id] = op('Const', [], [typeAttribute('dtype', dtype), { name: 'value', type: AT.tensor, value }]);
    native.freeTensor(value);
    return id;
  };
  const call = (name: string, inputs: Ids, results: readonly Typed[], ...attributes: Attribute[]) =>
    op('PartitionedCall', [inputs], [functionAttribute('f', name), typeAttribute('Tout', results.map(r => r.dtype)), ...attributes]);
  /** The place `at` along the first axis of a tensor. */
  const item = (tensor: number, at: number, shape: readonly number[]) => {
    const begin = op('Pack', [[at, ...shape.map(() => constant([0], []))]])[0];
    const slice = op('Slice', [tensor, begin, constant([1, ...shape], [shape.length + 1])])[0];
    return op('Reshape', [slice, constant([...shape], [shape.length])])[0];
  };
  return { graph, op, argument, constant, call, item };
}

/** A function of typed arguments, built by `f`. */
function build(name: string, functions: readonly NativeFunction[], inputs: readonly Typed[], f: (b: ReturnType<typeof builder>, ids: Ids) => Ids): NativeFunction {
  const b = builder(functions);
  const ids = inputs.map(b.argument);
  return native.createFunction(b.graph, name, ids, f(b, ids));
}

/** Splits a list into groups of the given lengths. */
function split<T>(list: readonly T[], ...lengths: number[]): T[][] {
  let next = 0;
  return lengths.map(length => list.slice(next, next += length));
}

/** The graph of a loop of one engine, for at most `capacity` segments and (with draws) `steps` steps a call. */
export function buildLoop(engine: Engine, float: Float, layout: Layout, step: Body, record: Body, capacity: number, steps: number): Loop {
  const type = typed(float);
  const state = layout.state.leaves.map(type), data = layout.data.leaves.map(type), rows = record.results.map(type);
  const draws = step.draws.map(({ shape }) => type({ shape: [steps, ...shape], dtype: 'float32' }));
  const columns = rows.map(({ shape, dtype }) => ({ shape: [capacity, ...shape], dtype }));
  const ends: Typed = { shape: [capacity], dtype: DT.int32 };
  const S = state.length, D = data.length, C = columns.length;

  const innerArguments = [scalar, scalar, ...state, ...data, ...draws];
  const less = (name: string, inputs: readonly Typed[]) => build(name, [], inputs, (b, [a, z]) => b.op('Less', [a, z]));
  const innerBody = build('inner_body', [step.function], innerArguments, (b, ids) => {
    const [[k, end], s, d, r] = split(ids, 2, S, D, draws.length);
    const drawn = r.map((id, i) => b.item(id, k, step.draws[i].shape));
    const next = b.call('step', [...s, ...d, ...drawn], state);
    return [b.op('AddV2', [k, b.constant([1], [])])[0], end, ...next, ...d, ...r];
  });
  const innerCondition = less('inner_condition', innerArguments);

  const outerArguments = [scalar, scalar, scalar, ends, ...state, ...columns, ...data, ...draws];
  const inner = [innerBody, innerCondition, step.function, record.function];
  const outerBody = build('outer_body', inner, outerArguments, (b, ids) => {
    const [[i, n, k, e], s, c, d, r] = split(ids, 4, S, C, D, draws.length);
    const looped = b.op('StatelessWhile', [[k, b.item(e, i, []), ...s, ...d, ...r]], [functionAttribute('cond', 'inner_condition'), functionAttribute('body', 'inner_body')]);
    const next = looped.slice(2, 2 + S);
    const values = C === 0 ? [] : b.call('record', [...next, ...d], rows);
    const written = c.map((column, j) => {
      const value = b.op('ExpandDims', [values[j], b.constant([0], [])])[0];
      if (engine === 'graph') return b.op('TensorScatterUpdate', [column, b.op('Reshape', [i, b.constant([1, 1], [2])])[0], value])[0];
      return b.op('XlaDynamicUpdateSlice', [column, value, b.op('Pack', [[i, ...rows[j].shape.map(() => b.constant([0], []))]])[0]])[0];
    });
    return [b.op('AddV2', [i, b.constant([1], [])])[0], n, looped[0], e, ...next, ...written, ...d, ...r];
  });
  const outerCondition = less('outer_condition', outerArguments);

  const mainArguments = [scalar, ends, ...state, ...data, ...draws];
  const finite: Typed = { shape: [], dtype: DT.bool };
  const outer = [...inner, outerBody, outerCondition];
  const main = build('main', outer, mainArguments, (b, ids) => {
    const [[n, e], s, d, r] = split(ids, 2, S, D, draws.length);
    const zero = b.constant([0], []);
    const empty = columns.map(({ shape, dtype }) => b.op('Fill', [b.constant([...shape], [shape.length]), b.constant([0], [], dtype)])[0]);
    const looped = b.op('StatelessWhile', [[zero, n, zero, e, ...s, ...empty, ...d, ...r]], [functionAttribute('cond', 'outer_condition'), functionAttribute('body', 'outer_body')]);
    const [, last, written] = split(looped, 4, S, C);
    const checks = last.filter((_, i) => state[i].dtype !== DT.int32).map((id, i) => {
      const axes = state.filter(leaf => leaf.dtype !== DT.int32)[i].shape.map((_, axis) => axis);
      return b.op('All', [b.op('IsFinite', [id])[0], b.constant(axes, [axes.length])])[0];
    });
    const allFinite = checks.reduce((x, y) => b.op('LogicalAnd', [x, y])[0], b.constant([1], [], DT.bool));
    return [allFinite, ...last, ...written];
  });

  const b = builder([...outer, main]);
  const feeds = mainArguments.map(b.argument);
  const compiled: Attribute[] = engine === 'xla' ? [{ name: '_XlaMustCompile', type: AT.bool, value: true }] : [];
  return { graph: b.graph, feeds, fetches: b.call('main', feeds, [finite, ...state, ...columns], ...compiled) };
}

/** Loops inside a traced function, as TensorFlow's: what stands in a graph for an operation that is a loop. */
import { graphBuilder, graphFunction, typeAttribute, type Ids } from './graph-builder';
import { DT, native, type NativeGraph, type NativeMode, type Output, type TypedShape } from './native';
import type { GraphFunction, InnerLoop } from './operation';
import { checked, counter, firstFound, split, whileLoop, writeEntry } from './while';

/** Whether the body reports indices out of range. */
const reports = (mode: NativeMode, { body }: InnerLoop) => mode === 'xla' && body.checksIndices;

/** The condition and the body of a loop over [k, first bad index, carry, ys, xs, captured], and what they call. */
function loopFunctions(name: string, mode: NativeMode, loop: InnerLoop, stacked: readonly TypedShape[]) {
  const { count, conditional, reverse, carry, x, y, captured, body } = loop;
  const bad = reports(mode, loop) ? [checked] : [];
  const variables = [counter, ...bad, ...carry, ...stacked, ...captured];
  const step = `${name}_step`;
  const handle = native.createFunction(body.graph, step, body.inputs, body.outputs, false);
  const called = [...body.functions, { name: step, handle }];
  const condition = graphFunction(`${name}_condition`, [], variables, (b, ids) => {
    const less = b.op('Less', [ids[0], b.constant([count], [])]);
    return conditional ? b.op('LogicalAnd', [less[0], ids[1 + bad.length]]) : less;
  });
  const iterate = graphFunction(`${name}_body`, called, variables, (b, ids) => {
    const [[k], before, c, columns, xs, given] = split(ids, 1, bad, carry, y, x, captured);
    const i = reverse ? b.op('Sub', [b.constant([count - 1], []), k])[0] : k;
    const entries = xs.map((id, j) => b.entry(id, i, x[j].shape));
    const results = b.call(step, [i, ...c, ...entries, ...given], [...carry, ...y, ...bad]);
    const [next, values, check] = split(results, carry, y, bad);
    const found = check.map((now, j) => firstFound(b, before[j], now));
    const written = columns.map((column, j) => writeEntry(b, mode, column, i, values[j], y[j].shape));
    return [b.op('AddV2', [k, b.constant([1], [])])[0], ...found, ...next, ...written, ...xs, ...given];
  });
  return [...called, condition, iterate];
}

/** What the name of the node begins with that fails in graph mode when a loop would go on after its last iteration. */
export const endless = (name: string) => `${name}_endless`;

/** The carry of a conditional loop in graph mode: reading it fails, by an index out of range, where `going` is true. */
function bounded(graph: NativeGraph, name: string, going: number, carry: Ids): Ids {
  const b = graphBuilder(graph, (type, index) => `${endless(name)}_${type}_${index}`);
  const zero = b.constant([0], []);
  const [index] = b.op('Cast', [going], [typeAttribute('DstT', DT.int32)]);
  const [found] = b.op('GatherV2', [b.constant([0], [1]), index, zero]);
  const [ended] = b.op('Equal', [found, zero]);
  return carry.map(id => b.op('SelectV2', [ended, id, b.op('ZerosLike', [id])[0]])[0]);
}

/**
 * Adds a loop, the one at `place` of all operations traced, to a graph. It takes `ids`, the outputs of [carry, xs,
 * captured]. Gives the outputs of [carry, ys], the one that reports the first index out of range if it has one, and
 * the functions that the graph now calls.
 */
export function addLoop(
  graph: NativeGraph,
  name: string,
  mode: NativeMode,
  loop: InnerLoop,
  ids: Ids,
  place: number,
): { outputs: Output[]; report?: number; functions: GraphFunction[] } {
  const { count, conditional, carry, x, y, captured } = loop;
  const stacked = (types: readonly TypedShape[]) =>
    types.map(({ shape, dtype }) => ({ shape: [count, ...shape], dtype }));
  const functions = loopFunctions(name, mode, loop, stacked([...y, ...x]));
  for (const { handle } of functions) native.useFunction(graph, handle);
  const b = graphBuilder(graph, (type, index) => `${name}_${type}_${index}_`);
  const [c, xs, given] = split(ids, carry, x, captured);
  const columns = stacked(y).map(
    ({ shape, dtype }) => b.op('Fill', [b.constant(shape, [shape.length]), b.constant([0], [], dtype)])[0],
  );
  const none = reports(mode, loop) ? [b.constant([0, 0, 0], [3])] : [];
  const outputs = whileLoop(b, name, [b.constant([0], []), ...none, ...c, ...columns, ...xs, ...given]);
  const [, [found], last, ys] = split(outputs, 1, none, carry, y);
  const typed = (ids: Ids, types: readonly TypedShape[]) =>
    ids.map((id, i) => ({ id, dtype: types[i].dtype, shape: [...types[i].shape] }));
  const result = (last: Ids, report?: number) => ({
    outputs: [...typed(last, carry), ...typed(ys, stacked(y))],
    report,
    functions,
  });
  if (!conditional) return result(last, found);
  if (mode === 'graph') return result(bounded(graph, name, last[0], last));
  const zeros = b.constant([0, 0, 0], [3]);
  const over = b.op('SelectV2', [last[0], b.constant([place + 1, count, 0], [3]), zeros])[0];
  return result(last, found === undefined ? over : firstFound(b, found, over));
}

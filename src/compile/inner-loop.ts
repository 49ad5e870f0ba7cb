/** Loops inside a traced function, as TensorFlow's: what stands in a graph for an operation that is a loop. */
import { graphBuilder, graphFunction, type Ids } from './graph-builder';
import { native, type NativeGraph, type NativeMode, type Output, type TypedShape } from './native';
import type { GraphFunction, InnerLoop } from './operation';
import { checked, counter, firstFound, split, whileLoop, writeEntry } from './while';

/** The condition and the body of a loop over [k, first bad index, carry, ys, xs, captured], and what they call. */
function loopFunctions(name: string, mode: NativeMode, loop: InnerLoop, stacked: readonly TypedShape[]) {
  const { count, reverse, carry, x, y, captured, body } = loop;
  const bad = hasCheck(mode, loop) ? [checked] : [];
  const variables = [counter, ...bad, ...carry, ...stacked, ...captured];
  const step = `${name}_step`;
  const called = [...body.functions, { name: step, handle: native.createFunction(body.graph, step, body.inputs, body.outputs) }];
  const condition = graphFunction(`${name}_condition`, [], variables, (b, [k]) => b.op('Less', [k, b.constant([count], [])]));
  const iterate = graphFunction(`${name}_body`, called, variables, (b, ids) => {
    const [[k], before, c, columns, xs, given] = split(ids, 1, bad, carry, y, x, captured);
    const i = reverse ? b.op('Sub', [b.constant([count - 1], []), k])[0] : k;
    const entries = xs.map((id, j) => b.entry(id, i, x[j].shape));
    const [next, values, check] = split(b.call(step, [i, ...c, ...entries, ...given], [...carry, ...y, ...bad]), carry, y, bad);
    const found = check.map((now, j) => firstFound(b, before[j], now));
    const written = columns.map((column, j) => writeEntry(b, mode, column, i, values[j], y[j].shape));
    return [b.op('AddV2', [k, b.constant([1], [])])[0], ...found, ...next, ...written, ...xs, ...given];
  });
  return [...called, condition, iterate];
}

const hasCheck = (mode: NativeMode, { body }: InnerLoop) => mode === 'xla' && body.checksIndices;

/**
 * Adds a loop to a graph that takes `ids`, the outputs of [carry, xs, captured]; gives the outputs of [carry, ys], the
 * one that reports the first index out of range if it has one, and the functions that the graph now calls.
 */
export function addLoop(
  graph: NativeGraph,
  name: string,
  mode: NativeMode,
  loop: InnerLoop,
  ids: Ids,
): { outputs: Output[]; report?: number; functions: GraphFunction[] } {
  const { count, carry, x, y, captured } = loop;
  const stacked = (types: readonly TypedShape[]) => types.map(({ shape, dtype }) => ({ shape: [count, ...shape], dtype }));
  const functions = loopFunctions(name, mode, loop, stacked([...y, ...x]));
  for (const { handle } of functions) native.useFunction(graph, handle);
  const b = graphBuilder(graph, (type, index) => `${name}_${type}_${index}_`);
  const [c, xs, given] = split(ids, carry, x, captured);
  const columns = stacked(y).map(
    ({ shape, dtype }) => b.op('Fill', [b.constant(shape, [shape.length]), b.constant([0], [], dtype)])[0],
  );
  const none = hasCheck(mode, loop) ? [b.constant([0, 0, 0], [3])] : [];
  const outputs = whileLoop(b, name, [b.constant([0], []), ...none, ...c, ...columns, ...xs, ...given]);
  const [, [report], last, ys] = split(outputs, 1, none, carry, y);
  const typed = (ids: Ids, types: readonly TypedShape[]) => ids.map((id, i) => ({ id, dtype: types[i].dtype, shape: [...types[i].shape] }));
  return { outputs: [...typed(last, carry), ...typed(ys, stacked(y))], report, functions };
}

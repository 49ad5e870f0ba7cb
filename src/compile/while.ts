/** Loops of TensorFlow: an operation, StatelessWhile, that calls two functions of the graph, a condition and a body. */
import type { Shape } from '../base/check';
import { functionAttribute, graphFunction, type GraphBuilder, type Ids } from './graph-builder';
import { DT, type NativeMode, type TypedShape } from './native';

export const counter: TypedShape = { shape: [], dtype: DT.int32 };
/** The check's result of one call of a step or record (xla/index-checks.ts): [operation, index, entries]. */
export const checked: TypedShape = { shape: [3], dtype: DT.int32 };

/** Splits a list into groups as long as the given lists, or of the given lengths. */
export function split<T>(list: readonly T[], ...groups: (number | readonly unknown[])[]): T[][] {
  let next = 0;
  return groups.map(group => list.slice(next, (next += typeof group === 'number' ? group : group.length)));
}

/** A loop over `inputs` by the functions `<name>_condition` and `<name>_body`. */
export function whileLoop(b: GraphBuilder, name: string, inputs: Ids): Ids {
  const functions = [functionAttribute('cond', `${name}_condition`), functionAttribute('body', `${name}_body`)];
  return b.op('StatelessWhile', [inputs], functions);
}

/** The condition of a loop whose first two variables are a counter and its bound. */
export const whileLess = (name: string, variables: readonly TypedShape[]) =>
  graphFunction(`${name}_condition`, [], variables, (b, [count, bound]) => b.op('Less', [count, bound]));

/** Of two reports, whose first entry is 0 where nothing was found: the earlier one, if it found something, or `now`. */
export function firstFound(b: GraphBuilder, before: number, now: number): number {
  const operation = b.op('Slice', [before, b.constant([0], [1]), b.constant([1], [1])])[0];
  return b.op('SelectV2', [b.op('NotEqual', [operation, b.constant([0], [1])])[0], before, now])[0];
}

/** Writes a value to entry i of a column; `shape` is the shape of one entry. */
export function writeEntry(b: GraphBuilder, mode: NativeMode, column: number, i: number, value: number, shape: Shape) {
  const entry = b.op('ExpandDims', [value, b.constant([0], [])])[0];
  if (mode === 'graph')
    return b.op('TensorScatterUpdate', [column, b.op('Reshape', [i, b.constant([1, 1], [2])])[0], entry])[0];
  const start = b.op('Pack', [[i, ...shape.map(() => b.constant([0], []))]])[0];
  return b.op('XlaDynamicUpdateSlice', [column, entry, start])[0];
}

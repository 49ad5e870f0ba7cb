/** Graphs that the library itself writes: the loop around a step, and the checks of indices. */
import { AT, arrayOf, DT, native, type Attribute, type NativeGraph, type TypedShape } from './native';
import type { GraphFunction } from './operation';

export type Ids = number[];

export const typeAttribute = (name: string, value: number | number[]): Attribute => ({ name, type: AT.type, value });
export const functionAttribute = (name: string, value: string): Attribute => ({ name, type: AT.func, value });

/** On a call of a function: XLA must compile it, and if it cannot, the run fails. */
export const mustCompile: Attribute = { name: '_XlaMustCompile', type: AT.bool, value: true };

export interface GraphBuilder {
  /** Adds an operation; gives the ids of its outputs. */
  op(type: string, inputs: (number | Ids)[], attributes?: Attribute[]): Ids;
  argument(type: TypedShape): number;
  constant(values: number[], shape: number[], dtype?: number): number;
  /** Calls a function of the graph. */
  call(name: string, inputs: Ids, results: readonly TypedShape[], ...attributes: Attribute[]): Ids;
  /** Entry `index` along the first axis of a tensor; `shape` is the shape of one entry. */
  entry(tensor: number, index: number, shape: readonly number[]): number;
}

/** Writes operations into a graph; `nameOf` gives each node a name that no other has. */
export function graphBuilder(
  graph: NativeGraph,
  nameOf = (type: string, index: number) => `${type.toLowerCase()}_${index}`,
): GraphBuilder {
  let count = 0;
  const op = (type: string, inputs: (number | Ids)[], attributes: Attribute[] = []): Ids =>
    native.addOperation(graph, type, nameOf(type, count++), inputs, attributes).map(({ id }) => id);
  const constant = (values: number[], shape: number[], dtype: number = DT.int32) => {
    const value = native.createTensor(arrayOf(dtype).from(values), shape, dtype);
    const [id] = op('Const', [], [typeAttribute('dtype', dtype), { name: 'value', type: AT.tensor, value }]);
    native.release([value]);
    return id;
  };
  return {
    op,
    constant,
    argument: ({ shape, dtype }) =>
      op('Placeholder', [], [typeAttribute('dtype', dtype), { name: 'shape', type: AT.shape, value: [...shape] }])[0],
    call(name, inputs, results, ...attributes) {
      const types = results.map(({ dtype }) => dtype);
      const called = [functionAttribute('f', name), typeAttribute('Tout', types)];
      return op('PartitionedCall', [inputs], [...called, ...attributes]);
    },
    entry(tensor, index, shape) {
      const begin = op('Pack', [[index, ...shape.map(() => constant([0], []))]])[0];
      const slice = op('Slice', [tensor, begin, constant([1, ...shape], [shape.length + 1])])[0];
      return op('Reshape', [slice, constant([...shape], [shape.length])])[0];
    },
  };
}

/** A graph that may call `functions`, and a builder that writes it. */
export function newGraph(functions: readonly GraphFunction[]): GraphBuilder & { graph: NativeGraph } {
  const graph = native.createGraph();
  for (const { handle } of functions) native.useFunction(graph, handle);
  return { graph, ...graphBuilder(graph) };
}

/** A function of typed arguments, written by `write` with calls of other functions; `kept` as in `createFunction`. */
export function graphFunction(
  name: string,
  uses: readonly GraphFunction[],
  inputs: readonly TypedShape[],
  write: (b: GraphBuilder, ids: Ids) => Ids,
  kept = false,
): GraphFunction {
  const b = newGraph(uses);
  try {
    const ids = inputs.map(b.argument);
    return { name, handle: native.createFunction(b.graph, name, ids, write(b, ids), kept) };
  } finally {
    native.release([b.graph]);
  }
}

/**
 * Indices out of range. TensorFlow refuses them; XLA reads the nearest entry, or leaves an update out. So a function
 * that XLA compiles has one more result, which holds the first index out of range: [index of the operation + 1, the bad
 * index, the number of entries], or zeros; and the run that reads it refuses the step, 0.97 to 1.04 times as long.
 */
import type { Shape } from '../../base/check';
import { size } from '../../base/ndarray';
import { graphBuilder, typeAttribute } from '../graph-builder';
import { DT, type NativeGraph } from '../native';
import type { Constants, Operation } from '../operation';

interface Indexing {
  /** The input that holds the indices; its last axis is one index where `listed` or there are several limits. */
  input: number;
  limits: readonly number[];
  listed: boolean;
  /** Whether an index below zero means nothing, and is allowed. */
  mayBeNegative?: boolean;
  /** Whether an index beyond the limits means nothing, and is allowed. */
  mayBeLarge?: boolean;
}

const listed = (input: number, shape: Shape | undefined, indices: Shape): Indexing | undefined =>
  shape && { input, limits: shape.slice(0, indices[indices.length - 1]), listed: true };

/** How an operation with inputs of these shapes uses indices; `known` gives the entries of a small constant. */
type Reader = (shapes: readonly Shape[], known: (input: number) => Shape | undefined) => Indexing | undefined;
const indexings: Readonly<Record<string, Reader>> = {
  GatherV2: ([params], known) => {
    const [axis] = known(2)!;
    return { input: 1, limits: [params[axis < 0 ? axis + params.length : axis]], listed: false };
  },
  GatherNd: ([params, indices]) => listed(1, params, indices),
  ScatterNd: ([indices], known) => listed(0, known(2), indices),
  TensorScatterUpdate: ([tensor, indices]) => listed(1, tensor, indices),
  UnsortedSegmentSum: (_, known) => ({ input: 1, limits: [known(2)![0]], listed: false, mayBeNegative: true }),
  Bincount: () => ({ input: 0, limits: [2 ** 31 - 1], listed: false, mayBeLarge: true }),
  SparseToDense: ([indices], known) => {
    const shape = known(1)!;
    return indices.length < 2 ? { input: 0, limits: [shape[0]], listed: false } : listed(0, shape, indices);
  },
};

function indexingOf({ type, inputs, shapes }: Operation, constants: Constants): Indexing | undefined {
  const known = (input: number) => {
    const values = constants.get(inputs[input] as number);
    return values && Array.from(values);
  };
  const indexing = indexings[type]?.(shapes, known);
  return indexing && size(shapes[indexing.input]) > 0 ? indexing : undefined;
}

/** Whether any of the operations reads or writes entries by indices, or is a loop that has something to report. */
export const usesIndices = (operations: readonly Operation[], constants: Constants): boolean =>
  operations.some(operation => {
    const { loop } = operation;
    return loop ? loop.conditional || loop.body.checksIndices : indexingOf(operation, constants) !== undefined;
  });

/**
 * Adds checks to a graph: `check` for each operation as it is added, `report` for what a loop found, and at the end
 * `result`, the id of the result described above. `ids` maps the outputs of the traced function to outputs of this
 * graph.
 */
export function indexChecks(graph: NativeGraph, constants: Constants, ids: readonly number[]) {
  const { op: operation, constant } = graphBuilder(graph, (type, index) => `index_check_${type}_${index}_`);
  const op = (...args: Parameters<typeof operation>) => operation(...args)[0];
  const uint32 = 22; // TF_UINT32
  const reinterpret = (id: number, from: number, to: number) =>
    op('Bitcast', [id], [typeAttribute('T', from), typeAttribute('type', to)]);
  const largest = (id: number) => op('Max', [id, constant([0, 1], [2])]);
  /** The largest of all as unsigned numbers: those below zero are then the largest. */
  const largestUnsigned = (id: number) => reinterpret(largest(reinterpret(id, DT.int32, uint32)), uint32, DT.int32);
  const found: { isBad: number; report: number }[] = [];

  return {
    report(id: number): void {
      const operation = op('Slice', [id, constant([0], [1]), constant([1], [1])]);
      found.push({ isBad: op('NotEqual', [operation, constant([0], [1])]), report: id });
    },
    check(operation: Operation, index: number): void {
      const indexing = indexingOf(operation, constants);
      if (!indexing) return;
      const { input, limits, listed, mayBeNegative, mayBeLarge } = indexing;
      const indices = ids[operation.inputs[input] as number];
      const rows = op('Reshape', [indices, constant(listed ? [-1, limits.length] : [-1, 1], [2])]);
      limits.forEach((limit, axis) => {
        const column = limits.length > 1 ? op('Slice', [rows, constant([0, axis], [2]), constant([-1, 1], [2])]) : rows;
        const worst = mayBeNegative ? largest(column) : largestUnsigned(column);
        const faults = [
          ...(mayBeLarge ? [] : [op('GreaterEqual', [worst, constant([limit], [])])]),
          ...(mayBeNegative ? [] : [op('Less', [worst, constant([0], [])])]),
        ];
        const isBad = faults.reduce((one, other) => op('LogicalOr', [one, other]));
        found.push({ isBad, report: op('Pack', [[constant([index + 1], []), worst, constant([limit], [])]]) });
      });
    },
    result: (): number =>
      found.reduceRight((rest, { isBad, report }) => op('SelectV2', [isBad, report, rest]), constant([0, 0, 0], [3])),
  };
}

/**
 * Operations that programs compiled by XLA leave to OpenBLAS, on XLA's own threads. XLA takes, measured on two cores,
 *   for products of matrices 1.0 to 3 times as long in float32 (0.6 times for batches of 8 x 8, 7 times for those of 4 x 4) and
 *   1.0 to 2.5 times in float64, with AVX-512 and (0.98 to 2.8 times) with AVX2 alone;
 *   for matrices times vectors 1.0 to 1.4 times in small float32 networks, and 1.0 to 4 times for large ones: it walks down columns
 *   where it fuses them with what is around them;
 *   for factorisations up to 50 times: in XLA they are loops of small operations.
 */
import { size } from '../../base/ndarray';
import os from 'node:os';
import type { Shape } from './stablehlo';
import { callTypes, type CustomCall } from './custom-call';
import { DT, type Attribute, type Output } from '../native';

/** The multiplications of one piece of a product: of matrices; of a matrix and a vector, where memory sets the pace. */
const pieceWork = { matrices: 2e6, vector: 5e4 };
/**
 * The multiplications from which a product is OpenBLAS's: of matrices, where a call costs as much as 100; of a matrix and a vector,
 * which XLA fuses with what is around it, but never divides among threads.
 */
const leastWork = { matrices: () => 64, vector: (dtype: number) => (dtype === DT.float ? 1e4 : 2.5e5) };
/** The rows from which a matrix is factorised by OpenBLAS. */
const leastRows = 8;

/** An operation of a trace: its inputs are the ids of other operations' outputs. */
export interface Traced {
  type: string;
  attributes: readonly Attribute[];
  inputs: readonly (number | readonly number[])[];
  shapes: readonly Shape[];
  outputs: readonly Output[];
}
type Value = (...names: string[]) => unknown;
type Call = Pick<CustomCall, 'target' | 'config' | 'direct' | 'results' | 'empty'>;

const rows = (shape: Shape) => shape[shape.length - 2];
export const sameShape = (a: Shape, b: Shape) => a.length === b.length && a.every((n, axis) => n === b[axis]);
const sameBatch = ([a, b]: readonly Shape[]) => sameShape(a.slice(0, -2), b.slice(0, -2));

/** A product [..., m, k] x [..., k, n]; outer products (k = 1) are XLA's. The number of its pieces depends on shapes and machine alone. */
function product(value: Value, shapes: readonly Shape[]): Call | undefined {
  const [ta, tb] = [value('transpose_a', 'adj_x') === true, value('transpose_b', 'adj_y') === true];
  const [a, b] = shapes;
  if (!sameBatch(shapes)) return undefined;
  const [m, k] = ta ? [a[a.length - 1], rows(a)] : a.slice(-2);
  const n = tb ? rows(b) : b[b.length - 1];
  const work = m * n * k;
  const sort = m === 1 || n === 1 ? 'vector' : 'matrices';
  if (k === 1 || work < leastWork[sort](value('T') as number)) return undefined;
  const pieces = Math.max(1, Math.min(os.availableParallelism(), Math.floor(work / pieceWork[sort])));
  const direct = pieces * size(a.slice(0, -2)) === 1;
  return {
    target: 'product',
    direct,
    config: direct ? { m, n, k, ta, tb } : { ta, tb, pieces },
    results: [[...a.slice(0, -2), m, n]],
  };
}

const calls: Readonly<Record<string, (value: Value, shapes: readonly Shape[]) => Call | undefined>> = {
  MatMul: product,
  BatchMatMulV2: product,
  Cholesky: (_, [a]) => (rows(a) < leastRows ? undefined : { target: 'cholesky', results: [a] }),
  MatrixTriangularSolve: (value, [t, y]) =>
    rows(t) < leastRows || !sameBatch([t, y])
      ? undefined
      : {
          target: 'triangular_solve',
          config: { lower: value('lower') === true, adjoint: value('adjoint') === true },
          results: [y],
        },
  // XLA's own stops rotating at 1e-6 of the matrix, also in double.
  SelfAdjointEigV2: (value, [a]) =>
    rows(a) < 2
      ? undefined
      : value('compute_v')
        ? { target: 'eigenvectors', results: [a.slice(0, -1), a] }
        : { target: 'eigenvalues', results: [a.slice(0, -1)], empty: true },
};

/** The call that computes an operation; undefined when XLA computes it itself. */
export function libraryCall({ type, attributes, inputs, shapes }: Omit<Traced, 'outputs'>): CustomCall | undefined {
  const value: Value = (...names) => attributes.find(({ name }) => names.includes(name))?.value;
  const dtype = value('T') as number;
  const call = dtype in callTypes && shapes.every(shape => size(shape) > 0) ? calls[type]?.(value, shapes) : undefined;
  return call && { ...call, dtype, inputs: inputs as number[], shapes };
}

/**
 * Operations that programs compiled by XLA leave to OpenBLAS, on XLA's own threads; products with a side of at most 6
 * entries the addon computes without it (kernel-setup/addon/product.cc). XLA itself takes 1.0 to 3 times as
 * long for products of matrices (0.6 times for batches of 8 x 8), 1.0 to 4 times for matrices times vectors, and up to
 * 50 times for factorisations, which it makes loops of small operations.
 */
import { isSameShape, type Shape } from '../../base/check';
import { size } from '../../base/ndarray';
import { DT } from '../native';
import type { Operation } from '../operation';
import { piecesOf, type CustomCall } from './custom-call';

/** The multiplications in one piece of a product: of matrices; of matrix and vector, where reading memory counts. */
const pieceWork = { matrices: 2e6, vector: 5e4 };
/** As many multiplications cost as much as an entry of a product's matrices: most of what thin matrices take. */
const entryWork = { matrices: 10, vector: 0 };
/**
 * The multiplications from which on OpenBLAS computes a product: of two matrices, where a call costs as much as 100; of
 * a matrix and a vector, which XLA fuses with the operations around it but never divides among threads.
 */
const leastWork = { matrices: () => 64, vector: (dtype: number) => (dtype === DT.float ? 1e4 : 2.5e5) };
/** The sides [m, k] from which on a [m, k] times its own transpose takes less time in half the multiplications. */
const leastGram = [64, 256];
/** The rows from which on OpenBLAS factorises a matrix. */
const leastRows = 8;

/** The value of an attribute, by the names that it has in the operations of one kind. */
type Value = (...names: string[]) => unknown;
type Given = Pick<Operation, 'type' | 'attributes' | 'inputs' | 'shapes'>;
type Call = Pick<CustomCall, 'target' | 'config' | 'direct' | 'results' | 'empty'> &
  Partial<Pick<CustomCall, 'inputs' | 'shapes'>>;

const rows = (shape: Shape) => shape[shape.length - 2];
const sameBatch = ([a, b]: readonly Shape[]) => isSameShape(a.slice(0, -2), b.slice(0, -2));

/**
 * A product [..., m, k] x [..., k, n]. Outer products (k = 1) are left to XLA. Into how many pieces it is cut depends
 * on the shapes and on the machine, not on the threads of the program, so that the number of threads changes no bit.
 */
function product(value: Value, shapes: readonly Shape[], inputs: readonly number[]): Call | undefined {
  const [ta, tb] = [value('transpose_a', 'adj_x') === true, value('transpose_b', 'adj_y') === true];
  const [a, b] = shapes;
  if (!sameBatch(shapes)) return undefined;
  const [m, k] = ta ? [a[a.length - 1], rows(a)] : a.slice(-2);
  const n = tb ? rows(b) : b[b.length - 1];
  const work = m * n * k;
  const kind = m === 1 || n === 1 ? 'vector' : 'matrices';
  if (k === 1 || work < leastWork[kind](value('T') as number)) return undefined;
  const cost = work + entryWork[kind] * (m * k + k * n + m * n);
  const pieces = piecesOf(cost, pieceWork[kind]);
  if (inputs[0] === inputs[1] && ta !== tb && m >= leastGram[0] && k >= leastGram[1])
    return {
      target: 'gram',
      config: { ta, pieces: pieces === 1 ? 1 : 2 * pieces },
      results: [[...a.slice(0, -2), m, m]],
      inputs: inputs.slice(0, 1),
      shapes: [a],
    };
  const direct = pieces * size(a.slice(0, -2)) === 1;
  return {
    target: 'product',
    direct,
    config: direct ? { m, n, k, ta, tb } : { ta, tb, pieces },
    results: [[...a.slice(0, -2), m, n]],
  };
}

const calls: Readonly<
  Record<string, (value: Value, shapes: readonly Shape[], inputs: readonly number[]) => Call | undefined>
> = {
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
  // XLA's own routine stops rotating when the rest is 1e-6 of the matrix, also in float64.
  SelfAdjointEigV2: (value, [a]) =>
    rows(a) < 2
      ? undefined
      : value('compute_v')
        ? { target: 'eigenvectors', results: [a.slice(0, -1), a] }
        : { target: 'eigenvalues', results: [a.slice(0, -1)], empty: true },
  LogMatrixDeterminant: (_, [a]) => ({ target: 'determinant', results: [a.slice(0, -2), a.slice(0, -2)] }),
  MatrixInverse: (value, [a]) => (value('adjoint') === true ? undefined : { target: 'inverse', results: [a] }),
  Svd(value, [a]) {
    if (value('compute_uv') !== true || value('full_matrices') === true) return undefined;
    const [batch, [m, n]] = [a.slice(0, -2), a.slice(-2)];
    const k = Math.min(m, n);
    const sides = [[k], [m, k], [n, k]];
    return { target: 'svd', results: sides.map(side => [...batch, ...side]) };
  },
};

/**
 * The call of OpenBLAS that computes an operation; undefined when XLA computes it itself. A call states the shapes of
 * its results, which are those that TensorFlow's shape inference gave for the operation.
 */
export function openblasCall({ type, attributes, inputs, shapes }: Given): CustomCall | undefined {
  const value: Value = (...names) => attributes.find(({ name }) => names.includes(name))?.value;
  const dtype = value('T') as number;
  const isComputed = (dtype === DT.float || dtype === DT.double) && shapes.every(shape => size(shape) > 0);
  const call = isComputed ? calls[type]?.(value, shapes, inputs as number[]) : undefined;
  return call && { dtype, inputs: inputs as number[], shapes, ...call };
}

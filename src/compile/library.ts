/**
 * Operations that programs compiled by XLA leave to OpenBLAS, on XLA's own threads. XLA takes, measured on two cores,
 *   for products of matrices 1.0 to 3 times as long in float32 (0.6 times for batches of 8 x 8, 7 times for those of 4 x 4) and
 *   1.0 to 2.5 times in float64, with AVX-512 and (0.98 to 2.8 times) with AVX2 alone;
 *   for large matrices times vectors 1.0 to 4 times: it walks down columns where it fuses them with what is around them;
 *   for factorisations up to 50 times: in XLA they are loops of small operations.
 */
import os from 'node:os';
import { AT, DT, type Attribute } from './native';

/** The types that OpenBLAS knows, in StableHLO. */
const types: Readonly<Record<number, string>> = { [DT.float]: 'f32', [DT.double]: 'f64' };
/** The multiplications of one piece of a product: of matrices; of a matrix and a vector, where memory sets the pace. */
const pieceWork = { matrices: 2e6, vector: 1e5 };
/** The multiplications from which a product is OpenBLAS's: of matrices, where a call costs as much as 100; of a matrix and a vector. */
const leastWork = { matrices: 64, vector: 2.5e5 };
/** The rows from which a matrix is factorised by OpenBLAS. */
const leastRows = 8;

type Shape = readonly number[];
/** The function called, its configuration, and the shapes it gives; an operation's further results are empty. */
interface Call { target: string; config?: string; results: Shape[]; empty?: boolean }
type Value = (...names: string[]) => unknown;

const size = (shape: Shape) => shape.reduce((a, b) => a * b, 1);
const rows = (shape: Shape) => shape[shape.length - 2];
const sameBatch = ([a, b]: readonly Shape[]) => a.length === b.length && a.slice(0, -2).every((n, axis) => n === b[axis]);

/** A product [..., m, k] x [..., k, n]; outer products (k = 1) are XLA's. The number of its pieces depends on shapes and machine alone. */
function product(value: Value, shapes: readonly Shape[]): Call | undefined {
  const [ta, tb] = [value('transpose_a', 'adj_x') === true, value('transpose_b', 'adj_y') === true];
  const [a, b] = shapes;
  if (!sameBatch(shapes)) return undefined;
  const [m, k] = ta ? [a[a.length - 1], rows(a)] : a.slice(-2);
  const n = tb ? rows(b) : b[b.length - 1];
  const work = m * n * k;
  const sort = m === 1 || n === 1 ? 'vector' : 'matrices';
  if (k === 1 || work < leastWork[sort]) return undefined;
  const pieces = Math.max(1, Math.min(os.availableParallelism(), Math.floor(work / pieceWork[sort])));
  return { target: 'product', config: `ta = ${ta}, tb = ${tb}, pieces = ${pieces} : i64`, results: [[...a.slice(0, -2), m, n]] };
}

const calls: Readonly<Record<string, (value: Value, shapes: readonly Shape[]) => Call | undefined>> = {
  MatMul: product,
  BatchMatMulV2: product,
  Cholesky: (_, [a]) => rows(a) < leastRows ? undefined : { target: 'cholesky', results: [a] },
  MatrixTriangularSolve: (value, [t, y]) => rows(t) < leastRows || !sameBatch([t, y]) ? undefined
    : { target: 'triangular_solve', config: `lower = ${value('lower')}, adjoint = ${value('adjoint')}`, results: [y] },
  SelfAdjointEigV2: (value, [a]) => rows(a) < leastRows ? undefined
    : value('compute_v') ? { target: 'eigenvectors', results: [a.slice(0, -1), a] } : { target: 'eigenvalues', results: [a.slice(0, -1)], empty: true },
};

/**
 * The operation that stands for another one in a program compiled by XLA, with that one's inputs as its only, listed input;
 * undefined when XLA computes it itself.
 */
export function libraryCall(type: string, attributes: readonly Attribute[], shapes: readonly Shape[]): { type: string; attributes: Attribute[] } | undefined {
  const value: Value = (...names) => attributes.find(({ name }) => names.includes(name))?.value;
  const dtype = value('T') as number;
  const call = dtype in types && shapes.every(shape => size(shape) > 0) ? calls[type]?.(value, shapes) : undefined;
  if (!call) return undefined;

  const tensor = (shape: Shape) => `tensor<${[...shape, types[dtype]].join('x')}>`;
  const layouts = (shapes: readonly Shape[]) => shapes.map(({ length }) => `dense<[${Array.from({ length }, (_, i) => length - 1 - i)}]> : tensor<${length}xindex>`).join(', ');
  const all = call.empty ? [...call.results, [0]] : call.results;
  const tensors = (shapes: readonly Shape[]) => shapes.map(tensor).join(', ');
  const args = shapes.map((_, i) => `%a${i}`);
  const outputs = call.results.map((_, i) => call.results.length > 1 ? `%r#${i}` : '%r');
  const module = `module @call {
  func.func public @main(${shapes.map((shape, i) => `%a${i}: ${tensor(shape)}`).join(', ')}) -> (${tensors(all)}) {
    ${call.results.length > 1 ? `%r:${call.results.length}` : '%r'} = stablehlo.custom_call @widenet_${call.target}(${args.join(', ')}) {
      api_version = 4 : i32, backend_config = {${call.config ?? ''}},
      operand_layouts = [${layouts(shapes)}], result_layouts = [${layouts(call.results)}]
    } : (${tensors(shapes)}) -> (${tensors(call.results)})
    ${call.empty ? `%e = stablehlo.constant dense<> : ${tensor([0])}` : ''}
    return ${[...outputs, ...call.empty ? ['%e'] : []].join(', ')} : ${tensors(all)}
  }
}`;
  return {
    type: 'XlaCallModule',
    attributes: [
      { name: 'version', type: AT.int, value: 9 }, { name: 'module', type: AT.string, value: module }, { name: 'platforms', type: AT.string, value: ['CPU'] },
      { name: 'Sout', type: AT.shape, value: all }, { name: 'Tout', type: AT.type, value: all.map(() => dtype) },
    ],
  };
}

/** Products F^T (F x) of a matrix F with a vector x, as normal equations and Gauss-Newton steps have them. */
import { size } from '../../base/ndarray';
import type { Operation } from '../operation';
import { piecesOf, type CustomCall } from './custom-call';
import type { Joined, Made } from './made';

/** The multiplications and the rows in one piece, which has a sum of all columns of its own. */
const [pieceWork, pieceRows] = [5e4, 64];
/** From so many entries on one pass takes less time: a small matrix is read fast twice, from the cache. */
const leastEntries = 2.5e5;
/** Of a wide matrix of few rows there are too few pieces, of a narrow one the rows are too short. */
const leastSides = [128, 128];

/** Which of its inputs is the matrix, and whether it is transposed, if a call is a product with a vector. */
function matrixOf({ target, config, results: [[m, n, ...more]] }: CustomCall) {
  if (target !== 'product' || more.length > 0) return undefined;
  if (n === 1) return { matrix: 0, transposed: config!.ta };
  return m === 1 ? { matrix: 1, transposed: !config!.tb } : undefined;
}

/** The call for F^T y with y = F x in it, given those of both products; undefined where F is small. */
function bothOf(outer: CustomCall, inner: CustomCall, { source }: Made): CustomCall | undefined {
  const [left, right] = [matrixOf(outer), matrixOf(inner)];
  if (!left?.transposed || !right || right.transposed) return undefined;
  const [F, x] = [right.matrix, 1 - right.matrix];
  const [entries, sides] = [size(inner.shapes[F]), inner.shapes[F]];
  if (entries < leastEntries || sides.some((side, i) => side < leastSides[i])) return undefined;
  if (source(outer.inputs[left.matrix]) !== source(inner.inputs[F])) return undefined;
  return {
    target: 'normal',
    dtype: outer.dtype,
    config: { pieces: piecesOf(2 * entries, pieceWork, Math.floor(sides[0] / pieceRows)) },
    inputs: [inner.inputs[F], inner.inputs[x]],
    shapes: [inner.shapes[F], inner.shapes[x]],
    results: outer.results,
  };
}

/** One call for F^T (F x), which reads F once, if `outer` is the product with F^T and F x is needed nowhere else. */
export function normalCall(made: Made, operation: Operation, outer: CustomCall): Joined | undefined {
  for (const i of [0, 1]) {
    let index = made.maker(operation, i);
    while (made.operations[index ?? -1]?.type === 'Reshape') index = made.maker(made.operations[index!], 0);
    const inner = made.calls.get(index ?? -1);
    const call = inner && bothOf(outer, inner, made);
    if (call) return { product: index!, call };
  }
  return undefined;
}

/**
 * Arithmetic as it is written. XLA rewrites chains of operations by the laws of real numbers, which floats do not obey:
 * x + 1e8 - 1e8 becomes x, log(exp(x)) becomes x. Its pass that does so does not look through an optimization barrier,
 * and fusion, which comes later, removes it: so a barrier follows each operation that makes floats, and costs nothing
 * in a run (0.77 to 1.07 times as long with barriers). In graph mode the rewriter is off (sessionConfig in native.ts).
 * The engines still differ in
 *   last bits: XLA rounds a product and a sum once, multiplies instead of dividing by a constant, adds up in another
 *   order, and has its own exp, log, tanh, pow, rsqrt, ...;
 *   the sign of a zero in x + 0, sign(x) and minimum(-0, 0);
 *   integers: under XLA, a division by 0 and a cast of a float that no int32 can hold give numbers without meaning.
 * In every engine, numbers below the least normal float are zero. NaN passes through all operations of all engines,
 * except that TensorFlow's own maxPool and dilation2d (outside XLA) drop it, and argMax ignores it.
 */
import { AT, DT, type Output } from '../native';
import type { Operation } from '../operation';
import type { CustomCall } from './custom-call';
import type { NewNode } from './shared-functions';

/** Operations that compute no new numbers: they move, choose or repeat entries, or change their sign. */
const moving = new Set(
  (
    'Placeholder Const Identity Fill ZerosLike OnesLike Reshape ExpandDims Squeeze Transpose Slice ' +
    'StridedSlice PadV2 Pack Unpack ConcatV2 SplitV Tile BroadcastTo GatherV2 GatherNd Reverse ReverseV2 ' +
    'Select SelectV2 Maximum Minimum Relu Abs Neg Sign loop'
  ).split(' '),
);

/**
 * The indices of the operations that a barrier follows: those that compute floats from what is not constant, when an
 * operation that XLA compiles reads them. (XLA does not look into the calls of OpenBLAS.)
 */
export function barriers(operations: readonly Operation[], calls: ReadonlyMap<number, CustomCall>): Set<number> {
  const constant = new Set<number>();
  const read = new Set<number>();
  operations.forEach(({ type, inputs, outputs }, index) => {
    if (type !== 'Placeholder' && inputs.flat().every(id => constant.has(id)))
      for (const { id } of outputs) constant.add(id);
    if (!calls.has(index)) for (const id of inputs.flat()) read.add(id);
  });
  const isFloat = ({ dtype }: Output) => dtype === DT.float || dtype === DT.double;
  const needsBarrier = ({ type, outputs }: Operation) =>
    !moving.has(type) && outputs.some(output => isFloat(output) && read.has(output.id) && !constant.has(output.id));
  return new Set(operations.flatMap((operation, index) => (needsBarrier(operation) ? [index] : [])));
}

/** The barrier behind these outputs of an operation. */
export const barrier = (name: string, outputs: readonly Output[]): NewNode => ({
  type: 'XlaOptimizationBarrier',
  name: `barrier_${name}`,
  inputs: [outputs.map(({ id }) => id)],
  attributes: [{ name: 'T', type: AT.type, value: outputs.map(({ dtype }) => dtype) }],
});

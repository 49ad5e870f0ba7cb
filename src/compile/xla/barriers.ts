/**
 * Arithmetic as it is written. XLA rewrites chains of operations by the laws of real numbers, which floats do not obey: x + 1e8 - 1e8
 * becomes x, x * 1e30 * 1e30 * 1e-30 becomes x * 1e30, log(exp(x)) becomes x, (x / a) / b becomes x / (a * b). XLA has an operation
 * against this, the optimization barrier, which gives what it gets: the pass that rewrites (the algebraic simplifier) does not look
 * through it, and fusion, which comes after that pass, removes it. So a barrier costs nothing when the program runs. Here a barrier
 * follows each operation that makes floats.
 * Measured before and after, barriers and NaN in max and min together: 1.00 to 1.07 times as long for the smallest network of
 * test/bench (a step has one multiplication more), 0.77 to 1.06 for the others, variable projection and finite volumes.
 * In graph mode the rewriter is turned off (sessionConfig in native.ts). The engines still differ in
 *   the last bits: XLA makes one rounding of a product and a sum (a b - a b may be the rounding error of a b), multiplies instead of
 *   dividing by a constant, adds up in another order, and computes the functions that are not exactly rounded (exp, log, tanh, pow,
 *   rsqrt, ...) in its own way;
 *   the sign of a zero in x + 0, sign(x) and minimum(-0, 0);
 *   integers: under XLA, a division by 0 (which the other engines refuse) and a cast of a float that no int32 can hold (which gives
 *   -2^31 in the other engines) give numbers without meaning.
 * In every engine, numbers below the least normal float are zero. NaN passes through all operations of all engines, except that
 * TensorFlow's own maxPool and dilation2d (outside XLA) drop it, and argMax ignores it.
 */
import { AT, DT, native, type NativeGraph, type Output } from '../native';
import type { Operation } from '../operation';
import type { CustomCall } from './custom-call';

/** Operations that compute no new numbers: they move, choose or repeat entries, or change their sign. */
const moving = new Set(
  (
    'Placeholder Const Identity Fill ZerosLike OnesLike Reshape ExpandDims Squeeze Transpose Slice ' +
    'StridedSlice PadV2 Pack Unpack ConcatV2 SplitV Tile BroadcastTo GatherV2 GatherNd Reverse ReverseV2 Select SelectV2 ' +
    'Maximum Minimum Relu Abs Neg Sign'
  ).split(' '),
);

/**
 * The indices of the operations that a barrier follows: those that compute floats from what is not constant, when an operation that
 * XLA compiles reads them. (XLA does not look into the calls of OpenBLAS.)
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

/** The outputs of the operation `name`, behind a barrier. */
export const behindBarrier = (graph: NativeGraph, name: string, outputs: readonly Output[]): Output[] =>
  native.addOperation(
    graph,
    'XlaOptimizationBarrier',
    `barrier_${name}`,
    [outputs.map(({ id }) => id)],
    [{ name: 'T', type: AT.type, value: outputs.map(({ dtype }) => dtype) }],
  );

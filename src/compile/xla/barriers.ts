/**
 * Arithmetic as written. XLA rewrites chains of operations by the laws of real numbers, which floats do not obey: x + 1e8 - 1e8
 * becomes x, x * 1e30 * 1e30 * 1e-30 becomes x * 1e30, log(exp(x)) becomes x, (x / a) / b becomes x / (a * b). Its simplifier does not
 * look through a barrier, and fusion, which comes after, takes barriers away: a fence costs nothing when the program runs.
 * Measured before and after, fences and NaN in max and min together: 1.00 to 1.07 times as long for the smallest network of
 * test/bench (a step has one multiplication more), 0.77 to 1.06 for the others, variable projection and finite volumes.
 * In graph mode the rewriter is turned off (program.ts). So engines differ by what remains to XLA alone:
 *   last bits: a product and a sum in one rounding (a b - a b may be the rounding error of a b), division by a constant as a
 *   multiplication, the order of sums, and the functions that are not exactly rounded (exp, log, tanh, pow, rsqrt, ...);
 *   the sign of a zero in x + 0, sign(x) and minimum(-0, 0);
 *   integers: a division by 0 (refused by the other engines) and a cast of what no int32 is (-2^31 in the other engines) give
 *   numbers without meaning.
 * In every engine numbers below the least normal one are zero. NaN goes through all, but for what TensorFlow's own kernels
 * drop, outside XLA: maxPool and dilation2d; argMax passes over it.
 */
import type { CustomCall } from './custom-call';
import type { Traced } from './openblas';
import { AT, DT, native, type NativeGraph, type Output } from '../native';

/** Operations that make no new numbers: they move, choose or repeat entries. */
const moving = new Set(
  (
    'Placeholder Const Identity Fill ZerosLike OnesLike Reshape ExpandDims Squeeze Transpose Slice ' +
    'StridedSlice PadV2 Pack Unpack ConcatV2 SplitV Tile BroadcastTo GatherV2 GatherNd Reverse ReverseV2 Select SelectV2 Maximum Minimum Relu Abs Neg Sign'
  ).split(' '),
);

/** The places of the operations to fence: those that make floats of what is not constant, for operations that XLA computes. */
export function fences(operations: readonly Traced[], calls: ReadonlyMap<number, CustomCall>): Set<number> {
  const constant = new Set<number>(),
    read = new Set<number>();
  operations.forEach(({ type, inputs, outputs }, place) => {
    if (type !== 'Placeholder' && inputs.flat().every(id => constant.has(id)))
      for (const { id } of outputs) constant.add(id);
    if (!calls.has(place)) for (const id of inputs.flat()) read.add(id);
  });
  const isFenced = ({ type, outputs }: Traced) =>
    !moving.has(type) &&
    outputs.some(({ id, dtype }) => (dtype === DT.float || dtype === DT.double) && read.has(id) && !constant.has(id));
  return new Set(operations.flatMap((operation, place) => (isFenced(operation) ? [place] : [])));
}

/** The outputs behind a fence. */
export const fenced = (graph: NativeGraph, name: string, outputs: readonly Output[]): Output[] =>
  native.addOperation(
    graph,
    'XlaOptimizationBarrier',
    `fence_${name}`,
    [outputs.map(({ id }) => id)],
    [{ name: 'T', type: AT.type, value: outputs.map(({ dtype }) => dtype) }],
  );

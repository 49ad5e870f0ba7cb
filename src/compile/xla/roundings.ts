/**
 * Products that are rounded before they are read. XLA computes a product anew for each operation that reads it, and the
 * processor rounds a product and a sum once: in v - max(v) with v = 12345.67 x, max would read the rounded v, and the
 * difference would be that of the exact one, 1e-3 in place of 0, and 1e23 where v is about 1e30. So a product with
 * several readers, of which one adds or subtracts, is followed by v + z with z = -0: that is v for every v, and takes
 * the place of the sum. The compiler must not know z, or it would leave it out, so it comes from an argument.
 * Not found: one product written in two ways (x.mul(3).reshape(s) and x.reshape(s).mul(3)), or both in a loop and
 * outside; a product with several readers of which a product of small matrices adds it up; products of complex numbers.
 */
import { size } from '../../base/ndarray';
import { graphBuilder, typeAttribute } from '../graph-builder';
import { DT, native, type NativeGraph, type Output } from '../native';
import type { Operation } from '../operation';

const words = (text: string) => new Set(text.split(' '));
/** Operations that may end in a product, and are cheap enough for XLA to compute them more than once. */
const products = words(
  'Mul Square SquaredDifference RealDiv Pow Mean Einsum AvgPool AvgPool3D AvgPoolGrad AvgPool3DGrad FusedBatchNorm',
);
const sums = words('Add AddV2 AddN Sub SquaredDifference BiasAdd Sum Mean AvgPool AvgPool3D');
/** Operations that subtract from their argument what they computed of it. */
const centering = words('Softmax LogSoftmax FusedBatchNorm');
/** Operations whose result a sum would still be joined with: XLA leaves out a maximum with -Infinity. */
const passing = words(
  'Maximum Minimum MaxPool MaxPool3D Identity Cast Reshape ExpandDims Squeeze Transpose Slice StridedSlice BroadcastTo Tile Neg PadV2 MirrorPad Pack ' +
    'Unpack ConcatV2 SplitV Reverse ReverseV2 GatherV2 GatherNd Select SelectV2 SpaceToBatchND BatchToSpaceND ' +
    'DepthToSpace Complex Real Imag',
);
const reductions = words('Sum Max Min Prod');
const commuting = words('Mul Add AddV2 Maximum Minimum');

/**
 * With one entry to sum over, products of matrices and convolutions are products, too; and so may be what a loop gives
 * whose one iteration XLA makes part of the function around it.
 */
const isProduct = ({ type, shapes: [a], loop }: Operation): boolean =>
  products.has(type) || /Conv/.test(type) || (/MatMul/.test(type) && a.slice(-2).includes(1)) || loop?.count === 1;

/** Reductions pass on what they have no second entry to join with. */
function isPassing({ type, shapes, outputs: [{ shape }] }: Operation): boolean {
  if (type === 'AddN') return shapes.length === 1;
  return passing.has(type) || (reductions.has(type) && size(shapes[0]) === size(shape ?? []));
}

/**
 * Equal operations, which XLA makes once: the indices of each kind, the first one first, and one id for what they make.
 */
function merged(operations: readonly Operation[]) {
  const kinds = new Map<string, number[]>();
  const ids = new Map<number, number>();
  const same = (id: number) => ids.get(id) ?? id;
  operations.forEach(({ type, attributes, inputs, outputs, text, loop }, index) => {
    const given = inputs.map(input => (typeof input === 'number' ? same(input) : input.map(same)));
    if (commuting.has(type)) given.sort();
    const kindOf = type === 'Square' ? ['Mul', [...given, ...given]] : [type, given];
    const key = loop ? `loop ${index}` : given.length === 0 ? text : JSON.stringify([...kindOf, attributes]);
    const kind = kinds.get(key) ?? [];
    kinds.set(key, kind);
    kind.push(index);
    outputs.forEach(({ id }, i) => ids.set(id, same(operations[kind[0]].outputs[i].id)));
  });
  return { kinds: [...kinds.values()], same };
}

/** The indices of the operations whose result is to be rounded. */
export function roundings(operations: readonly Operation[], outputs: readonly number[]): Set<number> {
  const { kinds, same } = merged(operations);
  const unread = { readers: 0, isAdded: false };
  const read = new Map<number, typeof unread>();
  const use = (id: number, readers: number, isAdded: boolean) => {
    const before = read.get(same(id)) ?? unread;
    read.set(same(id), { readers: before.readers + readers, isAdded: before.isAdded || isAdded });
  };
  for (const id of outputs) use(id, 1, false);
  const found = new Set<number>();
  for (const kind of kinds.reverse()) {
    const operation = operations[kind[0]];
    const { type, inputs, outputs, loop } = operation;
    const uses = outputs.map(({ id }) => read.get(same(id)) ?? unread);
    if (isProduct(operation) && uses.some(({ readers, isAdded }) => readers > 1 && isAdded))
      for (const index of kind) found.add(index);
    for (const id of inputs.flat())
      if (isPassing(operation)) for (const { readers, isAdded } of uses) use(id, readers, isAdded);
      // What a loop's body computes of what it is given may become part of this function.
      else if (centering.has(type) || loop) use(id, 2, true);
      else use(id, 1, sums.has(type));
  }
  return found;
}

/** -0 of this type, from an entry n of an argument: -(n (n + 1) mod 2), of which no compiler sees that it is zero. */
function unknownZero(graph: NativeGraph, { id, dtype }: Output, type: number): number {
  const { op: operation, constant } = graphBuilder(graph, (of, index) => `zero_${type}_${of}_${index}_`);
  const op = (...args: Parameters<typeof operation>) => operation(...args)[0];
  const first = op('Slice', [op('Reshape', [id, constant([-1], [1])]), constant([0], [1]), constant([1], [1])]);
  const words: Readonly<Record<number, number>> = { [DT.float]: DT.int32, [DT.double]: DT.int64 };
  const bits = dtype in words ? op('Bitcast', [first], [typeAttribute('type', words[dtype])]) : first;
  const n = op('Cast', [op('Reshape', [bits, constant([], [0])])], [typeAttribute('DstT', DT.int32)]);
  const one = constant([1], []);
  const parity = op('BitwiseAnd', [op('Mul', [n, op('AddV2', [n, one])]), one]);
  return op('Neg', [op('Cast', [parity], [typeAttribute('DstT', type)])]);
}

/** What rounds an output in a graph; `ids` maps the outputs of the traced function to outputs of this graph. */
export function roundedBy(graph: NativeGraph, operations: readonly Operation[], ids: readonly number[]) {
  const zeros = new Map<number, number>();
  const zeroOf = (dtype: number): number | undefined => {
    const argument = operations.find(
      ({ type, outputs: [{ shape }] }) => type === 'Placeholder' && size(shape ?? []) > 0,
    );
    if (!argument || zeros.has(dtype)) return zeros.get(dtype);
    const [output] = argument.outputs;
    const zero = unknownZero(graph, { ...output, id: ids[output.id] }, dtype);
    zeros.set(dtype, zero);
    return zero;
  };
  return (output: Output, index: number): Output => {
    const isFloat = output.dtype === DT.float || output.dtype === DT.double;
    const zero = isFloat ? zeroOf(output.dtype) : undefined;
    if (zero === undefined) return output;
    return native.addOperation(graph, 'AddV2', `rounded_${output.id}_${index}`, [output.id, zero], [])[0];
  };
}

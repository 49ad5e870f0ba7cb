/**
 * Operations as calls of functions. TensorFlow hands some operations to XLA by a few lines each (0.1 ms), others by a
 * run of MLIR's passes (6 ms), and what it is given of a function it keeps for all calls with the same types; XLA's
 * compiler begins by putting the function in the place of each call. The first call of a perceptron of ten layers with
 * Adam, which has 500 such operations, took 2.8 s by calls, 5.6 s without.
 */
import { createHash } from 'node:crypto';
import { functionAttribute, graphFunction, typeAttribute } from '../graph-builder';
import { native, type Attribute, type NativeGraph, type Output, type TypedShape } from '../native';
import type { GraphFunction, Inputs } from '../operation';

/** The operations without constant arguments that take a run of MLIR's passes, as measured. */
const costly = new Set(
  (
    'XlaOptimizationBarrier Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Exp Expm1 Floor IsFinite IsInf IsNan ' +
    'Log1p LogSoftmax Reciprocal Relu Relu6 Rsqrt Select Sigmoid Sign Sinh Softmax Sqrt Tanh'
  ).split(' '),
);

/** An operation as `native.addOperation` takes it. */
export interface NewNode {
  type: string;
  name: string;
  inputs: Inputs;
  attributes: readonly Attribute[];
}

/** A function of this operation alone; what it does and takes is its name. */
function functionOf({ type, inputs, attributes }: NewNode, given: readonly TypedShape[]) {
  const content = createHash('sha256').update(JSON.stringify([attributes, given]));
  const name = `${type}_${content.digest('hex').slice(0, 16)}`;
  const make = () =>
    graphFunction(
      name,
      [],
      given,
      (b, ids) => {
        const rest = [...ids];
        const own = inputs.map(input => (typeof input === 'number' ? rest.shift()! : rest.splice(0, input.length)));
        return b.op(type, own, [...attributes]);
      },
      true,
    );
  return { name, make };
}

/** The functions of a graph for XLA, and what adds an operation to it: by a call of a function where that is faster. */
export function sharedFunctions(graph: NativeGraph) {
  const known = new Map<string, GraphFunction>();
  /** `read` is what the operation reads, input after input, and `made` what it gives. */
  function add(node: NewNode, read: readonly Output[], made: readonly Output[]): Output[] {
    const { type, name, inputs, attributes } = node;
    const given = read.flatMap(({ dtype, shape }) => (shape ? [{ dtype, shape }] : []));
    if (!costly.has(type) || given.length < read.length)
      return native.addOperation(graph, type, name, inputs, attributes);
    const f = functionOf(node, given);
    if (!known.has(f.name)) {
      known.set(f.name, f.make());
      native.useFunction(graph, known.get(f.name)!.handle);
    }
    const types = typeAttribute(
      'Tout',
      made.map(({ dtype }) => dtype),
    );
    return native.addOperation(
      graph,
      'PartitionedCall',
      name,
      [inputs.flat()],
      [functionAttribute('f', f.name), types],
    );
  }
  return { add, functions: () => [...known.values()] };
}

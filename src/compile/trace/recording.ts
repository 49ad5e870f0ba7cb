/** What a trace does with each operation: it adds it to a graph, and gives tensors without values. */
import { createHash } from 'node:crypto';
import { noteRawOperation } from '../../autodiff/tape';
import { tf } from '../../autodiff/tf';
import { typeAttribute } from '../graph-builder';
import { AT, arrayOf, DT, native, type Attribute, type NativeArray, type NativeGraph, type Output } from '../native';
import { dataType, type Float, type Operation, type Spec } from '../operation';
import type { CustomCall } from '../xla/custom-call';
import type { Constants } from '../xla/index-checks';
import { definition, grouped, overruled } from './op-registry';
import type { Refusals } from './refusals';

/** The methods of the native backend that a trace calls or overrides. */
export interface Backend {
  tensorMap: {
    get(dataId: object): { id: number; values: ArrayLike<number> | null; dtype: number; shape: number[] } | undefined;
  };
  createOutputTensor(metadata: { id: number; shape: readonly number[]; dtype: number }): tf.Tensor;
  executeSingleOutput(type: string, attributes: Attribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(type: string, attributes: Attribute[], inputs: tf.Tensor[], count: number): tf.Tensor[];
  write(values: unknown, shape: number[], dtype: string): object;
  readSync(dataId: object): ArrayLike<number>;
  read(dataId: object): Promise<ArrayLike<number>>;
}
export const backend = () => tf.backend() as unknown as Backend;

export type NewOperation = Pick<Operation, 'type' | 'inputs' | 'attributes' | 'shapes' | 'text'>;

export interface Recording {
  readonly float: Float;
  readonly refusals: Refusals;
  /** Adds an operation: to the graph of a first trace; a replay compares it with the first trace. */
  add(operation: NewOperation): readonly Output[];
  /** The output that stands for a tensor, by the tensor's data. */
  readonly outputs: Map<object, Output>;
  /** Arguments that become outputs when an operation first takes them, by the tensor's data. */
  readonly late: Map<object, () => Output>;
  /** The data of tensors that the step itself made from values; they are constants. */
  readonly written: Set<object>;
  /** The values of small constants, by the ids of their outputs. */
  readonly constants: Map<number, ArrayLike<number>>;
}

export interface Trace {
  /** The operations as they are; of a replay, as XLA compiles them: where that is the same, the first trace's own. */
  graph: NativeGraph;
  /** Ids of the arguments and of the results, in the order given. */
  inputs: number[];
  outputs: number[];
  operations: readonly Operation[];
  /** The calls of OpenBLAS that replace operations when XLA compiles them, by the operation's index. */
  calls: ReadonlyMap<number, CustomCall>;
  /** The indices of the operations that an optimization barrier follows. */
  barriers: ReadonlySet<number>;
  constants: Constants;
  /** Whether the graph for XLA has one more result, which holds the first index out of range (xla/index-checks.ts). */
  checksIndices: boolean;
}

/** Constants of at most so many entries are kept: axes, shapes and segment counts, which the index checks read. */
const smallConstant = 8;

/** TensorFlow.js itself passes some scalars (axes, sizes) as such tensors, whose values are int64. */
type Given = tf.Tensor & { valueArray?: Int32Array };

const runtimeType: Partial<Record<tf.DataType, number>> = {
  float32: DT.float,
  int32: DT.int32,
  bool: DT.bool,
  complex64: DT.complex64,
};

/** The types under which the step sees what the runtime computes. */
const visibleType: Record<number, number> = {
  [DT.float]: DT.float,
  [DT.double]: DT.float,
  [DT.int32]: DT.int32,
  [DT.bool]: DT.bool,
  [DT.complex64]: DT.complex64,
  [DT.complex128]: DT.complex64,
};

function constant(r: Recording, values: NativeArray, shape: readonly number[], dtype: number): Output {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const value = native.createTensor(values, shape, dtype);
  try {
    const [output] = r.add({
      type: 'Const',
      inputs: [],
      attributes: [typeAttribute('dtype', dtype), { name: 'value', type: AT.tensor, value }],
      shapes: [],
      text: `Const ${dtype} [${shape}] ${createHash('sha256').update(bytes).digest('base64')}`,
    });
    if (values.length <= smallConstant) r.constants.set(output.id, values);
    return output;
  } finally {
    native.release([value]);
  }
}

/** The output that stands for a tensor: a constant if the step made it from values. One from outside is refused. */
export function outputOf(r: Recording, tensor: Given): Output {
  if (tensor.valueArray) return constant(r, new Int32Array(tensor.valueArray), [], DT.int64);
  const known = r.outputs.get(tensor.dataId) ?? r.late.get(tensor.dataId)?.();
  if (known) return known;
  const info = backend().tensorMap.get(tensor.dataId);
  if (!r.written.has(tensor.dataId) || !info || info.values === null)
    return r.refusals.refuse(
      `the step uses a tensor of shape [${tensor.shape}] (${tensor.dtype}) that is neither in state nor in data`,
    );
  if (tensor.dtype !== 'float32' && tensor.dtype !== 'int32' && tensor.dtype !== 'bool')
    return r.refusals.refuse(
      `the step makes a constant of type ${tensor.dtype}; only float32, int32 and bool have a graph form`,
    );
  const dtype = dataType(tensor.dtype, r.float);
  const output = constant(r, arrayOf(dtype).from(info.values), info.shape, dtype);
  r.outputs.set(tensor.dataId, output);
  return output;
}

/** Whether a tensor stands for an output of a graph, and so has no values. */
export function isTraced({ dataId }: tf.Tensor): boolean {
  const info = backend().tensorMap.get(dataId);
  return info?.id === -1 && info.values === null;
}

/** A tensor without values that stands for an output. */
function tensorOf({ outputs }: Recording, output: Output, shape: readonly number[]): tf.Tensor {
  const tensor = backend().createOutputTensor({ id: -1, shape, dtype: visibleType[output.dtype] });
  outputs.set(tensor.dataId, output);
  return tensor;
}

function resultOf(r: Recording, type: string, output: Output): tf.Tensor {
  const { refuse } = r.refusals;
  if (output.shape === undefined)
    return refuse(`op ${type} has no graph form here: the shape of its result depends on values`);
  if (r.float === 'float64' && (output.dtype === DT.float || output.dtype === DT.complex64))
    return refuse(`op ${type} gives float32 only, so it has no float64 form`);
  if (visibleType[output.dtype] === undefined)
    return refuse(`op ${type} gives type ${output.dtype}, which TensorFlow.js does not know`);
  return tensorOf(r, output, output.shape);
}

function placeholder(r: Recording, name: string, { shape, dtype }: Spec): Output {
  const type = dataType(dtype, r.float);
  return r.add({
    type: 'Placeholder',
    inputs: [],
    attributes: [typeAttribute('dtype', type), { name: 'shape', type: AT.shape, value: [...shape] }],
    shapes: [],
    text: `${name} ${type} [${shape}]`,
  })[0];
}

/** A further argument of the traced function. */
export function argument(r: Recording, name: string, spec: Spec): { id: number; tensor: tf.Tensor } {
  const output = placeholder(r, name, spec);
  return { id: output.id, tensor: tensorOf(r, output, spec.shape) };
}

/** A tensor that becomes an argument when something uses it: then `used` gets the id. */
export function lateArgument(r: Recording, name: string, spec: Spec, used: (id: number) => void): tf.Tensor {
  const dtype = dataType(spec.dtype, r.float);
  const tensor = backend().createOutputTensor({ id: -1, shape: spec.shape, dtype: visibleType[dtype] });
  r.late.set(tensor.dataId, () => {
    const output = placeholder(r, name, spec);
    r.outputs.set(tensor.dataId, output);
    used(output.id);
    return output;
  });
  return tensor;
}

/** An attribute as the graph takes it: with float64, the type float32 becomes float64. */
function widened({ float, refusals }: Recording, type: string, attribute: Attribute): Attribute {
  const { name, value } = attribute;
  if (float === 'float32') return attribute;
  if (attribute.type === AT.type) {
    const wide = value === DT.float ? DT.double : value === DT.complex64 ? DT.complex128 : value;
    return { ...attribute, value: wide };
  }
  if (attribute.type === AT.float && Math.fround(value as number) !== value)
    return refusals.refuse(`op ${type} takes ${name} = ${String(value)} in float32 only, so it has no float64 form`);
  return attribute;
}

function execute(r: Recording, type: string, given: Attribute[], tensors: tf.Tensor[]): tf.Tensor[] {
  const { refuse } = r.refusals;
  if (type === 'LeakyRelu' && r.float === 'float64') {
    // Its slope is an attribute, which is float32. As operations it is a constant, which is float64.
    const alpha = given.find(({ name }) => name === 'alpha')!.value as number;
    return [tf.where(tf.greater(tensors[0], 0), tensors[0], tf.mul(tensors[0], alpha))];
  }
  const attributes = given.map(attribute => widened(r, type, attribute));
  const op = definition(type);
  if (op === undefined) return refuse(`op ${type} is not known to the runtime`);
  if (op.stateful)
    return refuse(`op ${type} draws random numbers or keeps a state of its own; use draw.normal or draw.uniform`);
  const ids = tensors.map(tensor => outputOf(r, tensor).id);
  const inputs = grouped(op.inputs, ids);
  const text = JSON.stringify([type, inputs, attributes]);
  const outputs = r.add({ type, inputs, attributes, shapes: tensors.map(t => t.shape ?? []), text });
  return outputs.map(output => resultOf(r, type, output));
}

/**
 * Records an operation of TensorFlow.js, or a raw one of the runtime, instead of computing it; gives its results
 * without values. Their shapes and types are those of TensorFlow's own shape inference (native.addOperation).
 */
export function recordOperation(r: Recording, type: string, given: Attribute[], tensors: Given[]): tf.Tensor[] {
  const types = tensors.map(({ valueArray, dtype }) => (valueArray ? DT.int64 : runtimeType[dtype]));
  const results = execute(r, type, overruled(type, given, types), tensors);
  noteRawOperation(type, tensors, results);
  return results;
}

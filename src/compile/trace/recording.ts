/** What a trace does with each operation: it adds it to a graph, and gives tensors without values. */
import { createHash } from 'node:crypto';
import { noteRawOperation } from '../../autodiff/tape';
import { encode } from '../../base/lossless-json';
import { tf } from '../../autodiff/tf';
import { typeAttribute } from '../graph-builder';
import { AT, arrayOf, DT, native, type Attribute, type NativeArray, type Output, type TypedShape } from '../native';
import { dataType, typedShape, type Float, type Operation, type Spec, type Trace } from '../operation';
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
  /** While a trace lasts: what it records now. */
  tracing?: Tracing;
}
export const backend = () => tf.backend() as unknown as Backend;

export type NewOperation = Pick<Operation, 'type' | 'inputs' | 'attributes' | 'shapes' | 'text' | 'entry' | 'loop'>;

/** What makes the trace of one function. */
export interface Writer {
  /** Adds an operation: to the graph of a first trace; a replay compares it with the first trace. */
  add(operation: NewOperation): readonly Output[];
  /** The writer of the next function that a loop of this one calls. */
  nested(): Writer;
  finish(inputs: readonly number[], outputs: readonly number[], constants: Trace['constants']): Trace;
}

/** The function that is recorded now: the innermost one, as loops inside it have functions of their own. */
export interface Tracing {
  recording: Recording;
}

export interface Recording {
  readonly float: Float;
  readonly refusals: Refusals;
  readonly writer: Writer;
  /** Of the body of a loop: what it reads of the function around it. */
  readonly around?: Around;
  /** The output that stands for a tensor, by the tensor's data. */
  readonly outputs: Map<object, Output>;
  /** Arguments that become outputs when an operation first takes them, by the tensor's data. */
  readonly late: Map<object, () => Output>;
  /** The data of tensors that the step itself made from values; they are constants. */
  readonly written: Set<object>;
  /** The values of small constants, by the ids of their outputs. */
  readonly constants: Map<number, ArrayLike<number>>;
}

export interface Around {
  readonly recording: Recording;
  /** The least id of a tensor that the body makes. */
  readonly begin: number;
  /** The tensors made before the body that operations of it are given, by their ids. */
  readonly reads: Map<number, tf.Tensor>;
  /** The outputs around it that it takes as arguments, and these arguments. */
  readonly captured: { from: Output; to: Output }[];
}

export const newRecording = (float: Float, refusals: Refusals, writer: Writer, around?: Around): Recording => ({
  float,
  refusals,
  writer,
  around,
  outputs: new Map(),
  late: new Map(),
  written: new Set(),
  constants: new Map(),
});

/** Notes a tensor that bodies of loops read and did not make. */
export function noteRead({ around }: Recording, tensor: tf.Tensor): void {
  if (!around || tensor.id >= around.begin) return;
  if (!around.reads.has(tensor.id)) around.reads.set(tensor.id, tensor);
  noteRead(around.recording, tensor);
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

/** Constants of more entries, when these are equal, are given to XLA as one number. */
const mostWhole = 256;

function constant(r: Recording, values: NativeArray, shape: readonly number[], dtype: number): Output {
  const [first] = values;
  const entry = values.length > mostWhole && values.every(v => Object.is(v, first)) ? values.slice(0, 1) : undefined;
  const { buffer, byteOffset, byteLength } = entry ?? values;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const value = native.createTensor(values, shape, dtype);
  try {
    const [output] = r.writer.add({
      type: 'Const',
      inputs: [],
      attributes: [typeAttribute('dtype', dtype), { name: 'value', type: AT.tensor, value }],
      shapes: [],
      text: `Const ${dtype} [${shape}] ${createHash('sha256').update(bytes).digest('base64')}${entry ? ' in all' : ''}`,
      entry,
    });
    if (values.length <= smallConstant) r.constants.set(output.id, values);
    return output;
  } finally {
    native.release([value]);
  }
}

/** Whether the step itself made a tensor from values, in this function or in one around it. */
export const isWritten = ({ written, around }: Recording, dataId: object): boolean =>
  written.has(dataId) || (around !== undefined && isWritten(around.recording, dataId));

const isKnown = (r: Recording, dataId: object): boolean =>
  r.outputs.has(dataId) ||
  r.late.has(dataId) ||
  isWritten(r, dataId) ||
  (!!r.around && isKnown(r.around.recording, dataId));

/** An argument of a body that stands for a tensor of the function around it. */
function captured(r: Recording, { recording, captured }: Around, tensor: tf.Tensor): Output {
  const from = outputOf(recording, tensor);
  const to = placeholder(r, `captured ${captured.length}`, { shape: from.shape!, dtype: from.dtype });
  captured.push({ from, to });
  r.outputs.set(tensor.dataId, to);
  return to;
}

/** The data of tensors that bodies of loops made, and the loop. They mean nothing outside the body. */
const made = new WeakMap<object, string>();

/** Says that nothing outside may use what a body made. */
export function closeBody({ outputs }: Recording, loop: string): void {
  for (const dataId of outputs.keys()) made.set(dataId, loop);
}

/** The output that stands for a tensor: a constant if the step made it from values. One from outside is refused. */
export function outputOf(r: Recording, tensor: Given): Output {
  if (tensor.valueArray) return constant(r, new Int32Array(tensor.valueArray), [], DT.int64);
  const { dataId, shape, dtype: type } = tensor;
  const known = r.outputs.get(dataId) ?? r.late.get(dataId)?.();
  if (known) return known;
  const info = backend().tensorMap.get(dataId);
  const isOwn = r.written.has(dataId) || (isWritten(r, dataId) && (info?.values?.length ?? 0) <= smallConstant);
  if (!isOwn && r.around && isKnown(r.around.recording, dataId)) return captured(r, r.around, tensor);
  if (!isOwn || !info || info.values === null)
    return r.refusals.refuse(
      made.has(dataId)
        ? `the step uses a tensor of shape [${shape}] (${type}) outside the body of ${made.get(dataId)} ` +
            'that made it; return it from the body'
        : `the step uses a tensor of shape [${shape}] (${type}) that is neither in state nor in data`,
    );
  if (type !== 'float32' && type !== 'int32' && type !== 'bool')
    return r.refusals.refuse(
      `the step makes a constant of type ${type}; only float32, int32 and bool have a graph form`,
    );
  const dtype = dataType(type, r.float);
  const output = constant(r, arrayOf(dtype).from(info.values), info.shape, dtype);
  r.outputs.set(dataId, output);
  return output;
}

/** Whether a tensor stands for an output of a graph, and so has no values. */
export function isTraced({ dataId }: tf.Tensor): boolean {
  const info = backend().tensorMap.get(dataId);
  return info?.id === -1 && info.values === null;
}

/** A tensor without values that stands for an output. */
export function tensorOf({ outputs }: Recording, output: Output, shape: readonly number[]): tf.Tensor {
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

function placeholder(r: Recording, name: string, { shape, dtype }: TypedShape): Output {
  return r.writer.add({
    type: 'Placeholder',
    inputs: [],
    attributes: [typeAttribute('dtype', dtype), { name: 'shape', type: AT.shape, value: [...shape] }],
    shapes: [],
    text: `${name} ${dtype} [${shape}]`,
  })[0];
}

/** A further argument of the traced function. */
export function argument(r: Recording, name: string, type: TypedShape): { id: number; tensor: tf.Tensor } {
  const output = placeholder(r, name, type);
  return { id: output.id, tensor: tensorOf(r, output, type.shape) };
}

/** A tensor that becomes an argument when something uses it: then `used` gets the id. */
export function lateArgument(r: Recording, name: string, spec: Spec, used: (id: number) => void): tf.Tensor {
  const dtype = dataType(spec.dtype, r.float);
  const tensor = backend().createOutputTensor({ id: -1, shape: spec.shape, dtype: visibleType[dtype] });
  r.late.set(tensor.dataId, () => {
    const output = placeholder(r, name, typedShape(spec, r.float));
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
  const text = JSON.stringify(encode('trace', type, [type, inputs, attributes])); // NaN, infinities and -0 differ
  const outputs = r.writer.add({ type, inputs, attributes, shapes: tensors.map(t => t.shape ?? []), text });
  return outputs.map(output => resultOf(r, type, output));
}

/**
 * Records an operation of TensorFlow.js, or a raw one of the runtime, instead of computing it; gives its results
 * without values. Their shapes and types are those of TensorFlow's own shape inference (native.addOperation).
 */
export function recordOperation(r: Recording, type: string, given: Attribute[], tensors: Given[]): tf.Tensor[] {
  const types = tensors.map(({ valueArray, dtype }) => (valueArray ? DT.int64 : runtimeType[dtype]));
  for (const tensor of tensors) if (tensor instanceof tf.Tensor) noteRead(r, tensor);
  const results = execute(r, type, overruled(type, given, types), tensors);
  noteRawOperation(type, tensors, results);
  return results;
}

/**
 * Tracing: the step runs once on tensors that have a shape and a type but no values. Every kernel of tfjs-node ends in
 * `executeSingleOutput` or `executeMultipleOutputs` of its backend; while a trace lasts, these add a node to a graph
 * instead of computing, and the runtime's own shape inference says what comes out. Autodiff runs unchanged on top.
 */
import { createHash } from 'node:crypto';
import { size } from '../../base/ndarray';
import { noteRawOperation } from '../../autodiff/tape';
import { UsageError } from '../../base/check';
import { tf } from '../../autodiff/tf';
import { withDoubles } from './float64';
import { fenced, fences } from '../xla/barriers';
import type { LeafType } from '../tree';
import { callOperation, type CustomCall } from '../xla/custom-call';
import type { Traced } from '../xla/openblas';
import { libraryCalls } from '../xla/openblas-calls';
import { userLine, withDeepStacks } from '../../base/source-location';
import { AT, DT, native, type Attribute, type NativeArray, type NativeGraph, type Output } from '../native';
import { definition, grouped, overruled } from './op-registry';
import { rangeChecks, readsByIndex, type Constants } from '../xla/index-checks';

export type Float = 'float32' | 'float64';
export interface Spec {
  shape: readonly number[];
  dtype: LeafType;
}

/** One node: what it is, in full, and where it came from. */
export interface Operation extends Traced {
  name: string;
  text: string;
  /** Its stack, where the trace takes stacks. */
  made?: Error;
}

export interface Trace {
  /** The operations as they are; of a replay, as XLA is to compile them, which is the first trace's own graph where that is the same. */
  graph: NativeGraph;
  /** Ids of the arguments, in the order given. */
  inputs: number[];
  operations: Operation[];
  /** The calls into a library that stand for operations when XLA compiles them, by the operation's place. */
  calls: ReadonlyMap<number, CustomCall>;
  /** The places of the operations whose results XLA's simplifier is kept from looking into. */
  fences: ReadonlySet<number>;
  /** The values of small constants. */
  constants: Constants;
  /** Whether XLA's form has one result more, of three numbers, which tells an index out of range. */
  tells: boolean;
  /** About how many multiplications and additions one call takes. */
  work: number;
  /** Adds a further argument. */
  input(name: string, spec: Spec): tf.Tensor;
  /** Ids of the results. */
  outputs: number[];
  /** Makes the tensors the results; refuses one from outside. */
  give(tensors: readonly tf.Tensor[]): void;
}

interface Backend {
  tensorMap: { get(dataId: object): { values: ArrayLike<number> | null; dtype: number; shape: number[] } | undefined };
  createOutputTensor(metadata: { id: number; shape: readonly number[]; dtype: number }): tf.Tensor;
  executeSingleOutput(type: string, attributes: Attribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(type: string, attributes: Attribute[], inputs: tf.Tensor[], count: number): tf.Tensor[];
  write(values: unknown, shape: number[], dtype: string): object;
  readSync(dataId: object): ArrayLike<number>;
  read(dataId: object): Promise<ArrayLike<number>>;
}

const tfjsType: Partial<Record<tf.DataType, number>> = {
  float32: DT.float,
  int32: DT.int32,
  bool: DT.bool,
  complex64: DT.complex64,
};

const typeOf = (dtype: LeafType, float: Float): number =>
  dtype === 'float32' ? (float === 'float64' ? DT.double : DT.float) : dtype === 'int32' ? DT.int32 : DT.bool;

const eagerType: Record<number, number> = {
  [DT.float]: DT.float,
  [DT.double]: DT.float,
  [DT.int32]: DT.int32,
  [DT.bool]: DT.bool,
  [DT.complex64]: DT.complex64,
  [DT.complex128]: DT.complex64,
};

/** Arithmetic of one operation: 2 m k n for [m, k] x [k, n], which is the root of the product of the three sizes; else one per entry. */
function workOf(type: string, inputs: readonly (readonly number[])[], outputs: readonly Output[]): number {
  const sizes = [...inputs, ...outputs.map(output => output.shape ?? [])].map(size);
  if (/MatMul|Conv|Einsum/.test(type)) return 2 * Math.sqrt(sizes[0] * sizes[1] * sizes[2]);
  const largest = Math.max(1, ...sizes);
  return /Cholesky|Matrix|Qr|Svd|SelfAdjoint/.test(type) ? largest ** 1.5 : largest;
}

/**
 * Runs `f` with every TensorFlow.js operation inside it recorded; `where` starts the messages.
 * With `first`, the trace is a replay: it must do what `first` did, operation by operation, or it is refused.
 * A stack costs as much as the rest of an operation, so only one of the two takes `stacks`.
 */
export function trace(
  where: string,
  float: Float,
  f: (trace: Trace) => void,
  first?: Trace,
  stacks = first !== undefined,
): Trace {
  const backend = tf.backend() as unknown as Backend;
  const engine = tf.engine() as unknown as {
    runKernel(name: string, ...rest: unknown[]): unknown;
    disposeTensor(tensor: tf.Tensor): void;
  };
  const rewritten = first !== undefined && (first.calls.size > 0 || first.fences.size > 0 || first.tells);
  const graph = first && !rewritten ? first.graph : native.createGraph();
  const placed: number[] = []; // of a rewritten graph: its output for each of the first trace's
  const constants = new Map<number, ArrayLike<number>>(); // the small ones, of the first trace
  const ranges = first?.tells ? rangeChecks(graph, first.constants, placed) : undefined;
  const outputs = new Map<object, Output>();
  const written = new Set<object>();
  const operations: Operation[] = [];
  let kernel = '';
  let work = 0;
  let refusal: Error | undefined; // the first; thrown at the end too, should the step have caught it

  const note = (what: string, made = new Error()): Error => {
    const line = userLine(made);
    return (refusal ??= new UsageError(`${where}: ${what}${line === undefined ? '' : ` (at ${line})`}`));
  };
  const refuse = (what: string, made?: Error): never => {
    throw note(what, made);
  };
  const refuseChange = (made?: Error): never =>
    refuse(
      'the step is not the same twice: its operations or constants change from call to call ' +
        '(Math.random, Date.now, tf.randomNormal, a counter); use draw.normal, draw.uniform or the state',
      made,
    );

  const add = (
    type: string,
    inputs: (number | number[])[],
    attributes: Attribute[],
    text: string,
    shapes: readonly (readonly number[])[],
  ): readonly Output[] => {
    const index = operations.length;
    const name = `${type}_${index}`;
    if (first) {
      const before = first.operations[index];
      if (before?.text !== text) return refuseChange();
      operations.push({ ...before, made: new Error() });
      const call = first.calls.get(index),
        instead = call && callOperation(call);
      if (rewritten) {
        const given = (call ? [call.inputs] : inputs).map(input =>
          typeof input === 'number' ? placed[input] : input.map(id => placed[id]),
        );
        const made = native.addOperation(graph, instead?.type ?? type, name, given, instead?.attributes ?? attributes);
        placed.push(...(first.fences.has(index) ? fenced(graph, name, made) : made).map(({ id }) => id));
        ranges?.check(before, index);
      }
      return before.outputs;
    }
    try {
      const outputs = native.addOperation(graph, type, name, inputs, attributes);
      operations.push({ name, type, text, attributes, inputs, shapes, outputs, ...(stacks && { made: new Error() }) });
      work += workOf(type, shapes, outputs);
      return outputs;
    } catch (error) {
      return refuse(`op ${type} has no graph form here: ${(error as Error).message.split('\n')[0].slice(0, 200)}`);
    }
  };

  const constant = (values: NativeArray, shape: readonly number[], dtype: number): Output => {
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const value = native.createTensor(values, shape, dtype);
    const text = `Const ${dtype} [${shape}] ${createHash('sha256').update(bytes).digest('base64')}`;
    try {
      const [output] = add(
        'Const',
        [],
        [
          { name: 'dtype', type: AT.type, value: dtype },
          { name: 'value', type: AT.tensor, value },
        ],
        text,
        [],
      );
      if (values.length <= 8) constants.set(output.id, values);
      return output;
    } finally {
      native.release([value]);
    }
  };

  const place = (tensor: tf.Tensor & { valueArray?: Int32Array }): Output => {
    if (tensor.valueArray) return constant(new Int32Array(tensor.valueArray), [], DT.int64);
    const known = outputs.get(tensor.dataId);
    if (known) return known;
    const info = backend.tensorMap.get(tensor.dataId);
    if (!written.has(tensor.dataId) || !info || info.values === null)
      return refuse(
        `the step uses a tensor of shape [${tensor.shape}] (${tensor.dtype}) that is neither in state nor in data`,
      );
    if (tensor.dtype !== 'float32' && tensor.dtype !== 'int32' && tensor.dtype !== 'bool')
      return refuse(
        `the step makes a constant of type ${tensor.dtype}; only float32, int32 and bool have a graph form`,
      );
    const dtype = typeOf(tensor.dtype, float);
    const array =
      dtype === DT.double
        ? Float64Array
        : dtype === DT.float
          ? Float32Array
          : dtype === DT.int32
            ? Int32Array
            : Uint8Array;
    const output = constant(array.from(info.values), info.shape, dtype);
    outputs.set(tensor.dataId, output);
    return output;
  };

  const tensorOf = (type: string, output: Output): tf.Tensor => {
    if (output.shape === undefined)
      return refuse(`op ${type} has no graph form here: the shape of its result depends on values`);
    if (float === 'float64' && (output.dtype === DT.float || output.dtype === DT.complex64))
      return refuse(`op ${type} gives float32 only, so it has no float64 form`);
    const dtype = eagerType[output.dtype];
    if (dtype === undefined) return refuse(`op ${type} gives type ${output.dtype}, which TensorFlow.js does not know`);
    const tensor = backend.createOutputTensor({ id: -1, shape: output.shape, dtype });
    outputs.set(tensor.dataId, output);
    return tensor;
  };

  const widen = (type: string, attribute: Attribute): Attribute => {
    if (float === 'float32') return attribute;
    if (attribute.type === AT.type) {
      const wide =
        attribute.value === DT.float ? DT.double : attribute.value === DT.complex64 ? DT.complex128 : attribute.value;
      return { ...attribute, value: wide };
    }
    if (attribute.type === AT.float && Math.fround(attribute.value as number) !== attribute.value)
      return refuse(
        `op ${type} takes ${attribute.name} = ${String(attribute.value)} in float32 only, so it has no float64 form`,
      );
    return attribute;
  };

  const execute = (type: string, given: Attribute[], tensors: tf.Tensor[]): tf.Tensor[] => {
    if (type === 'LeakyRelu' && float === 'float64') {
      const alpha = given.find(a => a.name === 'alpha')!.value as number;
      return [tf.where(tf.greater(tensors[0], 0), tensors[0], tf.mul(tensors[0], alpha))];
    }
    const attributes = given.map(attribute => widen(type, attribute));
    const op = definition(type);
    if (op === undefined) return refuse(`op ${type} is not known to the runtime`);
    if (op.stateful)
      return refuse(`op ${type} draws random numbers or keeps a state of its own; use draw.normal or draw.uniform`);
    const inputs = grouped(
      op.inputs,
      tensors.map(tensor => place(tensor).id),
    );
    const text = JSON.stringify([type, inputs, attributes]);
    return add(
      type,
      inputs,
      attributes,
      text,
      tensors.map(t => t.shape ?? []),
    ).map(output => tensorOf(type, output));
  };

  const executeAsEager = (
    type: string,
    given: Attribute[],
    tensors: (tf.Tensor & { valueArray?: Int32Array })[],
  ): tf.Tensor[] => {
    const results = execute(
      type,
      overruled(
        type,
        given,
        tensors.map(({ valueArray, dtype }) => (valueArray ? DT.int64 : tfjsType[dtype])),
      ),
      tensors,
    );
    noteRawOperation(type, tensors, results);
    return results;
  };

  /** The values of a constant that the step itself wrote. */
  const writtenValues = (dataId: object) =>
    written.has(dataId) ? (backend.tensorMap.get(dataId)?.values ?? undefined) : undefined;
  const read = (dataId: object): ArrayLike<number> => {
    const values = writtenValues(dataId);
    if (values) return values;
    if (kernel === 'GatherV2') return []; // it reads its indices only to check them
    return refuse(`${kernel} reads values, which a compiled step has not got`);
  };
  const readByUser =
    'the step reads values of a tensor (dataSync, arraySync, data, array, print, or a branch on a value); ' +
    "a compiled step has none: use tf.where, or mode: 'eager'";
  const inherited = <T extends object>(target: T) => Object.getPrototypeOf(target) as T;

  const overrides: [object, Record<string, unknown>][] = [
    [
      backend,
      {
        executeSingleOutput: (type: string, attributes: Attribute[], inputs: tf.Tensor[]) =>
          executeAsEager(type, attributes, inputs)[0],
        executeMultipleOutputs: executeAsEager,
        readSync: read,
        read: async (dataId: object) => read(dataId),
        write(values: unknown, shape: number[], dtype: string) {
          const dataId = inherited(backend).write.call(backend, values, shape, dtype);
          written.add(dataId);
          return dataId;
        },
      },
    ],
    [
      engine,
      {
        readSync: (dataId: object) => writtenValues(dataId) ?? refuse(readByUser),
        read: () => {
          note(readByUser);
          return new Promise(() => undefined); // whoever waits for it is refused when the trace ends
        },
        disposeTensor(tensor: tf.Tensor) {
          if (tensor instanceof tf.Variable)
            refuse(
              `the step assigns to or disposes the variable ${tensor.name}; return the new value in the state instead`,
            );
          inherited(engine).disposeTensor.call(engine, tensor);
        },
        runKernel(name: string, ...rest: unknown[]) {
          const outer = kernel;
          kernel = name;
          try {
            return inherited(engine).runKernel.call(engine, name, ...rest);
          } finally {
            kernel = outer;
          }
        },
      },
    ],
  ];

  const inputs: number[] = [];
  const results: number[] = [];
  const result: Trace = {
    graph,
    inputs,
    operations,
    get work() {
      return work;
    },
    calls: first?.calls ?? new Map(),
    fences: first?.fences ?? new Set(),
    constants,
    tells: first?.tells ?? false,
    input(name, { shape, dtype }) {
      const type = typeOf(dtype, float);
      const attributes = [
        { name: 'dtype', type: AT.type, value: type },
        { name: 'shape', type: AT.shape, value: [...shape] },
      ];
      const [output] = add('Placeholder', [], attributes, `${name} ${type} [${shape}]`, []);
      inputs.push(output.id);
      const tensor = backend.createOutputTensor({ id: -1, shape, dtype: eagerType[type] });
      outputs.set(tensor.dataId, output);
      return tensor;
    },
    outputs: results,
    give(tensors) {
      results.push(...tensors.map(tensor => place(tensor).id));
      const other = first ? results.find((id, i) => id !== first.outputs[i]) : undefined;
      if (other !== undefined)
        refuseChange(operations.find(({ outputs }) => outputs.some(({ id }) => id === other))!.made);
    },
  };

  const run = () => withDeepStacks(() => tf.tidy(() => f(result)));
  try {
    for (const [target, methods] of overrides) Object.assign(target, methods);
    if (float === 'float64') withDoubles(run);
    else run();
  } finally {
    for (const [target, methods] of overrides)
      for (const name of Object.keys(methods)) delete (target as Record<string, unknown>)[name];
  }
  if (refusal) throw refusal;
  if (first && first.operations.length !== operations.length)
    refuseChange(trace(where, float, f, undefined, true).operations[operations.length]?.made);
  if (!first) {
    result.calls = libraryCalls(operations, results);
    result.fences = fences(operations, result.calls);
    result.tells = readsByIndex(operations, constants);
  }
  if (rewritten) for (const ids of [inputs, results]) ids.splice(0, ids.length, ...ids.map(id => placed[id]));
  if (ranges) results.push(ranges.tell());
  return result;
}

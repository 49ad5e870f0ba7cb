/** The words that the parts of this folder share: shapes, types, and the operations of a traced function. */
import type { Shape } from '../base/check';
import {
  DT,
  type Attribute,
  type NativeArray,
  type NativeFunction,
  type NativeGraph,
  type Output,
  type TypedShape,
} from './native';
import type { LeafType, Structure } from './tree';
import type { CustomCall } from './xla/custom-call';

/** What the floats of a step are computed in. The step itself is in float32: TensorFlow.js has no float64. */
export type Float = 'float32' | 'float64';

/** A tensor as TensorFlow.js knows it. */
export interface Spec {
  shape: Shape;
  dtype: LeafType;
}

/** The structures, shapes and types of state and data: what a program is compiled for. */
export interface Layout {
  state: { structure: Structure; leaves: readonly (Spec & { path: string })[] };
  data: { structure: Structure; leaves: readonly (Spec & { path: string })[] };
}

/** The runtime's type (TF_DataType) of a tensor of a step. */
export const dataType = (dtype: LeafType, float: Float): number =>
  dtype === 'int32' ? DT.int32 : dtype === 'bool' ? DT.bool : float === 'float64' ? DT.double : DT.float;

export const typedShape = ({ shape, dtype }: Spec, float: Float): TypedShape => ({
  shape,
  dtype: dataType(dtype, float),
});

/** Ids of outputs; a list of ids where the operation declares that an input is a list of tensors. */
export type Inputs = readonly (number | readonly number[])[];

/** One operation of a traced function. Its inputs are the ids of other operations' outputs. */
export interface Operation {
  type: string;
  attributes: readonly Attribute[];
  inputs: Inputs;
  /** The shapes of the inputs, in one flat list. */
  shapes: readonly Shape[];
  outputs: readonly Output[];
  /** The name of its node: the type, and how many operations the whole trace had before. */
  name: string;
  /** The operation with its attributes and inputs as text: equal texts are equal operations. */
  text: string;
  /** Of a large constant whose entries are equal: one of them. */
  entry?: NativeArray;
  /** What it repeats, if it is a loop: then it is no single operation of TensorFlow. */
  loop?: InnerLoop;
  /** An error made where the step called the operation, for its stack; only a replay makes them. */
  origin?: Error;
}

/** A function of a graph, by which other graphs call it. */
export interface GraphFunction {
  name: string;
  handle: NativeFunction;
}

/** The values of small constants, by the ids of the outputs that hold them. */
export type Constants = ReadonlyMap<number, ArrayLike<number>>;

/** A function of tensors, traced. */
export interface Trace {
  /** The operations as they are; of a replay, as XLA compiles them: where that is the same, the first trace's own. */
  graph: NativeGraph;
  /** The functions that the graph calls. */
  functions: readonly GraphFunction[];
  /** Ids of the arguments and of the results, in the order given. */
  inputs: number[];
  outputs: number[];
  operations: readonly Operation[];
  /** The traces of the functions that loops call, in the order in which they were begun. */
  nested: readonly Trace[];
  /** The calls of OpenBLAS that replace operations when XLA compiles them, by the operation's index. */
  calls: ReadonlyMap<number, CustomCall>;
  /** The indices of the operations that an optimization barrier follows. */
  barriers: ReadonlySet<number>;
  /** The indices of the operations whose result XLA must round before it is read. */
  roundings: ReadonlySet<number>;
  constants: Constants;
  /** Whether the graph for XLA has one more result, which holds the first index out of range (xla/index-checks.ts). */
  checksIndices: boolean;
  /** Equal digests are equal functions. */
  digest: string;
}

/** A loop inside a traced function. Its body is a traced function of [i, carry, x, captured]; it gives [carry, y]. */
export interface InnerLoop {
  /** What it is called in messages. */
  name: string;
  count: number;
  /** Whether it ends as soon as its first carry, a bool, is false; more than `count` iterations are then refused. */
  conditional: boolean;
  /** Whether i falls from count - 1 to 0. */
  reverse: boolean;
  carry: readonly TypedShape[];
  /** What each iteration reads and writes: entry i along the first axis of tensors that the loop is given or gives. */
  x: readonly TypedShape[];
  y: readonly TypedShape[];
  /** What the body reads of the function around it. */
  captured: readonly TypedShape[];
  body: Trace;
}

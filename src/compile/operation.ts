/** The words that the parts of this folder share: shapes, types, and the operations of a traced function. */
import type { Shape } from '../base/check';
import type { Attribute, Output } from './native';
import { DT } from './native';
import type { LeafType, Structure } from './tree';

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

/** A tensor as the runtime knows it: `dtype` is a TF_DataType. */
export interface TypedShape {
  shape: Shape;
  dtype: number;
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
  /** The name of its node in the graph: the type and the operation's index. */
  name: string;
  /** The operation with its attributes and inputs as text: equal texts are equal operations. */
  text: string;
  /** An error made where the step called the operation, for its stack; only a replay makes them. */
  origin?: Error;
}

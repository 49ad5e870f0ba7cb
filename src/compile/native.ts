/** The project's own addon over TensorFlow's C API: graphs, sessions with their own threads, runs beside the event loop. */
import { createRequire } from 'node:module';
import path from 'node:path';
import '../autodiff/tf';

declare const sort: unique symbol;
interface Handle<S extends string> {
  readonly [sort]: S;
}
export type NativeTensor = Handle<'tensor'>;
export type NativeGraph = Handle<'graph'>;
export type NativeFunction = Handle<'function'>;
export type NativeSession = Handle<'session'>;

export type NativeMode = 'graph' | 'xla';

export type NativeArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** An attribute as tfjs-node writes it; `type` is a TF_AttrType. */
export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** One output of an operation; `shape` is absent when the runtime cannot tell it before it runs. */
export interface Output {
  id: number;
  dtype: number;
  shape?: number[];
}

/** One stream's numbers for `steps` steps from number `first` on, in a tensor with room for shape[0] steps. */
export interface NativeDraw {
  kind: number;
  seed: number;
  stream: number;
  first: number;
  steps: number;
  size: number;
  shape: readonly number[];
  dtype: number;
  low: number;
  range: number;
}

/** The kinds of a draw, as the addon numbers them. */
export const drawKinds = { normal: 0, uniform: 1, integers: 2, permutation: 3 } as const;

interface Native {
  /** Gives native memory back at once; the collector does it for what was never released. */
  release(handles: readonly Handle<string>[]): void;
  createTensor(values: NativeArray, shape: readonly number[], dtype: number): NativeTensor;
  readTensor(tensor: NativeTensor, count: number): NativeArray;
  createGraph(): NativeGraph;
  addOperation(
    graph: NativeGraph,
    type: string,
    name: string,
    inputs: readonly (number | readonly number[])[],
    attributes: readonly Attribute[],
  ): Output[];
  operationDefinition(graph: NativeGraph, type: string): Buffer;
  kernelsOf(type: string): Buffer;
  createFunction(
    graph: NativeGraph,
    name: string,
    inputs: readonly number[],
    outputs: readonly number[],
  ): NativeFunction;
  useFunction(graph: NativeGraph, f: NativeFunction): void;
  createSession(graph: NativeGraph, config: Buffer): NativeSession;
  run(
    session: NativeSession,
    feeds: readonly number[],
    tensors: readonly NativeTensor[],
    draws: readonly NativeDraw[],
    fetches: readonly number[],
  ): Promise<NativeTensor[]>;
  drawTensor(draw: NativeDraw): NativeTensor;
}

export const native: Native = createRequire(__filename)(
  path.join(__dirname, '..', '..', '.native', 'addons', 'loop.node'),
);

/** TF_DataType. */
export const DT = {
  float: 1,
  double: 2,
  int32: 3,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  complex128: 18,
} as const;

/** TF_AttrType. */
export const AT = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5, tensor: 6, func: 8 } as const;

/** The addon (kernel-setup/addon) over TensorFlow's C API: graphs, sessions with threads, runs off the main thread. */
import { createRequire } from 'node:module';
import path from 'node:path';
import '../autodiff/tf';
import type { Shape } from '../base/check';

declare const kind: unique symbol;
interface Handle<Kind extends string> {
  readonly [kind]: Kind;
}
export type NativeTensor = Handle<'tensor'>;
export type NativeGraph = Handle<'graph'>;
export type NativeFunction = Handle<'function'>;
export type NativeSession = Handle<'session'>;

/** The engines that a native program is made for: TensorFlow's graph, or XLA. */
export type NativeMode = 'graph' | 'xla';

export type NativeArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** An attribute as tfjs-node writes it; `type` is a TF_AttrType. */
export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** One output of an operation. `shape` is absent when it depends on values. */
export interface Output {
  id: number;
  dtype: number;
  shape?: number[];
}

/** A tensor as the runtime knows it: `dtype` is a TF_DataType. */
export interface TypedShape {
  shape: Shape;
  dtype: number;
}

/** The random numbers of one stream for steps of these `numbers`; the tensor has room for shape[0] steps. */
export interface NativeDraw {
  kind: number;
  seed: number;
  stream: number;
  numbers: Uint32Array;
  size: number;
  shape: readonly number[];
  dtype: number;
  low: number;
  range: number;
}

/** The kinds of random numbers, as the addon numbers them. */
export const drawKinds = { normal: 0, uniform: 1, integers: 2, permutation: 3 } as const;

interface Native {
  /** Frees native memory at once. What is never released is freed by the garbage collector. */
  release(handles: readonly Handle<string>[]): void;
  createTensor(values: NativeArray, shape: readonly number[], dtype: number): NativeTensor;
  readTensor(tensor: NativeTensor, count: number): NativeArray;
  createGraph(): NativeGraph;
  /**
   * Gives the outputs, whose ids count all outputs of the graph, with shapes and types by TensorFlow's shape inference,
   * which throws when shapes, types or attributes do not fit. So no shape rule is written in TypeScript.
   */
  addOperation(
    graph: NativeGraph,
    type: string,
    name: string,
    inputs: readonly (number | readonly number[])[],
    attributes: readonly Attribute[],
  ): Output[];
  operationDefinition(graph: NativeGraph, type: string): Buffer;
  kernelsOf(type: string): Buffer;
  /** A function of all operations of a graph. TensorFlow puts it in place of its calls, unless it is to be kept. */
  createFunction(
    graph: NativeGraph,
    name: string,
    inputs: readonly number[],
    outputs: readonly number[],
    kept: boolean,
  ): NativeFunction;
  useFunction(graph: NativeGraph, f: NativeFunction): void;
  createSession(graph: NativeGraph, config: Buffer): NativeSession;
  run(
    session: NativeSession,
    feeds: readonly number[],
    tensors: readonly NativeTensor[],
    draws: readonly NativeDraw[],
    fetches: readonly number[],
    /** The draws are made on at most so many threads, and are the same ones whatever their number. */
    threads: number,
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

/** The typed array that holds the entries of a TF_DataType. */
export const arrayOf = (dtype: number) =>
  dtype === DT.double ? Float64Array : dtype === DT.float ? Float32Array : dtype === DT.bool ? Uint8Array : Int32Array;

/** TF_AttrType. */
export const AT = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5, tensor: 6, func: 8 } as const;

/**
 * The bytes of TensorFlow's ConfigProto { intra_op_parallelism_threads: threads, inter_op_parallelism_threads: -1 }: a
 * run stays on the thread that calls it, so runs do not wait for each other. In graph mode also constant_folding: OFF
 * and arithmetic_optimization: OFF, so that x + 1e8 - 1e8 is computed as written. For XLA, which optimizes by itself
 * (xla/barriers.ts), disable_meta_optimizer: true, as what TensorFlow does before takes long and changes nothing there.
 */
export const sessionConfig = (threads: number, mode: NativeMode) => {
  const minusOne = [...new Array(9).fill(0xff), 0x01];
  const asWritten = [0x52, 0x06, 0x52, 0x04, 0x18, 0x02, 0x38, 0x02];
  const unchanged = [0x52, 0x05, 0x52, 0x03, 0x98, 0x01, 0x01];
  return Buffer.from([0x10, threads, 0x28, ...minusOne, ...(mode === 'graph' ? asWritten : unchanged)]);
};

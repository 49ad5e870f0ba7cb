/**
 * The inner parts of TensorFlow.js's engine that deal with the tape, with types. The tape lists the operations that ran
 * inside tf.grad and its like; a gradient is found by walking it backwards, from tensor to tensor by their ids.
 */
import { UsageError } from '../base/check';
import { withDeepStacks, withLine } from '../base/source-location';
import { tf } from '../base/tfjs';

export type Gradients = Record<string, () => tf.Tensor>;
export type GradientFunction = (dy: any, saved: any[], attributes: any) => Gradients;
type Save = (tensors: tf.Tensor[]) => void;

/** One operation on the tape. */
export interface TapeNode {
  id: number;
  kernelName: string;
  inputs: Record<string, tf.Tensor>;
  outputs: tf.Tensor[];
  saved: tf.Tensor[];
  gradient(dys: (tf.Tensor | null)[]): Gradients;
}

/** `nested`: a gradient was taken while it was written. `sources`: the ids of what this gradient is with respect to. */
export type Tape = TapeNode[] & { nested?: boolean; sources?: number[] };

export interface TapeEngine {
  state: { activeTape: Tape | null; gradientDepth: number; kernelDepth: number; nextTapeNodeId: number };
  isTapeOn(): boolean;
  nextTensorId(): number;
  keep(tensor: tf.Tensor): tf.Tensor;
  saveTensorsForBackwardMode(tensors: tf.Tensor[]): tf.Tensor[];
  clone(tensor: tf.Tensor): tf.Tensor;
  runKernel(name: string, inputs: object): tf.Tensor;
  runKernelFunc(custom: {
    inputs: object;
    forwardFunc: (backend: unknown, save: Save) => tf.Tensor;
    backwardsFunc: GradientFunction;
  }): tf.Tensor;
  addTapeNode(
    name: string,
    inputs: object,
    outputs: tf.Tensor[],
    gradient: GradientFunction | null,
    saved: (tf.Tensor | null)[],
    attributes?: object,
  ): void;
  gradients(
    f: () => tf.Tensor,
    xs: tf.Tensor[],
    dy?: tf.Tensor | null,
    allowNoGradients?: boolean,
  ): { value: tf.Tensor; grads: (tf.Tensor | undefined)[] };
}

export const engine = () => tf.engine() as unknown as TapeEngine;

/** Throws `gradient: what (at line)`: the user's line of `made`, or of the call that asks for the gradient. */
export function refuseGradient(what: string, made = withDeepStacks(() => new Error())): never {
  throw new UsageError(withLine(`gradient: ${what}`, made));
}

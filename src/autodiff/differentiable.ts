/**
 * Functions with a gradient of their own, of any order. TensorFlow.js records each operation on a tape while a gradient
 * is taken, those of an inner gradient too; what is computed off the tape is a constant to every derivative.
 */
import { tf } from '../base/tfjs';
import { engine, type TapeNode } from './tape-engine';

interface Computed {
  value: tf.Tensor;
  saved?: tf.Tensor[];
}
type Gradient = (dy: tf.Tensor, inputs: tf.Tensor[], saved: tf.Tensor[]) => tf.Tensor[];

/**
 * `forward(inputs)` as one function on the tape. `gradient` is differentiated in its turn: of its arguments, dy and the
 * inputs are on the tape, and what was saved is not. So it reads a saved result through a function that takes the
 * inputs and, as its known value, that result: such a call computes nothing.
 */
export function differentiable(
  inputs: tf.Tensor[],
  forward: (inputs: tf.Tensor[]) => Computed,
  gradient: Gradient,
): tf.Tensor {
  const { length } = inputs;
  return tf.customGrad((...args) => {
    const given = args.slice(0, length) as tf.Tensor[];
    const { value, saved = [] } = forward(given);
    (args[length] as (tensors: tf.Tensor[]) => void)([...given, ...saved]);
    const gradFunc = (dy: tf.Tensor, kept: tf.Tensor[]) => gradient(dy, kept.slice(0, length), kept.slice(length));
    return { value, gradFunc };
  })(...inputs);
}

/** A new tensor with the same memory; not recorded within `differentiable`. */
export const again = (x: tf.Tensor): tf.Tensor => engine().runKernel('Identity', { x });

/** Runs `f` off the tape, or on a tape of its own, which is returned. */
function apart<T>(recording: boolean, f: () => T): { result: T; nodes: TapeNode[] } {
  const { state } = engine();
  const { activeTape, gradientDepth } = state;
  const nodes: TapeNode[] = [];
  const own = { activeTape: nodes, gradientDepth: Math.max(1, gradientDepth) };
  Object.assign(state, recording ? own : { activeTape: null, gradientDepth: 0 });
  try {
    return { result: f(), nodes };
  } finally {
    Object.assign(state, { activeTape, gradientDepth });
  }
}

/** The result of `f` as a constant; `f` may take gradients. */
export const constant = <T>(f: () => T): T => apart(false, f).result;

/** The tensors made before `f` that it reads; none where no gradient is being taken. */
export function readBy(f: () => void): tf.Tensor[] {
  if (!engine().isTapeOn()) return [];
  const first = engine().nextTensorId();
  const { nodes } = apart(true, f);
  const read = new Set(nodes.flatMap(({ inputs }) => Object.values(inputs)).filter(input => input?.id < first));
  for (const { saved } of nodes) tf.dispose(saved);
  return [...read];
}

/** Runs `f`, which reads tensors even if they have been disposed; their memory must have been saved on the tape. */
export function lent<T>(tensors: tf.Tensor[], f: () => T): T {
  const disposed = tensors.filter(tensor => tensor.isDisposed);
  const set = (isDisposedInternal: boolean) => disposed.forEach(t => Object.assign(t, { isDisposedInternal }));
  set(false);
  try {
    return f();
  } finally {
    set(true);
  }
}

/** The gradients of <f(), dy> with respect to what f reads, all else held fixed; differentiable in its turn. */
export function pullback(f: () => tf.Tensor, reads: tf.Tensor[], dy: tf.Tensor): tf.Tensor[] {
  if (reads.length === 0) return [];
  const { result, nodes } = apart(true, () => engine().gradients(f, reads, dy, true));
  engine().state.activeTape?.push(...nodes);
  return result.grads.map((gradient, i) => gradient ?? tf.zerosLike(reads[i]));
}

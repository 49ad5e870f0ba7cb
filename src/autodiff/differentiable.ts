/**
 * Functions with a gradient of their own, of any order. TensorFlow.js writes each operation on a tape while a gradient
 * is taken, those of an inner gradient too; what is computed beside the tape is a constant to every derivative.
 */
import { tf } from '../base/tfjs';

interface Computed {
  value: tf.Tensor;
  saved?: tf.Tensor[];
}
type Gradient = (dy: tf.Tensor, inputs: tf.Tensor[], saved: tf.Tensor[]) => tf.Tensor[];
interface Node {
  inputs: Record<string, tf.Tensor>;
  saved?: tf.Tensor[];
}
interface Tape {
  activeTape: Node[] | null;
  gradientDepth: number;
}

/**
 * `forward(inputs)` as one function on the tape. `gradient` is differentiated in its turn: of what it is given, dy and
 * the inputs are on the tape, and what was saved is not. So it reads a saved result through a function that takes the
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

/** A tensor of its own with the same memory, beside the tape within `differentiable`. */
export const again = (x: tf.Tensor): tf.Tensor => tf.engine().runKernel('Identity', { x });

/** Runs `f` beside the tape, or on one of its own; what it writes on that one is handed on. */
function apart<T>(recording: boolean, f: () => T): { result: T; nodes: Node[] } {
  const state = tf.engine().state as unknown as Tape;
  const { activeTape, gradientDepth } = state;
  const nodes: Node[] = [];
  const own = { activeTape: nodes, gradientDepth: Math.max(1, gradientDepth) };
  Object.assign(state, recording ? own : { activeTape: null, gradientDepth: 0 });
  try {
    return { result: f(), nodes };
  } finally {
    Object.assign(state, { activeTape, gradientDepth });
  }
}

/** What `f` gives, as a constant; it may take gradients. */
export const constant = <T>(f: () => T): T => apart(false, f).result;

/** The tensors made before `f` that it reads; none where no gradient is being taken. */
export function readBy(f: () => void): tf.Tensor[] {
  const engine = tf.engine() as unknown as { isTapeOn(): boolean; nextTensorId(): number };
  if (!engine.isTapeOn()) return [];
  const first = engine.nextTensorId();
  const { nodes } = apart(true, f);
  const read = new Set(nodes.flatMap(({ inputs }) => Object.values(inputs)).filter(input => input?.id < first));
  for (const { saved = [] } of nodes) for (const tensor of saved) tensor.dispose();
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
  const { result, nodes } = apart(true, () => tf.engine().gradients(f, reads, dy, true));
  (tf.engine().state as unknown as Tape).activeTape?.push(...nodes);
  return result.grads.map((gradient, i) => gradient ?? tf.zerosLike(reads[i]));
}

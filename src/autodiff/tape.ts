/**
 * The tape of TensorFlow.js 4.22, corrected where it gave a wrong gradient without an error.
 * - What an operation saves for its gradient keeps the id of the tensor that it is a copy of. (With an id of its own,
 *   a second derivative took it for a constant.)
 * - What a tf.customGrad saves beside its inputs and its result is differentiated through the function that made it.
 * - An operation without a derivative is refused by name and line, as is an operation of the runtime that the tape
 *   does not know.
 * - The gradient of a gradient that no longer depends on x is zero.
 */
import { atOnce } from '../base/check';
import { withDeepStacks } from '../base/source-location';
import { tf } from '../base/tfjs';
import { customGrad } from './custom-grad';
import {
  engine,
  refuseGradient,
  type GradientFunction,
  type Gradients,
  type Tape,
  type TapeEngine,
} from './tape-engine';

/** A gradient that is refused, with the line on which the operation was made. */
function refusing(name: string): GradientFunction {
  const made = withDeepStacks(() => new Error());
  return () => refuseGradient(`op ${name} has no derivative`, made);
}

/** The result of `f`; an error that TensorFlow.js throws becomes a refusal. */
function guarded<T>(name: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if ((error as Error).name === 'UsageError') throw error;
    return refuseGradient(`op ${name}: ${(error as Error).message}`);
  }
}

/** A copy to save: the same values under the same id. The tape records nothing while kernelDepth is above 0. */
function clone(this: TapeEngine, tensor: tf.Tensor): tf.Tensor {
  this.state.kernelDepth++;
  try {
    return Object.assign(this.runKernel('Identity', { x: tensor }), { id: tensor.id });
  } finally {
    this.state.kernelDepth--;
  }
}

function saveTensorsForBackwardMode(this: TapeEngine, tensors: (tf.Tensor | null | undefined)[]): (tf.Tensor | null)[] {
  return tensors.map(tensor => (tensor ? this.keep(this.clone(tensor)) : null));
}

function addTapeNode(
  this: TapeEngine,
  name: string,
  given: Record<string, tf.Tensor | null | undefined>,
  outputs: tf.Tensor[],
  own: GradientFunction | null,
  saved: (tf.Tensor | null)[],
  attributes?: object,
): void {
  const inputs = Object.fromEntries(Object.entries(given).filter(([, tensor]) => tensor)) as Record<string, tf.Tensor>;
  const gradientOf: GradientFunction =
    own ?? (tf.getGradient(name)?.gradFunc as GradientFunction | undefined) ?? refusing(name);
  const checked = (input: string, f?: () => tf.Tensor) => () => {
    const dx = f ? guarded(name, f) : refuseGradient(`op ${name} has no derivative with respect to its ${input}`);
    const { shape } = inputs[input];
    if (!tf.util.arraysEqual(dx.shape, shape))
      refuseGradient(`op ${name} gives its ${input}, of shape [${shape}], a derivative of shape [${dx.shape}]`);
    return dx;
  };
  const gradient = (dys: (tf.Tensor | null)[]): Gradients => {
    const all = dys.map((dy, i) => dy ?? tf.zeros(outputs[i].shape, outputs[i].dtype as 'float32'));
    const dy = all.length > 1 ? all : all[0];
    if (own) return own(dy, saved, attributes);
    const each = guarded(name, () => gradientOf(dy, saved, attributes));
    return Object.fromEntries(Object.keys(inputs).map(input => [input, checked(input, each[input])]));
  };
  const kept = saved.filter((tensor): tensor is tf.Tensor => tensor !== null);
  const id = this.state.nextTapeNodeId++;
  this.state.activeTape!.push({ id, kernelName: name, inputs, outputs, saved: kept, gradient });
}

const unconnected =
  'the result does not depend on what it is differentiated with respect to; ' +
  'the function must hold every operation that leads from one to the other';

/**
 * Replaces `gradients` of the engine: only what runs inside f counts as a function of xs, and what was computed from
 * them earlier is a constant, in a gradient of a gradient too. There the gradient is zero where x was used but the
 * result does not depend on it.
 */
function gradients(original: TapeEngine['gradients']): TapeEngine['gradients'] {
  return function (this: TapeEngine, f, xs, dy, allowNoGradients = false) {
    const { state } = this;
    const outer = state.activeTape;
    const inside = state.gradientDepth > 0;
    const tape: Tape = Object.assign([], { sources: xs.map(({ id }) => id) });
    let used: boolean[] = [];
    const recorded = () => {
      state.activeTape = tape;
      const y = atOnce('gradient', 'the function', 'a tensor', f());
      const uses = ({ id }: tf.Tensor) => tape.some(({ inputs }) => Object.values(inputs).some(x => x.id === id));
      if (tape.nested) used = xs.map(uses);
      return y;
    };
    try {
      const { value, grads } = original.call(this, recorded, xs, dy, true);
      const all = grads.map((dx, i) => {
        if (!dx) return used[i] ? tf.zeros(xs[i].shape) : undefined;
        return dx === dy ? dx.clone() : dx;
      });
      if (!allowNoGradients && all.some(dx => !dx)) refuseGradient(unconnected);
      return { value, grads: all };
    } catch (error) {
      if (!inside) for (const { saved } of tape) tf.dispose(saved);
      throw error;
    } finally {
      if (inside) {
        for (const node of tape) outer!.push(node);
        outer!.nested = true;
      }
      state.activeTape = outer;
    }
  };
}

/** Records an operation of the runtime that was run directly: its gradient is refused, not taken for zero. */
export function noteRawOperation(type: string, inputs: readonly tf.Tensor[], outputs: tf.Tensor[]): void {
  if (!engine().isTapeOn()) return;
  const tensors = inputs.filter(x => x instanceof tf.Tensor);
  engine().addTapeNode(type, { ...tensors }, outputs, refusing(type), []);
}

type Execute = (type: string, attributes: unknown, inputs: tf.Tensor[], count?: number) => tf.Tensor | tf.Tensor[];

/**
 * Corrects the engine for all who use it. The original methods are kept beside the new ones, so a second call, by a
 * reloaded copy of this module, replaces the first and does not wrap it.
 */
export function mendTape(): void {
  const original = (prototype: any, method: string) =>
    (prototype[Symbol.for(`${method} of TensorFlow.js`)] ??= prototype[method]);
  const prototype = Object.getPrototypeOf(tf.engine());
  Object.assign(prototype, {
    clone,
    saveTensorsForBackwardMode,
    addTapeNode,
    customGrad,
    gradients: gradients(original(prototype, 'gradients')),
  });

  const backend = Object.getPrototypeOf(tf.backend());
  for (const method of ['executeSingleOutput', 'executeMultipleOutputs']) {
    const execute: Execute = original(backend, method);
    backend[method] = function (this: unknown, ...given: Parameters<Execute>) {
      const outputs = execute.apply(this, given);
      noteRawOperation(given[0], given[2], [outputs].flat());
      return outputs;
    };
  }
}

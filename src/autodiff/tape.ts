/**
 * The tape of TensorFlow.js 4.22, mended where a gradient came out wrong without a word. The tape lists the
 * operations that ran inside tf.grad and its like; a gradient is found by walking it backwards, from tensor to tensor
 * by their ids.
 * - What an operation saves for its gradient has the id of the tensor that it is a copy of. (It had an id of its own,
 *   given by a copy that stood on the tape before the operation itself, so a second derivative took each saved result
 *   for a constant.)
 * - What a tf.customGrad saves beside its inputs and its result is differentiated through the function that made it.
 * - An operation without a derivative is refused by name and line, as is an operation of the runtime that the tape
 *   does not know.
 * - The gradient of a gradient that no longer depends on x is zero.
 */
import { UsageError } from '../base/check';
import { userLine, withDeepStacks } from '../base/source-location';
import { tf } from '../base/tfjs';

type Gradients = Record<string, () => tf.Tensor>;
type GradientFunction = (dy: any, saved: any[], attributes: any) => Gradients;
type Save = (tensors: tf.Tensor[]) => void;
type Custom = (...inputsAndSave: any[]) => {
  value: tf.Tensor;
  gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
};

interface Node {
  id: number;
  kernelName: string;
  inputs: Record<string, tf.Tensor>;
  outputs: tf.Tensor[];
  saved: tf.Tensor[];
  gradient(dys: (tf.Tensor | null)[]): Gradients;
}

/** `nested`: a gradient was taken while it was written. */
type Tape = Node[] & { nested?: boolean };

interface Engine {
  state: { activeTape: Tape | null; gradientDepth: number; kernelDepth: number; nextTapeNodeId: number };
  isTapeOn(): boolean;
  keep(tensor: tf.Tensor): tf.Tensor;
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

const engine = () => tf.engine() as unknown as Engine;

/** Throws `gradient: what (at line)`: the user's line of `made`, or of the call that asks for the gradient. */
export function refuseGradient(what: string, made = withDeepStacks(() => new Error())): never {
  const line = userLine(made);
  throw new UsageError(`gradient: ${what}${line === undefined ? '' : ` (at ${line})`}`);
}

/** A gradient that is refused, with the line on which the operation was made. */
function refusing(name: string): GradientFunction {
  const made = withDeepStacks(() => new Error());
  return () => refuseGradient(`op ${name} has no derivative`, made);
}

/** What `f` gives; an error of TensorFlow.js's own becomes a refusal. */
function guarded<T>(name: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if ((error as Error).name === 'UsageError') throw error;
    return refuseGradient(`op ${name}: ${(error as Error).message}`);
  }
}

/**
 * A copy to save: the same values under the same id. Nothing is written on the tape, which takes no notice inside a
 * kernel.
 */
function clone(this: Engine, tensor: tf.Tensor): tf.Tensor {
  this.state.kernelDepth++;
  try {
    return Object.assign(this.runKernel('Identity', { x: tensor }), { id: tensor.id });
  } finally {
    this.state.kernelDepth--;
  }
}

function saveTensorsForBackwardMode(this: Engine, tensors: (tf.Tensor | null | undefined)[]): (tf.Tensor | null)[] {
  return tensors.map(tensor => (tensor ? this.keep(this.clone(tensor)) : null));
}

function addTapeNode(
  this: Engine,
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
    if (dx.shape.length !== shape.length || dx.shape.some((n, i) => n !== shape[i]))
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
  const { state } = this,
    kept = saved.filter((tensor): tensor is tf.Tensor => tensor !== null);
  state.activeTape!.push({ id: state.nextTapeNodeId++, kernelName: name, inputs, outputs, saved: kept, gradient });
}

const unconnected =
  'the result does not depend on what it is differentiated with respect to; ' +
  'the function must hold every operation that leads from one to the other';

/**
 * As before, but only what runs inside f counts as a function of xs: what was computed from them earlier is constant,
 * in a gradient
 * of a gradient too. There the gradient is zero where nothing leads from x, which was used, to the result.
 */
function gradients(found: Engine['gradients']): Engine['gradients'] {
  return function (this: Engine, f, xs, dy, allowNoGradients = false) {
    const { state } = this,
      outer = state.activeTape,
      inside = state.gradientDepth > 0,
      tape: Tape = [];
    let used: boolean[] = [];
    try {
      const { value, grads } = found.call(
        this,
        () => {
          state.activeTape = tape;
          const y = f();
          const uses = (id: number) => tape.some(({ inputs }) => Object.values(inputs).some(input => input.id === id));
          if (tape.nested) used = xs.map(x => uses(x.id));
          return y;
        },
        xs,
        dy,
        true,
      );
      const all = grads.map((dx, i) =>
        dx ? (dx === dy ? dx.clone() : dx) : used[i] ? tf.zeros(xs[i].shape) : undefined,
      );
      if (!allowNoGradients && all.some(dx => !dx)) refuseGradient(unconnected);
      return { value, grads: all };
    } catch (error) {
      if (!inside) for (const { saved } of tape) tf.dispose(saved);
      throw error;
    } finally {
      if (inside) for (const node of tape) outer!.push(node);
      if (inside) outer!.nested = true;
      state.activeTape = outer;
    }
  };
}

/** The derivative of what `f` saved beside its inputs and its result: that of `f` itself, run again on a tape. */
function throughSaved(f: Custom, inputs: tf.Tensor[], which: readonly number[]): GradientFunction {
  const made = withDeepStacks(() => new Error());
  return given => {
    const dys = [given].flat() as tf.Tensor[];
    const product = (i: number) => () => {
      const saved: tf.Tensor[] = [];
      f(...inputs, (tensors: tf.Tensor[]) => saved.push(...tensors));
      return saved[which[i]].mul(dys[i]).sum();
    };
    const parts = dys.map((_, i) => engine().gradients(product(i), inputs, null, true).grads);
    if (parts.some(part => part.every(dx => !dx)))
      refuseGradient('a tf.customGrad saves a tensor that it makes by unknown means', made);
    return Object.fromEntries(inputs.map((x, i) => [i, () => tf.addN(parts.map(part => part[i] ?? tf.zerosLike(x)))]));
  };
}

/**
 * As TensorFlow.js's own, but what `f` saves can be differentiated, and what it closes over of its inputs lives as
 * long as the tape.
 */
function customGrad(this: Engine, f: Custom): (...inputs: tf.Tensor[]) => tf.Tensor {
  if (typeof f !== 'function') refuseGradient(`tf.customGrad is given ${typeof f} but must be given a function`);
  return (...given) => {
    if (given.some(x => !(x instanceof tf.Tensor)))
      refuseGradient('the arguments of a function made by tf.customGrad must be tensors');
    const taped = this.isTapeOn();
    const inputs = taped ? (saveTensorsForBackwardMode.call(this, given) as tf.Tensor[]) : given;
    if (taped) this.addTapeNode('inputs of customGrad', {}, [], () => ({}), inputs); // to be disposed with the tape
    const saved: tf.Tensor[] = [];
    let made: ReturnType<Custom>;
    const value = this.runKernelFunc({
      inputs: { ...given },
      forwardFunc(_, save) {
        made = f(...inputs, (tensors: tf.Tensor[]) => {
          saved.push(...tensors);
          save(tensors);
        });
        if (!(made?.value instanceof tf.Tensor) || typeof made.gradFunc !== 'function')
          refuseGradient(
            'the function given to tf.customGrad must return { value, gradFunc }: a tensor and a function',
          );
        return inputs.includes(made.value) ? made.value.clone() : made.value;
      },
      backwardsFunc(dy: tf.Tensor, kept: tf.Tensor[]) {
        const all = [made.gradFunc(dy, kept)].flat();
        if (all.length !== inputs.length || all.some(dx => !(dx instanceof tf.Tensor)))
          refuseGradient(
            `the gradFunc of a tf.customGrad gives ${all.length} results but must give ${inputs.length} tensors: ` +
              'one for each input',
          );
        return Object.fromEntries(
          all.map((dx, i) => [i, () => ([dy, ...kept, ...inputs].includes(dx) ? dx.clone() : dx)]),
        );
      },
    });
    const ids = new Set([value, ...given].map(({ id }) => id));
    const which = saved.flatMap(({ id, dtype }, i) => (ids.has(id) || dtype !== 'float32' ? [] : [i]));
    if (taped && which.length > 0)
      this.addTapeNode(
        'saved by customGrad',
        { ...given },
        which.map(i => saved[i]),
        throughSaved(f, inputs, which),
        [],
      );
    return value;
  };
}

/** Puts an operation of the runtime that was run directly on the tape, where it can only be refused. */
export function noteRawOperation(type: string, inputs: readonly tf.Tensor[], outputs: tf.Tensor[]): void {
  if (!engine().isTapeOn()) return;
  const tensors = inputs.filter(x => x instanceof tf.Tensor);
  engine().addTapeNode(type, { ...tensors }, outputs, refusing(type), []);
}

type Execute = (type: string, attributes: unknown, inputs: tf.Tensor[], count?: number) => tf.Tensor | tf.Tensor[];

/** Mends the engine for all who use it. A second call, by a fresh copy of this module, takes the place of the first. */
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

/** tf.customGrad, whose own version takes what a function saves for a constant: second derivatives are then wrong. */
import { withDeepStacks } from '../base/source-location';
import { tf } from '../base/tfjs';
import { engine, refuseGradient, type GradientFunction, type TapeEngine } from './tape-engine';

type Custom = (...inputsAndSave: any[]) => {
  value: tf.Tensor;
  gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
};

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
      refuseGradient(
        'a tf.customGrad saves a tensor that does not come from its inputs by differentiable operations',
        made,
      );
    return Object.fromEntries(inputs.map((x, i) => [i, () => tf.addN(parts.map(part => part[i] ?? tf.zerosLike(x)))]));
  };
}

/** The results of `gradFunc`, one tensor for each input. */
function checkedGradients(given: unknown, count: number): tf.Tensor[] {
  const all = [given].flat();
  if (all.length !== count || all.some(dx => !(dx instanceof tf.Tensor)))
    refuseGradient(
      `the gradFunc of a tf.customGrad gives ${all.length} results but must give ${count} tensors: one for each input`,
    );
  return all as tf.Tensor[];
}

/** Replaces `customGrad` of the engine: what `f` saves can be differentiated, and the inputs live with the tape. */
export function customGrad(this: TapeEngine, f: Custom): (...inputs: tf.Tensor[]) => tf.Tensor {
  if (typeof f !== 'function') refuseGradient(`tf.customGrad is given ${typeof f} but must be given a function`);
  return (...given) => {
    if (given.some(x => !(x instanceof tf.Tensor)))
      refuseGradient('the arguments of a function made by tf.customGrad must be tensors');
    const taped = this.isTapeOn();
    const inputs = taped ? given.map(tensor => this.keep(this.clone(tensor))) : given;
    // This node has no result: it disposes the copies together with the tape.
    if (taped) this.addTapeNode('inputs of customGrad', {}, [], () => ({}), inputs);
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
        const all = checkedGradients(made.gradFunc(dy, kept), inputs.length);
        const own = (dx: tf.Tensor) => ([dy, ...kept, ...inputs].includes(dx) ? dx.clone() : dx);
        return Object.fromEntries(all.map((dx, i) => [i, () => own(dx)]));
      },
    });
    const ids = new Set([value, ...given].map(({ id }) => id));
    const which = saved.flatMap(({ id, dtype }, i) => (ids.has(id) || dtype !== 'float32' ? [] : [i]));
    const outputs = which.map(i => saved[i]);
    if (taped && which.length > 0)
      this.addTapeNode('saved by customGrad', { ...given }, outputs, throughSaved(f, inputs, which), []);
    return value;
  };
}

/** A loop that goes on as long as a condition holds. */
import { constant, readBy } from '../../autodiff/differentiable';
import { engine } from '../../autodiff/tape-engine';
import { noteRawOperation } from '../../autodiff/tape';
import { tf } from '../../autodiff/tf';
import { atOnce, fail, knownOptions, wholeNumber } from '../../base/check';
import { withoutDraws } from '../trace/draws';
import type { Tensors } from '../tree';
import { carried, checkFunction } from './fori';
import { iterate } from './iterate';

const where = 'whileLoop';
const isFloat = ({ dtype }: tf.Tensor) => dtype === 'float32';

/**
 * carry = body(carry) as long as condition(carry), a bool scalar, is true. Inside a step both are traced and compiled
 * once. A compiled loop cannot be stopped, so one that would go on after `most` iterations is refused.
 * carry: a tensor or a nested plain object of tensors, whose structure, shapes and types the body keeps.
 * Gradient: none; one taken through the loop is refused. Where the number of iterations is known, use `fori`.
 * Errors: as `fori`; a condition that gives anything else; more iterations than `most`.
 *
 * @example
 * // halving 20 until it is below 1
 * whileLoop(x => x.greater(1), x => x.div(2), tf.scalar(20)) // -> 0.625
 */
export function whileLoop<C>(
  condition: (carry: Tensors<C>) => tf.Tensor,
  body: (carry: Tensors<C>) => Tensors<C>,
  carry: C,
  options: {
    /** The most iterations, a whole number from 1 to 2^31 - 1. Default 10^6. */
    most?: number;
  } = {},
): Tensors<C> {
  checkFunction(where, 'condition', condition);
  checkFunction(where, 'body', body);
  knownOptions(where, options, ['most']);
  const most = wholeNumber(where, 'most', options.most ?? 1e6);
  if (most >= 2 ** 31) fail(where, `most is ${most} but must be below 2^31`);
  const { tensors, tree, next } = carried(where, carry);

  const goes = (carry: tf.Tensor[]): tf.Tensor => {
    const given: unknown = atOnce(where, 'the condition', 'a bool scalar', condition(tree(carry)));
    if (!(given instanceof tf.Tensor)) return fail(where, `the condition gave ${typeof given} but must give a tensor`);
    if (given.dtype !== 'bool' || given.rank > 0)
      fail(where, `the condition gave ${given.dtype} [${given.shape}] but must give a bool scalar`);
    return given;
  };
  const once = (carry: tf.Tensor[]) => {
    const made = next(body(tree(carry)));
    return [goes(made), ...made];
  };
  const loop = {
    name: where,
    count: most,
    conditional: true,
    reverse: false,
    body: (_: tf.Scalar, [, ...carry]: tf.Tensor[]) => ({ carry: once(carry), y: [] }),
  };
  const isTaped = engine().isTapeOn();
  const { carry: last, reads } = constant(() =>
    iterate(loop, { carry: [withoutDraws(where, () => goes(tensors)), ...tensors], xs: [] }),
  );
  if (isTaped) {
    const read = reads ?? readBy(() => once(tensors));
    noteRawOperation(where, [...tensors, ...read].filter(isFloat), last.filter(isFloat));
  }
  return tree(last.slice(1));
}

/** A loop of a fixed number of iterations. */
import { fail, wholeNumber } from '../../base/check';
import type { tf } from '../../autodiff/tf';
import { nextLeaves } from '../trace/returned';
import { flatten, leafTensor, unflatten, type Tensors } from '../tree';
import { iterate } from './iterate';

/** Checks that a function was given. */
export function checkFunction(where: string, name: string, f: unknown): void {
  if (typeof f !== 'function') fail(where, `${name} is ${typeof f} but must be a function`);
}

/** A carry taken apart: its tensors, how they are put together, and the check of what a body returns. */
export function carried(where: string, carry: unknown) {
  const { structure, leaves } = flatten(where, 'carry', carry);
  return {
    tensors: leaves.map(leafTensor),
    tree: (tensors: readonly tf.Tensor[]): any => unflatten(structure, tensors),
    next: (returned: unknown) => nextLeaves(where, 'body', 'carry', leaves, returned),
  };
}

/**
 * n times carry = body(i, carry), with i = 0, 1, ..., n - 1 as an int32 scalar. Inside a step the body is traced once
 * and compiled as a loop, however large n is; outside it runs n times.
 * carry: a tensor or a nested plain object of tensors, whose structure, shapes and types the body keeps. It may read
 * any other tensor. n is a number; 0 iterations give the carry.
 * Gradient: of any order, with respect to the carry and to what the body reads. Reverse mode stores the carry of each
 * iteration; of more than 1 GB it stores about sqrt(n) and computes the others again.
 * Errors: another structure, shape or type returned; inside a step, what `compile` refuses, draws, and tensors of the
 * body that are used outside it.
 *
 * @example
 * // Newton's iteration for the square root of 2
 * fori(5, (_, x) => x.add(tf.scalar(2).div(x)).div(2), tf.scalar(1)) // -> 1.414214
 */
export function fori<C>(n: number, body: (i: tf.Scalar, carry: Tensors<C>) => Tensors<C>, carry: C): Tensors<C> {
  wholeNumber('fori', 'n', n, 0);
  checkFunction('fori', 'body', body);
  const { tensors, tree, next } = carried('fori', carry);
  const looped = iterate(
    {
      name: 'fori',
      count: n,
      conditional: false,
      reverse: false,
      body: (i, carry) => ({ carry: next(body(i, tree(carry))), y: [] }),
    },
    { carry: tensors, xs: [] },
  );
  return tree(looped.carry);
}

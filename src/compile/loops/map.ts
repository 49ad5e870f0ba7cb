/** A function of each entry of tensors. */
import { atOnce } from '../../base/check';
import type { tf } from '../../autodiff/tf';
import type { Tensors } from '../tree';
import { scan } from './scan';

/**
 * f(x) for each entry x of xs along its first axis, stacked along a new first axis: a `scan` without a carry. Inside a
 * step f is traced once and runs in a loop, so its memory is that of one x. Its results may be gradients.
 * xs: a tensor or a nested plain object of tensors, each [n, ...]; or a number n, which stands for 0, 1, ..., n - 1 as
 * int32 scalars. f gives the same.
 * Gradient: of any order, with respect to xs and to what f reads.
 * Errors: as `scan`.
 *
 * @example
 * // the gradients of three losses (w - x)^2 / 2 at w = 1
 * const w = tf.scalar(1);
 * map(x => tf.grad(w => w.sub(x).square().div(2))(w), tf.tensor([0, 1, 3])) // -> [1, 0, -2]
 */
export function map<X, Y>(f: (x: Tensors<X>) => Y, xs: X): Tensors<Y> {
  const step = (none: Tensors<Record<never, tf.Tensor>>, x: Tensors<X>) =>
    [none, atOnce('map', 'f', 'tensors', f(x))] as const;
  return scan(step, {}, xs)[1] as Tensors<Y>;
}

/** A loop as a loop over pieces, so that reverse mode stores the carries of one piece at a time. */
import { tf } from '../../autodiff/tf';
import type { Given, Loop, Looped } from './loop';

/** The entries of each tensor from `begin` on, `count` of them. */
const part = (tensors: tf.Tensor[], begin: number, count: number) =>
  tensors.map(t => t.slice([begin, ...t.shape.slice(1).map(() => 0)], [count, ...t.shape.slice(1)]));

/**
 * The same loop, cut into about sqrt(n) pieces of about sqrt(n) iterations, and a rest. Reverse mode stores the carry
 * before each piece and runs the piece again, so it takes two square roots of the memory and one more forward run.
 */
export function inPieces(loop: Loop, { carry, xs }: Given, iterate: (loop: Loop, given: Given) => Looped): Looped {
  const { count, reverse, body } = loop;
  const length = Math.floor(Math.sqrt(count));
  const pieces = Math.floor(count / length);
  const whole = pieces * length;

  /** Iterations begin, begin + 1, ..., given their own xs. */
  const run = (begin: tf.Tensor, count: number, given: Given) =>
    iterate({ ...loop, count, body: (j, c, x) => body(j.add(begin) as tf.Scalar, c, x) }, given);
  const rest = (carry: tf.Tensor[]) =>
    run(tf.scalar(whole, 'int32'), count - whole, { carry, xs: part(xs, whole, count - whole) });
  const main = (carry: tf.Tensor[]) => {
    const piece: Loop['body'] = (i, carry, x) => {
      const made = run(i.mul(tf.scalar(length, 'int32')), length, { carry, xs: x });
      return { carry: made.carry, y: made.ys };
    };
    const cut = part(xs, 0, whole).map(x => x.reshape([pieces, length, ...x.shape.slice(1)]));
    const { carry: last, ys } = iterate({ ...loop, count: pieces, body: piece }, { carry, xs: cut });
    return { carry: last, ys: ys.map(y => y.reshape([whole, ...y.shape.slice(2)])) };
  };
  if (whole === count) return main(carry);
  const first = reverse ? rest(carry) : main(carry);
  const second = reverse ? main(first.carry) : rest(first.carry);
  const [low, high] = reverse ? [second.ys, first.ys] : [first.ys, second.ys];
  return { carry: second.carry, ys: low.map((y, j) => tf.concat([y, high[j]])) };
}

/** Runs a loop: inside a traced function as one operation of it, else iteration by iteration. */
import { constant } from '../../autodiff/differentiable';
import { engine } from '../../autodiff/tape-engine';
import { tf } from '../../autodiff/tf';
import { fail } from '../../base/check';
import { withoutDraws } from '../trace/draws';
import { recordLoop } from '../trace/nested';
import { backend } from '../trace/recording';
import type { Given, Loop, Looped } from './loop';
import { differentiableLoop } from './reverse';

/** No iteration: the body runs all the same, for what it refuses and for the shapes of y. */
function withoutIterations({ body }: Loop, { carry, xs }: Given): Looped {
  const entry = (x: tf.Tensor) => tf.zeros(x.shape.slice(1), x.dtype as 'float32');
  const { y } = constant(() => body(tf.scalar(0, 'int32'), carry, xs.map(entry)));
  const none = ({ shape, dtype }: tf.Tensor) => tf.zeros([0, ...shape], dtype as 'float32');
  return { carry: carry.map(c => c.clone()), ys: y.map(none) };
}

function iterationByIteration({ name, count, conditional, reverse, body }: Loop, { carry, xs }: Given): Looped {
  const entries = xs.map(x => tf.unstack(x));
  const ys: tf.Tensor[][] = [];
  let now = carry.map(c => c.clone());
  const goes = () => !conditional || now[0].dataSync()[0] === 1;
  for (let k = 0; goes(); k++) {
    if (k === count && conditional) fail(name, `it goes on after ${count} iterations, the most that it may make`);
    if (k === count) break;
    const i = reverse ? count - 1 - k : k;
    const [next, y] = tf.tidy(() => {
      const made = body(
        tf.scalar(i, 'int32'),
        now,
        entries.map(entry => entry[i]),
      );
      return [made.carry.map(c => c.clone()), made.y.map(y => y.clone())];
    });
    tf.dispose(now);
    now = next;
    ys[i] = y;
  }
  return { carry: now, ys: (ys[0] ?? []).map((_, j) => tf.stack(ys.map(y => y[j]))) };
}

/** The carry after all iterations, and the y of all iterations, each stacked along a new first axis. */
export function iterate(loop: Loop, given: Given): Looped {
  const body: Loop['body'] = (...args) => withoutDraws(loop.name, () => loop.body(...args));
  const run = { ...loop, body };
  if (loop.count > 0 && backend().tracing)
    return engine().isTapeOn() ? differentiableLoop(run, given, iterate) : recordLoop(run, given);
  let looped: Looped;
  tf.tidy(() => {
    looped = loop.count === 0 ? withoutIterations(run, given) : iterationByIteration(run, given);
    return [...looped.carry, ...looped.ys];
  });
  return looped!;
}

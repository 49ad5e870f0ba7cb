import { expect, test } from 'vitest';
import { ndarray, random, tf, train } from 'widenet';
import { isLong } from '../support/tier';

/** A whole number below `below` from a seeded sequence. */
function chooser(seed: number) {
  const numbers = random.uniform([4096], { seed, stream: 'choices' }).values;
  let next = 0;
  return (below: number) => Math.floor(numbers[next++] * below);
}

type Leaves = { a: tf.Tensor; b: tf.Tensor; c: tf.Tensor };
const unary: ((x: any) => tf.Tensor)[] = [
  tf.tanh,
  tf.sigmoid,
  tf.relu,
  tf.sin,
  tf.softplus,
  tf.square,
  tf.neg,
  x => tf.sqrt(x.abs().add(1)),
  x => x.add(x.norm()),
  x => tf.softmax(x),
  x => x.cumsum(1),
  x => x.sub(x.mean(0)),
];
const binary: ((x: any, y: any) => tf.Tensor)[] = [
  tf.add,
  tf.sub,
  tf.mul,
  tf.maximum,
  tf.squaredDifference,
  (x, y) => x.div(y.abs().add(1)),
  (x, y) => tf.where(tf.eye(3).toBool(), x, y.mul(0.5)),
  (x, y) => tf.matMul(tf.matMul(x, y, false, true), x).mul(0.1),
  (x, y) => tf.concat([x, y], 1).slice([0, 1], [3, 3]),
  (x, y) => tf.stack([x, y]).mean(0),
  (x, y) => tf.reverse(x, 1).add(y.transpose().reshape([3, 3])),
];

/**
 * A random step: a random expression of three 3 x 3 leaves, its gradient, and an update; contracting, so that runs stay
 * comparable.
 */
function randomStep(seed: number) {
  const plan = (() => {
    const choose = chooser(seed);
    return Array.from(
      { length: 2 + choose(5) },
      () => [choose(2), choose(100), choose(100), choose(100), choose(1000) / 1000 - 0.5] as const,
    );
  })();
  const expression = (...leaves: tf.Tensor[]) => {
    const values = [...leaves];
    for (const [kind, f, i, j, constant] of plan) {
      const [x, y] = [values[i % values.length], values[j % values.length]];
      values.push((kind === 0 ? unary[f % unary.length](x) : binary[f % binary.length](x, y)).add(constant).tanh());
    }
    return tf.addN(values).square().mean() as tf.Scalar;
  };
  const step = ({ a, b, c }: Leaves): Leaves => {
    const [ga, gb, gc] = tf.grads(expression)([a, b, c]);
    return { a: a.sub(ga.mul(0.1)), b: c.sub(gb.mul(0.1)), c: b.sub(gc.mul(0.1)) };
  };
  return { step, value: ({ a, b, c }: Leaves) => expression(a, b, c) };
}

const leaf = (seed: number, stream: string) => ndarray(random.normal([9], { seed, stream }).values, [3, 3]);
const flat = (row: any) => [row.value, ...row.a.flat()] as number[];

test.each(isLong ? [3, 4, 5, 6, 7] : [0, 1, 2])(
  'random step %i: three engines and two precisions agree',
  async seed => {
    const { step, value } = randomStep(seed);
    const start = { a: leaf(seed, 'a'), b: leaf(seed, 'b'), c: leaf(seed, 'c') };
    const options = { steps: 9, every: 3, record: { value, a: ({ a }: Leaves) => a } };
    const run = async (mode: 'eager' | 'graph' | 'xla', dtype: 'float32' | 'float64') =>
      (await train(step, start, { ...options, mode, dtype })).rows;
    const eager = await run('eager', 'float32');
    const runs = [
      await run('graph', 'float32'),
      await run('xla', 'float32'),
      await run('graph', 'float64'),
      await run('xla', 'float64'),
    ];
    for (const [k, rows] of runs.entries())
      rows.forEach((row, i) =>
        flat(row).forEach((x, j) =>
          expect(Math.abs(x - flat(eager[i])[j]), `run ${k}, row ${i}, entry ${j}`).toBeLessThan(
            2e-5 * (1 + Math.abs(x)),
          ),
        ),
      );
    runs[2].forEach((row, i) =>
      flat(row).forEach((x, j) => expect(Math.abs(x - flat(runs[3][i])[j])).toBeLessThan(1e-12 * (1 + Math.abs(x)))),
    );
    expect(flat(eager[3])).not.toEqual(flat(eager[0]));
  },
);

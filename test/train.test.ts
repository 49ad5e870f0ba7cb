import { expect, test } from 'vitest';
import { random, tf, train } from 'widenet';

const n = 8, d = 5, m = 16;
const data = { X: random.normal([n, d], { seed: 1, stream: 'X' }), y: random.normal([n, 1], { seed: 1, stream: 'y' }) };
const start = { W: random.normal([m, d], { seed: 1, stream: 'W' }), c: random.normal([m, 1], { seed: 1, stream: 'c' }) };
type Net = { W: tf.Tensor; c: tf.Tensor };
type Data = { X: tf.Tensor; y: tf.Tensor };

const risk = ({ W, c }: Net, { X, y }: Data): tf.Tensor => tf.matMul(tf.relu(tf.matMul(X, W, false, true)), c).div(m).sub(y).square().mean().div(2);
const step = (net: Net, data: Data): Net => {
  const [W, c] = tf.grads((W, c) => risk({ W, c }, data) as tf.Scalar)([net.W, net.c]);
  return { W: net.W.sub(W.mul(0.5)), c: net.c.sub(c.mul(0.5)) };
};

test.each(['graph', 'xla'] as const)('%s gives the rows and the state of eager, to float32 rounding', async mode => {
  const options = { data, steps: 100, every: 30, record: { risk, row: ({ W }: Net) => W.slice([0, 0], [2, 3]) } };
  const eager = await train(step, start, { ...options, mode: 'eager' });
  const native = await train(step, start, { ...options, mode });
  expect(native.rows.map(row => row.step)).toEqual([0, 30, 60, 90, 100]);
  expect(native).toMatchObject({ status: 'done', step: 100, mode, dtype: 'float32' });
  expect(native.rows[4].risk).toBeLessThan(eager.rows[0].risk / 2);
  for (const [i, row] of eager.rows.entries()) {
    expect(native.rows[i].risk).toBeCloseTo(row.risk, 5);
    expect(native.rows[i].row.flat().map((x: number, j: number) => Math.abs(x - row.row.flat()[j])).every((e: number) => e < 1e-5)).toBe(true);
  }
  native.state.W.values.forEach((w, i) => expect(w).toBeCloseTo(eager.state.W.values[i], 5));
});

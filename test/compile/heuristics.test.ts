import { expect, test } from 'vitest';
import { ndarray, tf, train } from 'widenet';
import os from 'node:os';

type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };

test('rows that XLA cannot compile run beside a step that it does, but not where xla is asked for', async () => {
  const grown = ({ x }: X) =>
    tf.dilation2d(x.reshape([1, 1, 3, 1]) as tf.Tensor4D, tf.zeros([1, 1, 1]), 1, 'same').sum();
  const options = { steps: 1, record: { grown } };
  for (const [mode, taken] of [
    ['auto', 'xla'],
    ['graph', 'graph'],
  ] as const)
    expect(await train(s => s, one, { ...options, mode })).toMatchObject({
      mode: taken,
      rows: [{ grown: 6 }, { grown: 6 }],
    });
  await expect(train(s => s, one, { ...options, mode: 'xla' })).rejects.toThrow(
    /^train: op Dilation2D cannot run in xla mode/,
  );
});

test('auto is xla for a step that draws', async () => {
  expect(
    (await train(({ x }: X, _: any, draw) => ({ x: x.add(draw.uniform([3], 'u')) }), one, { steps: 1 })).mode,
  ).toBe('xla');
});

test('threads go by size, and are shared between the runs under way', async () => {
  const big = { x: tf.fill([1000, 1000], 1e-3) };
  const run = () => train(({ x }: X) => ({ x: tf.matMul(x, x) }), big, { steps: 1 });
  const cores = os.availableParallelism();
  expect((await run()).threads).toBe(cores);
  expect((await Promise.all(Array.from({ length: cores }, run))).map(({ threads }) => threads).slice(1)).toEqual(
    new Array(cores - 1).fill(1),
  );
  big.x.dispose();
});

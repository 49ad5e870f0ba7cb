import { expect, test } from 'vitest';
import { ndarray, random, tf, train, type Tensors } from 'widenet';
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
    /^train: op Dilation2D fails in xla mode/,
  );
});

test.each(['graph', 'xla', 'auto'] as const)(
  'a step whose largest operation has one operand runs, in mode %s',
  async mode => {
    const x = random.normal([6, 50], { seed: 3, stream: 'x' });
    for (const equation of ['ij->i', 'ij->', 'ij->ji'])
      expect(
        await train((_, { x }) => ({ z: tf.einsum(equation, x).sum() }), { z: 0 }, { data: { x }, steps: 1, mode }),
      ).toMatchObject({ status: 'done' });
  },
);

test('auto is xla for a step that draws', async () => {
  expect(
    (await train(({ x }: X, _: any, draw) => ({ x: x.add(draw.uniform([3], 'u')) }), one, { steps: 1 })).mode,
  ).toBe('xla');
});

/** One step of descent in the filter of a convolution of images with a side of `side` pixels. */
const descent = (
  convolve: (x: any, w: any) => tf.Tensor,
  rank: 2 | 3,
  side: number,
  channels: number,
  filters: number,
) => {
  const state = { w: tf.fill([...Array(rank).fill(3), channels, filters], 0.1) };
  const data = { x: tf.ones([2, ...Array(rank).fill(side), channels]) };
  const loss = (w: tf.Tensor, x: tf.Tensor) => tf.sum(convolve(x, w));
  const step = ({ w }: typeof state, { x }: typeof data) => ({
    w: w.sub(
      tf
        .grad(w => loss(w, x))(w)
        .mul(1e-3),
    ),
  });
  const modeOf = async (dtype?: 'float64') => (await train(step, state, { data, steps: 1, dtype })).mode;
  const forward = async (dtype?: 'float64') =>
    (
      await train(({ w }: typeof state, { x }: typeof data) => ({ w: w.add(loss(w, x).mul(0)) }), state, {
        data,
        steps: 1,
        dtype,
      })
    ).mode;
  return { modeOf, forward };
};
const plane = (x: any, w: any) => tf.conv2d(x, w, 1, 'same');
const dilated = (x: any, w: any) => tf.conv2d(x, w, 1, 'same', 'NHWC', 2);
const deep = (x: any, w: any) => tf.depthwiseConv2d(x, w, 1, 'same');
const solid = (x: any, w: any) => tf.conv3d(x, w, 1, 'same');

test.each([
  ['the gradient of a large convolution', descent(plane, 2, 16, 8, 8).modeOf, 'xla'],
  ['the gradient of a small one', descent(plane, 2, 5, 2, 2).modeOf, 'xla'],
  ['a large one with dilation forward', descent(dilated, 2, 32, 8, 8).forward, 'xla'],
  ['a large depthwise one forward', descent(deep, 2, 16, 8, 1).forward, 'graph'],
  ['a small depthwise one with its gradient', descent(deep, 2, 3, 2, 1).modeOf, 'xla'],
  ['a large one in space forward', descent(solid, 3, 8, 4, 4).forward, 'graph'],
  ['a small one in space with its gradient', descent(solid, 3, 3, 1, 1).modeOf, 'xla'],
])('%s is for the engine that is fast at it', async (_, modeOf, mode) => {
  expect(await modeOf()).toBe(mode);
});

test('in float64 a large convolution with dilation is for the graph engine, forward too', async () => {
  expect(await descent(dilated, 2, 32, 8, 8).forward('float64')).toBe('graph');
  expect(await descent(plane, 2, 16, 8, 8).modeOf('float64')).toBe('xla');
});

test('a matrix times a vector, which waits for memory, takes threads earlier; graph mode, which shares each operation, later', async () => {
  const F = { F: tf.fill([1000, 1000], 1e-3) };
  const step = ({ x }: X, { F }: Tensors<'F'>) => ({ x: tf.matMul(F, x) });
  const threadsOf = async (mode: 'xla' | 'graph', step: any, state: any, data: any) =>
    (await train(step, state, { data, mode, steps: 1 })).threads;
  expect(await threadsOf('xla', step, { x: tf.ones([1000, 1]) }, F)).toBe(Math.min(2, os.availableParallelism()));
  const sums = ({ x }: X) => ({ x: Array.from({ length: 20 }).reduce((x: tf.Tensor) => x.add(1), x) });
  const large = { x: tf.ones([1000, 1000]) };
  expect(await threadsOf('xla', sums, large, {})).toBe(Math.min(2, os.availableParallelism()));
  expect(await threadsOf('graph', sums, large, {})).toBe(1);
  tf.dispose([F, large]);
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

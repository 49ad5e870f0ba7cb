import { expect } from 'vitest';
import { compile, ndarray, random, tf } from 'widenet';
import { core as test } from '../../support/tier';

type Shape = [number, number, number, number];
type Case = readonly [x: Shape, filter: Shape, strides: number | [number, number], pad: 'same' | 'valid'];

const cases: Case[] = [
  [[3, 9, 8, 16], [3, 3, 16, 16], 1, 'same'],
  [[2, 12, 12, 3], [5, 5, 3, 10], 1, 'valid'],
  [[1, 13, 9, 1], [3, 3, 1, 24], 1, 'same'],
  [[4, 11, 10, 8], [3, 3, 8, 32], 2, 'same'],
  [[4, 11, 11, 8], [3, 3, 8, 17], 3, 'valid'],
  [[2, 16, 16, 16], [1, 1, 16, 32], 2, 'same'],
  [[3, 10, 10, 5], [2, 2, 5, 9], 1, 'same'],
  [[9, 3, 3, 7], [5, 5, 7, 8], 1, 'same'],
  [[2, 9, 14, 8], [3, 5, 8, 8], [2, 1], 'same'],
  [[2, 9, 10, 8], [4, 4, 8, 16], 3, 'same'],
];

const given = (shape: readonly number[], stream: string) => random.normal([...shape], { seed: 2, stream });
const zeros = (shape: readonly number[]) => ndarray(new Float64Array(shape.reduce((a, b) => a * b)), shape);

/** A convolution and its two gradients along dy, in one engine. */
async function convolved(
  [shape, filter, strides, pad]: Case,
  options: { mode: 'xla' | 'graph'; dtype: 'float32' | 'float64'; threads?: number },
  x = given(shape, 'x'),
) {
  const apply = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad);
  const made = tf.tidy(() => apply(tf.zeros(shape), tf.zeros(filter)).shape);
  const step = (_: any, { x, w, dy }: any) => {
    const [dx, dw] = tf.grads((x, w) => apply(x, w).mul(dy).sum())([x, w]);
    return { y: apply(x, w), dx, dw };
  };
  const run = compile(step, options);
  const state = { y: zeros(made), dx: zeros(shape), dw: zeros(filter) };
  const result = await run(state, { data: { x, w: given(filter, 'w'), dy: given(made, 'dy') } });
  run.close();
  return result;
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0);

test.each(cases)('%j by %j, strides %j, %s: as the graph engine, with both gradients', async (...one) => {
  for (const [dtype, tolerance] of [
    ['float64', 1e-11],
    ['float32', 2e-4],
  ] as const) {
    const [ours, theirs] = [
      await convolved(one, { mode: 'xla', dtype }),
      await convolved(one, { mode: 'graph', dtype }),
    ];
    for (const name of ['y', 'dx', 'dw'] as const)
      expect(apart(ours[name].values, theirs[name].values), `${name} in ${dtype}`).toBeLessThan(tolerance);
  }
});

test.each(['float32', 'float64'] as const)('%s: the number of threads changes no bit', async dtype => {
  const one: Case = [[33, 16, 16, 8], [3, 3, 8, 16], 1, 'same'];
  const [a, b] = await Promise.all([1, 2].map(threads => convolved(one, { mode: 'xla', dtype, threads })));
  expect(a).toEqual(b);
});

test('what is not a number reaches the pixels around it, in its own image', async () => {
  const [one] = cases;
  const x = given(one[0], 'x');
  x.values[(1 * 9 * 8 + 4 * 8 + 4) * 16] = NaN;
  const { y } = await convolved(one, { mode: 'xla', dtype: 'float32' }, x);
  const reached = new Set(Array.from(y.values, (v, i) => (Number.isNaN(v) ? Math.floor(i / 16) : -1)));
  reached.delete(-1);
  const around = [3, 4, 5].flatMap(i => [3, 4, 5].map(j => 9 * 8 + i * 8 + j));
  expect([...reached]).toEqual(around);
});

const pools: readonly (readonly [Shape, number | [number, number], number, 'same' | 'valid'])[] = [
  [[3, 8, 8, 16], 2, 2, 'valid'],
  [[2, 9, 7, 5], 3, 2, 'same'],
  [[2, 7, 9, 3], [2, 3], 1, 'same'],
  [[1, 8, 8, 4], 2, 3, 'valid'],
];

test.each(pools)(
  '%j pooled by %j, stride %j, %s: to the bit as the graph engine, with its gradient',
  async (shape, size, stride, pad) => {
    const apply = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, size, stride, pad);
    const made = tf.tidy(() => apply(tf.zeros(shape)).shape);
    // Whole numbers, of which many are equal: the first of them takes the gradient.
    const x = random.integers([...shape], { seed: 3, stream: 'x', high: 4 });
    const data = {
      x: ndarray(
        Float64Array.from(x.values, v => v - 2),
        shape,
      ),
      dy: given(made, 'dy'),
    };
    const step = (_: any, { x, dy }: any) => ({
      y: apply(x),
      dx: tf.grad((x: tf.Tensor) => apply(x).mul(dy).sum())(x),
    });
    for (const dtype of ['float32', 'float64'] as const) {
      const [ours, theirs] = await Promise.all(
        (['xla', 'graph'] as const).map(mode =>
          compile(step, { mode, dtype })({ y: zeros(made), dx: zeros(shape) }, { data }),
        ),
      );
      expect(ours.y).toEqual(theirs.y);
      expect(apart(ours.dx.values, theirs.dx.values)).toBeLessThan(1e-6);
    }
  },
);

test('a window with something that is not a number has no largest entry', async () => {
  const x = ndarray([NaN, 1, 2, 3, 1, NaN, 2, -Infinity, 1, 2, 3, 4], [3, 2, 2, 1]);
  const run = compile((_: any, { x }: any) => ({ y: tf.maxPool(x, 2, 2, 'valid').reshape([3]) }), { mode: 'xla' });
  const { y } = await run({ y: ndarray([0, 0, 0]) }, { data: { x } });
  expect(Array.from(y.values)).toEqual([NaN, NaN, 4]);
});

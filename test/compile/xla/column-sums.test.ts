import { expect } from 'vitest';
import { compile, ndarray, random, tf } from 'widenet';
import { core as test } from '../../support/tier';

const cases = [
  [[300, 70], [0], false],
  [[65, 1, 301], [0, 1], true],
  [[7, 20, 30, 17], [-2, 0, 1], false],
  [[200, 3, 40], [0], true],
  [[3000, 3, 40], [0, 1], false],
] as const;

const summed = (
  x: any,
  [shape, axes, keep]: readonly [readonly number[], readonly number[], boolean],
  how: 'sum' | 'mean',
  options: { dtype: 'float32' | 'float64'; threads?: number },
) => {
  const reduced = (x: tf.Tensor) => x[how]([...axes], keep);
  const made = fromShape(tf.tidy(() => reduced(tf.zeros([...shape]))).shape);
  return compile((_: any, { x }: any) => ({ y: reduced(x.mul(2)) }), { ...options, mode: 'xla' })(
    { y: made },
    { data: { x } },
  ).then(({ y }) => y);
};
const fromShape = (shape: readonly number[]) => ndarray(new Float64Array(shape.reduce((a, b) => a * b)), shape);

test.each(cases)('%j over the axes %j: sum and mean are those by hand, on any number of threads', async (...one) => {
  const [shape] = one;
  const x = random.normal([...shape], { seed: 4, stream: 'x' });
  for (const how of ['sum', 'mean'] as const)
    for (const [dtype, tolerance] of [
      ['float64', 1e-11],
      ['float32', 1e-3],
    ] as const) {
      const [y, again] = [
        await summed(x, one, how, { dtype, threads: 1 }),
        await summed(x, one, how, { dtype, threads: 2 }),
      ];
      expect(again).toEqual(y);
      const columns = y.values.length;
      const byHand = new Float64Array(columns);
      x.values.forEach((v, i) => (byHand[i % columns] += how === 'sum' ? 2 * v : (2 * v * columns) / x.values.length));
      byHand.forEach((v, j) => expect(Math.abs(y.values[j] - v)).toBeLessThan(tolerance));
    }
});

test.each([
  [[300, 70], [1]],
  [
    [70, 20, 30],
    [0, 2],
  ],
  [[70, 20, 30], [1]],
])('%j over the axes %j, which are not the first: as the graph engine', async (shape, axes) => {
  const x = random.normal(shape, { seed: 4, stream: 'x' });
  const step = (_: any, { x }: any) => ({ y: x.sum(axes) });
  const y = fromShape(shape.filter((_, axis) => !axes.includes(axis)));
  const [ours, theirs] = await Promise.all(
    (['xla', 'graph'] as const).map(mode => compile(step, { mode, dtype: 'float64' })({ y }, { data: { x } })),
  );
  ours.y.values.forEach((v: number, i: number) => expect(Math.abs(v - theirs.y.values[i])).toBeLessThan(1e-11));
});

test('a million equal numbers in single precision: the error stays that of some additions', async () => {
  const y = await summed(ndarray(new Float32Array(2e6).fill(0.05), [1e6, 2]), [[1e6, 2], [0], false], 'sum', {
    dtype: 'float32',
  });
  for (const sum of y.values) expect(Math.abs(sum / (1e6 * 2 * Math.fround(0.05)) - 1)).toBeLessThan(1e-4);
});

test('what is not a number stays in its column', async () => {
  const x = random.normal([300, 70], { seed: 4, stream: 'x' });
  x.values[70 * 33 + 5] = NaN;
  const y = await summed(x, [[300, 70], [0], false], 'sum', { dtype: 'float32' });
  expect(Array.from(y.values, (v: number, j: number) => (Number.isNaN(v) ? j : -1)).filter(j => j >= 0)).toEqual([5]);
});

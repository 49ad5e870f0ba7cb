import { describe, expect, test } from 'vitest';
import { compile, ndarray, random, tf, train, type Draw, type Tensors } from 'widenet';

const modes = ['eager', 'graph', 'xla'] as const;
const int = (value: number) => ndarray(Int32Array.of(value), []);
/** Writes the number of each step into its place, so that the state tells which numbers the steps had. */
const written = ({ seen }: Tensors<'seen'>, _: unknown, __: Draw, number: tf.Scalar) => ({
  seen: seen.add(
    tf
      .oneHot(number.reshape([1]) as tf.Tensor1D, 12)
      .cast('int32')
      .squeeze([0])
      .mul(number),
  ),
});
const blank = { seen: ndarray(new Int32Array(12)) };
const firstNumbers = (last: number) => Array.from({ length: 12 }, (_, i) => (i <= last ? i : 0));

describe.each(modes)("the step's number, %s", mode => {
  test('is 1 at the first step and goes on over rows, segments and resumed runs', async () => {
    for (const every of [1, 3, [2, 5]]) {
      const half = await train(written, blank, { steps: 5, every, mode, record: { seen: ({ seen }) => seen } });
      for (const { step, seen } of half.rows) expect(seen).toEqual(firstNumbers(step));
      const whole = await train(written, half.state, { from: 5, steps: 9, every: 4, mode });
      expect(Array.from(whole.state.seen.values)).toEqual(firstNumbers(9));
    }
  });

  test('a schedule and draws in one step: the sum of draws / number, by the numbers of the host', async () => {
    const step = ({ x }: Tensors<'x'>, _: unknown, draw: Draw, number: tf.Scalar) => ({
      x: x.add(draw.normal([3], 'noise').div(number)),
    });
    const { state } = await train(step, { x: tf.zeros([3]) }, { steps: 40, seed: 7, every: 9, mode });
    const expected = new Float64Array(3);
    for (let k = 1; k <= 40; k++)
      random.normal([3], { seed: 7, stream: 'noise', step: k }).values.forEach((z, i) => (expected[i] += z / k));
    expected.forEach((x, i) => expect(state.x.values[i]).toBeCloseTo(x, 5));
  });

  test('the largest is 2^31 - 1; beyond, the run is refused', async () => {
    const step = (_: Tensors<'k'>, __: unknown, ___: Draw, number: tf.Scalar) => ({ k: number.clone() });
    const last = 2 ** 31 - 1;
    const { state } = await train(step, { k: int(0) }, { from: last - 2, steps: last, mode });
    expect(state.k.values[0]).toBe(last);
    await expect(train(step, { k: int(0) }, { from: last, steps: last + 1, mode })).rejects.toThrow(
      /^train: (the last step is 2147483648, but|step 2147483648 uses its number, but) steps that (use their number|do) are numbered below 2\^31$/,
    );
  });

  test('XLA and the graph see it where one function holds the loop, and where it alone is the next state', async () => {
    const step = ({ x }: Tensors<'x'>, _: unknown, __: Draw, number: tf.Scalar) => ({
      x: tf.matMul(x, x).mul(0).add(number),
    });
    const { state } = await train(step, { x: tf.eye(4) }, { steps: 6, mode, threads: 1 });
    expect(new Set(state.x.values)).toEqual(new Set([6]));
  });
});

test('in float64 a schedule is as exact as there', async () => {
  const decayed = ({ x }: Tensors<'x'>, _: unknown, __: Draw, number: tf.Scalar) => ({
    x: x.add(tf.scalar(1).div(number)),
  });
  for (const mode of ['graph', 'xla'] as const) {
    const { state } = await train(decayed, { x: 0 }, { steps: 1000, every: 1000, dtype: 'float64', mode });
    expect(state.x.values[0]).toBeCloseTo(7.485470860550345, 12); // the harmonic number of 1000
  }
});

test('a compiled step counts from `from`; one that ignores its number is the program that it was', async () => {
  const run = compile((_: Tensors<'k'>, __: unknown, ___: Draw, number: tf.Scalar) => ({ k: number.clone() }));
  expect((await run({ k: int(0) }, { steps: 3 })).k.values[0]).toBe(3);
  expect((await run({ k: int(0) }, { steps: 3, from: 10 })).k.values[0]).toBe(13);
  expect(run.traces).toBe(1);
  const ignored = compile(({ x }: Tensors<'x'>, _: unknown, __: Draw, number: tf.Scalar) => ({
    x: number.shape.length === 0 ? x.add(1) : x,
  }));
  expect((await ignored({ x: 0 }, { steps: 3, from: 2 ** 40 })).x.values[0]).toBe(3);
});

test('the number is no differentiable thing, but may stand in a gradient', async () => {
  const step = ({ x }: Tensors<'x'>, _: unknown, __: Draw, number: tf.Scalar) => ({
    x: tf.grad(x => x.square().mul(number).sum())(x),
  });
  for (const mode of modes) {
    const { state } = await train(step, { x: 1 }, { steps: 3, mode });
    expect(state.x.values[0]).toBe(2 * 4 * 6);
  }
});

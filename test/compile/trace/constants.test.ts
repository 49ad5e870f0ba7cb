import { expect, test } from 'vitest';
import { compile, fori, ndarray, tensor, tf, train } from 'widenet';

type X = { x: tf.Tensor };
const one = { x: ndarray([1]) };
const steps = 1;
const modes = ['eager', 'graph', 'xla'] as const;

/** The constant c in a step, as x + c, or as max(x, c). */
const made: [string, (x: tf.Tensor, c: number) => tf.Tensor][] = [
  ['add', (x, c) => x.add(c)],
  ['tf.add', (x, c) => tf.add(c, x)],
  ['tf.scalar', (x, c) => x.add(tf.scalar(c))],
  ['tf.tensor', (x, c) => x.add(tf.tensor([[c]]).sum())],
  ['tf.fill', (x, c) => x.add(tf.fill([1], c))],
  ['tf.linspace', (x, c) => x.add(tf.linspace(c, c, 1))],
  ['pad', (x, c) => x.add(tf.pad(x as tf.Tensor1D, [[0, 1]], c).slice([1], [1]))],
  ['tensor', (x, c) => x.add(tensor(ndarray([c])))],
  ['in a gradient', (x, c) => x.add(tf.grad(x => x.mul(c).sum())(x))],
  ['in a loop', (x, c) => fori(1, (_, y) => y.add(c), x) as tf.Tensor],
  ['clipByValue', (x, c) => x.clipByValue(c, Infinity)],
];

for (const mode of modes)
  test.each(made)(
    `a number beyond float32 is refused, an infinite or a tiny one is not: %s, in ${mode}`,
    async (_, f) => {
      const of = (c: number) => train(({ x }: X) => ({ x: f(x, c) }), one, { steps, mode });
      await expect(of(1e39)).rejects.toThrow(
        /^train: a constant of the step holds 1e\+39 at entry 0, beyond the 3.4028234663852886e\+38 of float32 \(at .*constants\.test\.ts:\d+:\d+\)$/,
      );
      expect((await of(Infinity)).status).toBe('diverged');
      const largest = 3.4028234663852886e38;
      expect((await of(largest)).state.x.values[0]).toBe(largest);
      expect((await of(1e-50)).state.x.values[0]).toBe(1);
      const y = ({ x }: X) => f(x, -1e39);
      await expect(train(s => s, one, { steps, mode, record: { y } })).rejects.toThrow(
        /holds -1e\+39 at entry 0, beyond/,
      );
      expect(tf.tidy(() => tf.scalar(1e39).dataSync())).toEqual(Float32Array.of(Infinity));
    },
  );

for (const mode of ['graph', 'xla'] as const)
  test.each(made)(`in float64 it is what it is: %s, in ${mode}`, async (name, f) => {
    for (const c of [1e39, 1.1]) {
      const { x } = await compile(({ x }: X) => ({ x: f(x, c) }), { mode, dtype: 'float64' })({ x: ndarray([0.1]) });
      expect(x.values[0]).toBe(name === 'clipByValue' ? c : 0.1 + c);
    }
  });

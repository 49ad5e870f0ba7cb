import { expect, test } from 'vitest';
import { compile, ndarray, train, whileLoop, type tf } from 'widenet';

type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };
const refused = (step: (state: X, data: any, draw: any) => any, state: object = one, data: object = {}) =>
  compile(step as any)(state as any, { data: data as any });

test('draws: a stream twice, a stream without a name, a shape that is none', async () => {
  await expect(
    refused(({ x }, _, draw) => ({ x: x.add(draw.normal([3], 'a')).add(draw.uniform([3], 'a')) })),
  ).rejects.toThrow(
    'compile: draw.uniform: stream "a" is drawn twice at one step, which gives the same numbers twice; name two streams',
  );
  await expect(refused(({ x }, _, draw) => ({ x: x.add(draw.normal([3])) }))).rejects.toThrow(
    'compile: draw.normal: stream is undefined but must be a name',
  );
  await expect(refused(({ x }, _, draw) => ({ x: x.add(draw.normal(3, 'a')) }))).rejects.toThrow(
    'compile: draw.normal: shape is 3 but must be whole numbers',
  );
  await expect(refused(({ x }, _, draw) => ({ x: x.add(draw.normal([3, 2 ** 31], 'a').sum()) }))).rejects.toThrow(
    'compile: draw.normal: shape [3,2147483648] has 6442450944 entries but must have fewer than 2^32',
  );
});

test.each(['eager', 'graph', 'xla'] as const)('the draw of a call that is over gives no numbers, in %s', async mode => {
  let kept: any;
  const step = ({ x }: X, _: object, draw: any) => {
    kept = draw;
    return { x: x.add(draw.normal([3], 'a')) };
  };
  const record = { z: ({ x }: X) => (kept ? kept.integers([], 'b', { high: 3 }) : x.sum()) };
  await expect(train(step, one, { steps: 2, mode, record })).rejects.toThrow(
    /^train: draw.integers: the call that was given this draw is over; a step and a recorded value draw by their own \(at .*draws.test.ts:\d+:\d+\)$/,
  );
});

test('what is recorded draws its own numbers also where XLA computes it without a row', async () => {
  // Of zeros, which a call between two rows drew, the loop would never end.
  const grown = (_: object, __: object, draw: any) =>
    whileLoop(
      c => c.less(1e3),
      c => c.mul(2),
      draw.uniform([], 'a'),
      { most: 2_000_000_000 },
    );
  const options = { steps: 40, every: 13, seed: 1, record: { grown } } as const;
  const runs = await Promise.all(
    (['graph', 'xla'] as const).map(mode => train(({ x }: X) => ({ x: x.mul(0.5) }), one, { ...options, mode })),
  );
  expect(runs[1].rows).toEqual(runs[0].rows);
});

import { expect, test } from 'vitest';
import { compile, ndarray, type tf } from 'widenet';

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
});

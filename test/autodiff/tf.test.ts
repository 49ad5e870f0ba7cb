import { expect, test } from 'vitest';
import { tf } from 'widenet';

test('prelu has no number beyond its own on the way', () => {
  const x = [-Infinity, -2e38, -3, 0, 2e38, Infinity, NaN];
  const y = tf.prelu(tf.tensor1d(x), tf.tensor1d([0.25])).dataSync();
  expect(Array.from(y)).toEqual([-Infinity, Math.fround(-5e37), -0.75, 0, Math.fround(2e38), Infinity, NaN]);
});

test('the native backend runs, and its runtime was told to be quiet before it loaded', async () => {
  expect(tf.getBackend()).toBe('tensorflow');
  expect(process.env.TF_OVERRIDE_GLOBAL_THREADPOOL).toBe('1');
  const t: tf.Tensor = tf.ones([2, 2]).matMul(tf.ones([2, 1]));
  expect(Array.from(await t.data())).toEqual([2, 2]);
  expect(() => tf.topk(tf.tensor1d([1, 3, 2]), 2).values.dataSync()).not.toThrow();
});

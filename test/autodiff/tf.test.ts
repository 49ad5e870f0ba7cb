import { expect, test } from 'vitest';
import { tf } from 'widenet';

test('the native backend runs, and its runtime was told to be quiet before it loaded', async () => {
  expect(tf.getBackend()).toBe('tensorflow');
  expect(process.env.TF_OVERRIDE_GLOBAL_THREADPOOL).toBe('1');
  const t: tf.Tensor = tf.ones([2, 2]).matMul(tf.ones([2, 1]));
  expect(Array.from(await t.data())).toEqual([2, 2]);
  expect(() => tf.topk(tf.tensor1d([1, 3, 2]), 2).values.dataSync()).not.toThrow();
});

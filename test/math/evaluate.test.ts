import { expect, test } from 'vitest';
import { evaluate, linalg, ndarray, tf } from 'widenet';

const X = ndarray([1, 2, 3, 4], [2, 2]);

test('host arrays, numbers and objects of them go in as tensors, a host array comes out', () => {
  const before = tf.memory().numTensors;
  const net = { W: ndarray(Float32Array.of(1, -1)), layers: [{ scale: 2 }] };
  const out = evaluate(({ W, layers: [{ scale }] }, x, shift) => x.dot(W).mul(scale).add(shift), net, X, 0.5);
  expect(out).toEqual({ shape: [2], values: Float32Array.of(-1.5, -1.5) });
  expect(evaluate(k => k.add(tf.scalar(1, 'int32')), ndarray(Int32Array.of(1, 2)))).toEqual({
    shape: [2],
    values: Int32Array.of(2, 3),
  });
  expect(evaluate(() => tf.scalar(3)).values[0]).toBe(3);
  expect(evaluate(x => x, X).values).toEqual(Float32Array.of(1, 2, 3, 4));
  expect(tf.memory().numTensors).toBe(before);
});

test('gradients and linear algebra work inside', () => {
  const slope = evaluate(x => tf.grad(x => x.square().sum())(x), X);
  expect(slope.values).toEqual(Float32Array.of(2, 4, 6, 8));
  expect([...evaluate((A, b) => linalg.lstsq(A, b), X, ndarray([5, 11])).values].map(Math.round)).toEqual([1, 2]);
});

test('a tensor that is given lives on', () => {
  const t = tf.tensor1d([1, 2]);
  expect(evaluate(t => t, t).values).toEqual(Float32Array.of(1, 2));
  expect(t.isDisposed).toBe(false);
  t.dispose();
});

test('refusals leave no tensor behind', () => {
  const before = tf.memory().numTensors;
  expect(() => evaluate((x: any) => x, 'three')).toThrow(
    /^evaluate: input 1 is string but must be a tensor, a host array/,
  );
  expect(() => evaluate((_, { W }: any) => W, X, { W: null })).toThrow(/^evaluate: input 2\.W is null but must be/);
  expect(() => evaluate((() => 3) as any, X)).toThrow(/^evaluate: f returned number but must return a tensor$/);
  expect(tf.memory().numTensors).toBe(before);
});

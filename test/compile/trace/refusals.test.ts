import { expect, test } from 'vitest';
import { compile, ndarray, random, tf } from 'widenet';

/** What a trace refuses, each with the line of the step. */
type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };
const here = /\(at .*refusals\.test\.ts:\d+:\d+\)/;
const refused = (step: (state: X, data: any, draw: any) => any, state: object = one, data: object = {}) =>
  compile(step as any)(state as any, { data: data as any });

test.each<[string, (x: tf.Tensor) => unknown]>([
  ['dataSync', x => x.dataSync()],
  ['arraySync', x => x.arraySync()],
  ['data', x => void x.data()],
  ['array', x => void x.array()],
  ['print', x => x.print()],
  ['a branch on a value', x => (x.sum().dataSync()[0] > 0 ? x : x.neg())],
])('%s', async (_, read) => {
  await expect(
    refused(({ x }) => {
      read(x);
      return { x };
    }),
  ).rejects.toThrow(/^compile: the step reads values of a tensor/);
  await expect(
    refused(({ x }) => {
      read(x);
      return { x };
    }),
  ).rejects.toThrow(here);
});

test('ops that draw random numbers or keep a state', async () => {
  await expect(
    refused(({ x }) => ({ x: x.add(tf.multinomial(tf.tensor1d([0.5, 0.5]), 3).toFloat() as tf.Tensor) })),
  ).rejects.toThrow(/op Multinomial draws random numbers or keeps a state.*refusals\.test\.ts/);
});

test('tensors from outside state and data, written or not', async () => {
  const fresh = tf.tensor1d([1, 1, 1]);
  const used = tf.tensor1d([1, 1, 1]).neg();
  for (const outside of [fresh, used]) {
    await expect(refused(({ x }) => ({ x: x.add(outside) }))).rejects.toThrow(
      /^compile: the step uses a tensor of shape \[3\] \(float32\) that is neither in state nor in data/,
    );
    await expect(refused(({ x }) => ({ x: x.add(outside) }))).rejects.toThrow(here);
    await expect(refused(() => ({ x: outside }))).rejects.toThrow(/neither in state nor in data/);
  }
  const v = tf.variable(tf.tensor1d([0, 0, 0]));
  await expect(refused(({ x }) => ({ x: x.add(v) }))).rejects.toThrow(/neither in state nor in data/);
  await expect(
    refused(({ x }) => {
      v.assign(x as tf.Tensor1D);
      return { x };
    }),
  ).rejects.toThrow(/the step assigns to or disposes the variable/);
  expect(Array.from(v.dataSync())).toEqual([0, 0, 0]);
});

test('ops whose result has a shape that depends on values, and ops the runtime has not', async () => {
  await expect(refused(({ x }) => ({ x: tf.unique(x).values }))).rejects.toThrow(
    /op UniqueV2 has no graph form here: the shape of its result depends on values.*refusals\.test\.ts/,
  );
  const raw = (name: string, x: tf.Tensor) =>
    (tf.backend() as any).executeSingleOutput(name, [{ name: 'T', type: 4, value: 1 }], [x]);
  await expect(refused(({ x }) => ({ x: raw('NoSuchOp', x) }))).rejects.toThrow(/op NoSuchOp .*refusals\.test\.ts/);
  await expect(refused(({ x }) => ({ x: raw('Cholesky', x) }))).rejects.toThrow(
    /op Cholesky of \[3\] is refused by TensorFlow: Shape must be at least rank 2 but is rank 1 \(at .*refusals\.test\.ts/,
  );
});

test('shapes that do not fit are told with both shapes, the reason and the line', async () => {
  await expect(refused(({ x }) => ({ x: x.add(tf.ones([2])) }))).rejects.toThrow(
    /: op Add of \[3\], \[2\] is refused by TensorFlow: Dimensions must be equal, but are 3 and 2 \(at .*refusals\.test\.ts:\d+:\d+\)$/,
  );
});

test('inside autodiff, which leaves nothing behind', async () => {
  const before = tf.memory().numTensors;
  const outside = tf.keep(tf.tensor1d([1, 2, 3]));
  await expect(
    refused(({ x }) => ({ x: tf.grad(x => x.square().mul(x.exp()).mul(outside).sum())(x) })),
  ).rejects.toThrow(here);
  outside.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('float64: ops that have no doubles, attributes that are float32', async () => {
  const image = { x: random.uniform([1, 2, 2, 2], { seed: 0, stream: 'x' }) };
  const step = ({ x }: X) => ({ x: tf.localResponseNormalization(x as tf.Tensor4D, 1, 1, 0.1, 0.5) as tf.Tensor });
  await expect(compile(step, { dtype: 'float64' })(image)).rejects.toThrow(
    /op LRN takes alpha = 0.1 in float32 only, so it has no float64 form \(at .*refusals\.test\.ts/,
  );
  const flat = ({ x }: X) => ({ x: tf.localResponseNormalization(x as tf.Tensor4D, 1, 1, 0.5, 0.5) as tf.Tensor });
  await expect(compile(flat, { dtype: 'float64' })(image)).rejects.toThrow(/op LRN .*refusals\.test\.ts/);
});

test('a refusal leaves TensorFlow.js as it was: eager operations, random numbers and reads still work', async () => {
  await expect(refused(({ x }) => ({ x: x.mul(Math.random()) }))).rejects.toThrow(/not the same twice/);
  await expect(compile(({ x }: X) => ({ x: x.mul(x.dataSync()[0]) }), { dtype: 'float64' })(one)).rejects.toThrow(
    /reads values/,
  );
  const before = tf.memory().numTensors;
  expect(Array.from(tf.tidy(() => tf.tensor1d([0.1]).add(1).dataSync()))).toEqual([Math.fround(1.1)]);
  expect(tf.tidy(() => tf.scalar(0.1).dataSync())).toBeInstanceOf(Float32Array);
  expect(tf.memory().numTensors).toBe(before);
});

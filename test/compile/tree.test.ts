import { expect, test } from 'vitest';
import { compile, ndarray, tf, type Tensors } from 'widenet';

type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };
const refused = (step: (state: X, data: any, draw: any) => any, state: object = one, data: object = {}) =>
  compile(step as any)(state as any, { data: data as any });

test('typed arrays are arrays of one axis, and lists of them matrices of their type', async () => {
  const data = {
    list: Float32Array.of(0.1, 2),
    whole: [Int32Array.of(1, 2), Int32Array.of(3, 4), Int32Array.of(5, 6)],
    mixed: [Float64Array.of(1, 2), Int32Array.of(3, 4)],
  };
  const seen: string[] = [];
  const run = compile(({ x }: { x: tf.Tensor }, { list, whole, mixed }: Tensors<typeof data>) => {
    seen.push([list, whole, mixed].map(({ shape, dtype }) => `${dtype} ${shape}`).join('; '));
    return {
      x: x
        .add(list)
        .add(tf.sum(whole, 0).cast('float32'))
        .add(mixed.gather([1]).reshape([2])),
    };
  });
  expect((await run({ x: Float64Array.of(1, 1) }, { data })).x.values).toEqual(Float32Array.of(13.1, 19));
  expect((await run({ x: [Float64Array.of(1, 1)] }, { data })).x.shape).toEqual([1, 2]);
  expect(seen.at(-1)).toBe('float32 2; int32 3,2; float32 2,2');
});

test('a list of numbers where an operation takes one tensor is refused with its line', async () => {
  for (const numbers of [
    [1, 2, 3],
    [
      [1, 2],
      [3, 4],
    ],
  ])
    for (const use of [(x: any) => tf.sum(x), (x: any) => tf.add(x, 1).sum(), (x: any) => tf.tensor(x).sum()])
      await expect(
        compile(({ x }: X, { list }: any) => ({ x: x.add(use(list)) }))({ x: 0 }, { data: { list: numbers } }),
      ).rejects.toThrow(/^compile: an operation is given a list of tensors .* give ndarray.*tree\.test\.ts:\d+/);
});

test('doubles stay exact in float64, and rows of unequal length are refused', async () => {
  const { x } = await compile((s: { x: tf.Tensor }, { a }: { a: tf.Tensor }) => ({ x: s.x.add(a) }), {
    dtype: 'float64',
  })({ x: ndarray([0]) }, { data: { a: Float64Array.of(0.1) } });
  expect(x.values[0]).toBe(0.1);
  await expect(refused(s => s, one, { a: [Float32Array.of(1, 2), Float32Array.of(1)] })).rejects.toThrow(
    'compile: data.a[1] has 1 entries but data.a[0] has 2',
  );
  await expect(refused(s => s, one, { a: Uint8Array.of(1) })).rejects.toThrow(
    'compile: data.a is Uint8Array but must be float32, float64 or int32: ndarray(values) makes it so',
  );
  await expect(refused(s => s, one, { a: { shape: [1], values: Uint8Array.of(1) } })).rejects.toThrow(
    'compile: data.a.values is Uint8Array but must be float32, float64 or int32',
  );
  expect(ndarray(Uint8Array.of(1, 255)).values).toEqual(Float64Array.of(1, 255));
  expect(() => ndarray([Float32Array.of(1)] as any)).toThrow('ndarray: values[0] is Float32Array but must be a number');
  expect(() => ndarray([1, '2'] as any)).toThrow('ndarray: values[1] is string but must be a number');
});

test('state and data that are no tensors', async () => {
  await expect(refused(s => s, { x: 'a' })).rejects.toThrow(
    'compile: state.x is string but must be a tensor, a host array, a number, or a plain object of these',
  );
  await expect(refused(s => s, {})).rejects.toThrow('compile: state holds no tensor');
  await expect(refused(s => s, { x: { y: [1, NaN] } })).rejects.toThrow(
    'compile: state.x.y[1] holds NaN at entry 0; a state must begin finite',
  );
  await expect(refused(s => s, { x: tf.tensor1d([true], 'bool') })).rejects.toThrow(
    'compile: state.x is bool but a state holds float32 and int32',
  );
  await expect(refused(s => s, one, { a: new Map() })).rejects.toThrow('compile: data.a is Map but must be');
  await expect(refused(s => s, one, { a: null })).rejects.toThrow('compile: data.a is null but must be');
  await expect(refused(s => s, one, { a: { shape: [2, 2], values: Float64Array.of(1) } })).rejects.toThrow(
    'compile: data.a has shape [2,2] but 1 values',
  );
  const gone = tf.scalar(1);
  gone.dispose();
  await expect(refused(s => s, one, { a: gone })).rejects.toThrow('compile: data.a is a tensor that was disposed');
});

import { expect, test } from 'vitest';
import { tf, ndarray, scaled, tensor, fromTensor } from 'widenet';
import { isNdArray, sizeOf } from '../../src/base/ndarray';

test('typed arrays are kept, other numbers become doubles, the default shape is one axis', () => {
  const values = Float32Array.of(1, 2);
  expect(ndarray(values).values).toBe(values);
  expect(ndarray([1, 2, 3, 4, 5, 6], [2, 3])).toEqual({ shape: [2, 3], values: Float64Array.of(1, 2, 3, 4, 5, 6) });
  expect(ndarray([7], [])).toEqual({ shape: [], values: Float64Array.of(7) });
  expect(ndarray([], [0, 3]).shape).toEqual([0, 3]);
  expect(sizeOf('here', [])).toBe(1);
});

test('nested lists have their own shape', () => {
  const lists = [
    [[1], [2]],
    [[3], [4]],
    [[5], [6]],
  ];
  expect(ndarray(lists)).toEqual({ shape: [3, 2, 1], values: Float64Array.of(1, 2, 3, 4, 5, 6) });
  expect(ndarray([[], []]).shape).toEqual([2, 0]);
  const wrong = (lists: unknown, message: string) => expect(() => ndarray(lists as number[][])).toThrow(message);
  wrong([[1, 2], [3]], 'ndarray: values[1] has 1 entries but must have 2, as the first list of its depth');
  wrong([[1], 2], 'ndarray: values[1] is number but must be a list of 1');
  wrong([[1], ['2']], 'ndarray: values[1][0] is string but must be a number');
  wrong([1, [2]], 'ndarray: values[1] is Array but must be a number');
});

test('a tensor and back: values, shape and dtype, each double rounded once', () => {
  const before = tf.memory().numTensors;
  const t = tensor(ndarray([0.1, -1e-3, 3, 4], [2, 2]));
  expect([t.dtype, t.shape]).toEqual(['float32', [2, 2]]);
  expect(fromTensor(t)).toEqual({ shape: [2, 2], values: Float32Array.of(0.1, -1e-3, 3, 4) });
  const i = tensor(ndarray(Int32Array.of(-1, 2)));
  expect(i.dtype).toBe('int32');
  expect(fromTensor(i)).toEqual({ shape: [2], values: Int32Array.of(-1, 2) });
  const b = i.greater(0);
  expect(fromTensor(b).values).toEqual(Int32Array.of(0, 1));
  tf.dispose([t, i, b]);
  expect(tf.memory().numTensors).toBe(before);
});

test('a scaled array keeps its shape and, but for whole numbers, its type', () => {
  const a = ndarray([1, 2, 3, 4], [2, 2]);
  expect(scaled(a, 0.1)).toEqual({ shape: [2, 2], values: Float64Array.of(0.1, 0.2, 0.1 * 3, 0.4) });
  expect(a.values).toEqual(Float64Array.of(1, 2, 3, 4));
  expect(scaled(ndarray(Float32Array.of(1, 2)), 0.5).values).toEqual(Float32Array.of(0.5, 1));
  expect(scaled(ndarray(Int32Array.of(1, 3)), 0.5).values).toEqual(Float64Array.of(0.5, 1.5));
  expect(() => scaled(a, NaN)).toThrow(/^scaled: factor is NaN but must be a finite number$/);
});

test('what is a host array', () => {
  expect(isNdArray(ndarray([1]))).toBe(true);
  for (const other of [null, 3, [1], { shape: [1], values: [1] }, { values: Float64Array.of(1) }, tf.scalar(1)])
    expect(isNdArray(other)).toBe(false);
});

test('refusals name both values', () => {
  expect(() => ndarray([1, 2, 3], [2, 2])).toThrow(/^ndarray: 3 values but shape \[2,2\] holds 4$/);
  expect(() => ndarray([1], [0.5])).toThrow(/^ndarray: shape\[0\] is 0.5 but must be a whole number >= 0$/);
  expect(() => fromTensor(tf.tensor(['a']))).toThrow(
    /^fromTensor: dtype is string but must be float32, int32 or bool$/,
  );
});

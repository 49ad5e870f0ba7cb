import { expect, test } from 'vitest';
import { compile, ndarray, tf } from 'widenet';

type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };
const refused = (step: (state: X, data: any, draw: any) => any, state: object = one, data: object = {}) =>
  compile(step as any)(state as any, { data: data as any });

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
  await expect(refused(s => s, one, { a: new Map() })).rejects.toThrow('compile: data.a is object but must be');
  await expect(refused(s => s, one, { a: null })).rejects.toThrow('compile: data.a is null but must be');
  await expect(refused(s => s, one, { a: { shape: [2, 2], values: Float64Array.of(1) } })).rejects.toThrow(
    'compile: data.a has shape [2,2] but 1 values',
  );
  const gone = tf.scalar(1);
  gone.dispose();
  await expect(refused(s => s, one, { a: gone })).rejects.toThrow('compile: data.a is a tensor that was disposed');
});

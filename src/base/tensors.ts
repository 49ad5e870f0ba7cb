/** Host arrays to tensors and back, in a file of its own: host arrays are known without loading TensorFlow.js. */
import { fail } from './check';
import { allFinite, type NdArray } from './ndarray';
import { tf } from './tfjs';

/** Which finite value became infinite when it was rounded to single precision, in words; '' where none did. */
export function beyondSingles(values: ArrayLike<number>, rounded: Float32Array): string {
  if (allFinite(rounded)) return '';
  const entry = rounded.findIndex((x, i) => Math.abs(x) === Infinity && Number.isFinite(values[i]));
  const most = 2 ** 128 * (1 - 2 ** -24);
  return entry < 0 ? '' : `holds ${values[entry]} at entry ${entry}, beyond the ${most} of float32`;
}

/** Values in single precision, rounded to nearest; refuses one beyond its range, which would become infinite. */
export function singles(where: string, name: string, values: ArrayLike<number>): Float32Array {
  const rounded = new Float32Array(values);
  const beyond = values instanceof Float32Array ? '' : beyondSingles(values, rounded);
  if (beyond) fail(where, `${name} ${beyond}`);
  return rounded;
}

/**
 * The array as a tensor of TensorFlow.js, which has arithmetic: int32 of an Int32Array, else float32 (doubles are
 * rounded once, to nearest). Outside a step the tensor lives until it is disposed. Errors: a double beyond float32.
 *
 * @example
 * tensor(ndarray([1, 2])).mul(3) // -> [3, 6]
 */
export function tensor(a: NdArray): tf.Tensor {
  return a.values instanceof Int32Array
    ? tf.tensor(a.values, [...a.shape], 'int32')
    : tf.tensor(singles('tensor', 'the array', a.values), [...a.shape], 'float32');
}

/**
 * The tensor's values on the host: an Int32Array for int32 and bool, a Float32Array for float32. The tensor lives on.
 * Errors: another type (string, complex64).
 *
 * @example
 * fromTensor(tf.tensor([[1, 2]]).square()) // -> [[1, 4]]
 */
export function fromTensor(t: tf.Tensor): NdArray {
  if (t.dtype !== 'float32' && t.dtype !== 'int32' && t.dtype !== 'bool')
    fail('fromTensor', `dtype is ${t.dtype} but must be float32, int32 or bool`);
  const values = t.dataSync();
  return { shape: [...t.shape], values: t.dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values) };
}

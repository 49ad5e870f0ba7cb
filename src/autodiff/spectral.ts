/**
 * Transforms of real series. TensorFlow.js makes them from complex ones of twice the work; the runtime has their own.
 * Like the complex ones they have no derivative.
 */
import { type NativeBackend, tf } from '../base/tfjs';

function transform(type: 'RFFT' | 'IRFFT', x: tf.Tensor, length: number): tf.Tensor {
  const backend = tf.backend() as NativeBackend;
  const { TF_ATTR_TYPE, TF_FLOAT, TF_COMPLEX64 } = backend.binding;
  const types = { Treal: TF_FLOAT, Tcomplex: TF_COMPLEX64 };
  const attributes = Object.entries(types).map(([name, value]) => ({ name, type: TF_ATTR_TYPE, value }));
  return backend.executeSingleOutput(type, attributes, [x, tf.tensor1d([length], 'int32')]);
}

const { irfft } = tf.spectral;

export function replaceTransforms(): void {
  Object.assign(tf.spectral, {
    /** Of a float32 tensor, along the last axis: cut, or filled up with zeros, to `length` entries where given. */
    rfft(input: tf.Tensor, length?: number | null): tf.Tensor {
      tf.util.assert(input.dtype === 'float32', () => `The dtype for rfft() must be real value but got ${input.dtype}`);
      const n = input.shape[input.rank - 1];
      const zeros = input.shape.map((_, axis): [number, number] => [0, axis < input.rank - 1 ? 0 : (length ?? n) - n]);
      return tf.tidy(() => transform('RFFT', (length ?? n) > n ? tf.pad(input, zeros) : input, length ?? n));
    },
    /** Of n frequencies along the last axis, 2 (n - 1) entries; of one series too, a row of a matrix. */
    irfft(input: tf.Tensor): tf.Tensor {
      const n = input.shape[input.rank - 1];
      if (n < 2) return irfft(input);
      const rows = input.rank === 3 ? input : input.reshape([input.size / n, n]);
      return tf.tidy(() => transform('IRFFT', rows, 2 * (n - 1)));
    },
  });
}

/**
 * Doubles through TensorFlow.js: it stores every number of a step as float32 at once (0.1 becomes 0.100000001490116).
 * While `f` runs, the arrays it makes for floats are Float64Arrays instead, so that constants reach the graph unrounded.
 */
import { types } from 'node:util';
import { tf } from '../../autodiff/tf';

export function withDoubles<T>(f: () => T): T {
  const Float32 = globalThis.Float32Array;
  const platform = tf.env().platform as { isTypedArray(a: unknown): boolean };
  const isTypedArray = platform.isTypedArray;
  platform.isTypedArray = a => types.isFloat64Array(a) || isTypedArray.call(platform, a);
  globalThis.Float32Array = new Proxy(Float32, {
    construct: (target, [source, ...rest]) =>
      (types.isAnyArrayBuffer(source) ? new target(source, ...rest) : new Float64Array(source)) as Float32Array,
    get: (target, key) =>
      key === Symbol.hasInstance
        ? (a: unknown) => types.isFloat32Array(a) || types.isFloat64Array(a)
        : Reflect.get(target, key),
  });
  try {
    return f();
  } finally {
    globalThis.Float32Array = Float32;
    platform.isTypedArray = isTypedArray;
  }
}

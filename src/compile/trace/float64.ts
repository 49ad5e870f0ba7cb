/**
 * Constants in float64. TensorFlow.js puts every number of a step into a Float32Array at once, so 0.1 becomes 0.100000001490116.
 * While `f` runs, `new Float32Array(numbers)` makes a Float64Array instead, so that constants reach the graph unrounded. `f` must not
 * wait for anything, or other code would meet the replaced constructor.
 */
import { types } from 'node:util';
import { tf } from '../../autodiff/tf';

export function withFloat64<T>(f: () => T): T {
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

/**
 * The numbers that a step makes constants of. TensorFlow.js puts each into a Float32Array at once, so that 0.1 becomes
 * 0.100000001490116 and 1e39 infinite. What runs here must not wait for anything, or other code would meet the replaced
 * constructor.
 */
import { types } from 'node:util';
import { tf } from '../../autodiff/tf';
import { beyondSingles } from '../../base/tensors';

function withConstructor<T>(handler: ProxyHandler<Float32ArrayConstructor>, f: () => T): T {
  const Float32 = globalThis.Float32Array;
  globalThis.Float32Array = new Proxy(Float32, handler);
  try {
    return f();
  } finally {
    globalThis.Float32Array = Float32;
  }
}

/** Runs `f`, in which `new Float32Array(numbers)` refuses a finite number that would become infinite. */
export const withFloat32 = <T>(refuse: (what: string) => never, f: () => T): T =>
  withConstructor(
    {
      construct(target, given) {
        const rounded = Reflect.construct(target, given);
        const beyond =
          Array.isArray(given[0]) || types.isFloat64Array(given[0]) ? beyondSingles(given[0], rounded) : '';
        return beyond ? refuse(`a constant of the step ${beyond}`) : rounded;
      },
    },
    f,
  );

/** Runs `f`, in which `new Float32Array(numbers)` makes a Float64Array: constants reach the graph unrounded. */
export function withFloat64<T>(f: () => T): T {
  const platform = tf.env().platform as { isTypedArray(a: unknown): boolean };
  const isTypedArray = platform.isTypedArray;
  platform.isTypedArray = a => types.isFloat64Array(a) || isTypedArray.call(platform, a);
  try {
    return withConstructor(
      {
        construct: (target, [source, ...rest]) =>
          (types.isAnyArrayBuffer(source) ? new target(source, ...rest) : new Float64Array(source)) as Float32Array,
        get: (target, key) =>
          key === Symbol.hasInstance
            ? (a: unknown) => types.isFloat32Array(a) || types.isFloat64Array(a)
            : Reflect.get(target, key),
      },
      f,
    );
  } finally {
    platform.isTypedArray = isTypedArray;
  }
}

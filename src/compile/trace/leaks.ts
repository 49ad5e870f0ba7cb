/** Refuses a step that keeps tensors beyond its end, with the lines that keep them. */
import { fail } from '../../base/check';
import { tf } from '../../autodiff/tf';
import { userLine, withDeepStacks } from '../../base/source-location';

type Method = 'keep' | 'makeVariable' | 'saveTensorsForBackwardMode';

/**
 * What `f` gives; `name` says in messages what `f` is. Tensors that `f` keeps (tf.keep) or makes variables (tf.variable) and does not
 * dispose are disposed here, and `f` is refused.
 */
export function withoutLeaks<T>(where: string, name: string, f: () => T): T {
  const engine = tf.engine() as unknown as Partial<Record<Method, (...given: unknown[]) => tf.Tensor>>;
  const inherited = (method: Method, given: unknown[]) => Object.getPrototypeOf(engine)[method].apply(engine, given);
  const kept = new Map<tf.Tensor, { by: string; origin?: Error }>();
  let saving = false; // Autodiff keeps tensors too, and disposes them itself.
  const watch =
    (method: Method, by: string) =>
    (...given: unknown[]) => {
      const origin = saving ? undefined : new Error();
      const tensor = inherited(method, given);
      kept.set(tensor, { by, origin });
      return tensor;
    };
  engine.keep = watch('keep', 'tf.keep');
  engine.makeVariable = watch('makeVariable', 'tf.variable');
  engine.saveTensorsForBackwardMode = (...given) => {
    saving = true;
    try {
      return inherited('saveTensorsForBackwardMode', given);
    } finally {
      saving = false;
    }
  };
  const leaked = () => [...kept].filter(([tensor]) => !tensor.isDisposed);
  try {
    const given = withDeepStacks(f);
    const leaks = leaked().map(
      ([{ dtype, shape }, { by, origin }]) => `${dtype} [${shape}] by ${by} (at ${userLine(origin)})`,
    );
    if (leaks.length > 0)
      fail(
        where,
        `the ${name} leaks ${leaks.length} tensor${leaks.length > 1 ? 's' : ''}: ${leaks.join(', ')}; return what must live on in the state`,
      );
    return given;
  } finally {
    delete engine.keep;
    delete engine.makeVariable;
    delete engine.saveTensorsForBackwardMode;
    for (const [tensor] of leaked()) tensor.dispose();
  }
}

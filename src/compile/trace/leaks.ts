/** Tensors that a step keeps beyond itself, told by the lines that keep them. */
import { fail } from '../../base/check';
import { tf } from '../../autodiff/tf';
import { userLine, withDeepStacks } from '../../base/source-location';

type Method = 'keep' | 'makeVariable' | 'saveTensorsForBackwardMode';

/** What `f`, called `name`, gives; tensors that it keeps or makes variables and that live on are disposed and refused. */
export function withoutLeaks<T>(where: string, name: string, f: () => T): T {
  const engine = tf.engine() as unknown as Partial<Record<Method, (...given: unknown[]) => tf.Tensor>>;
  const inherited = (method: Method, given: unknown[]) => Object.getPrototypeOf(engine)[method].apply(engine, given);
  const kept = new Map<tf.Tensor, { by: string; made?: Error }>();
  let saving = false; // autodiff keeps tensors too, and disposes them
  const watch =
    (method: Method, by: string) =>
    (...given: unknown[]) => {
      const made = saving ? undefined : new Error();
      const tensor = inherited(method, given);
      kept.set(tensor, { by, made });
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
      ([{ dtype, shape }, { by, made }]) => `${dtype} [${shape}] by ${by} (at ${userLine(made)})`,
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

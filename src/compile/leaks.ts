/** Tensors that a step keeps beyond itself, told by the lines that keep them. */
import { fail } from '../check';
import { tf } from '../tf';
import { userLine, withDeepStacks } from './line';

type Method = 'keep' | 'makeVariable';
const kinds: readonly [Method, string][] = [['keep', 'tf.keep'], ['makeVariable', 'tf.variable']];

/** What `f`, called `name`, gives; tensors that it keeps or makes variables and that live on are disposed and refused. */
export function withoutLeaks<T>(where: string, name: string, f: () => T): T {
  const engine = tf.engine() as unknown as Record<Method, (...given: unknown[]) => tf.Tensor>;
  const kept = new Map<tf.Tensor, { by: string; made: Error }>();
  for (const [method, by] of kinds) {
    engine[method] = (...given) => {
      const made = new Error();
      const tensor = Object.getPrototypeOf(engine)[method].apply(engine, given);
      kept.set(tensor, { by, made });
      return tensor;
    };
  }
  const leaked = () => [...kept].filter(([tensor]) => !tensor.isDisposed);
  try {
    const given = withDeepStacks(f);
    const leaks = leaked().map(([{ dtype, shape }, { by, made }]) => `${dtype} [${shape}] by ${by} (at ${userLine(made)})`);
    if (leaks.length > 0) fail(where, `the ${name} leaks ${leaks.length} tensor${leaks.length > 1 ? 's' : ''}: ${leaks.join(', ')}; return what must live on in the state`);
    return given;
  } finally {
    for (const [method] of kinds) delete (engine as Partial<typeof engine>)[method];
    for (const [tensor] of leaked()) tensor.dispose();
  }
}

/** One case of a sweep, run within its time, and once more when that fails. */
import { abortable, Interrupted, interruptSignal } from '../base/interrupt';
import type { Failure } from './row-files';

/** Milliseconds that a case has, once its time is over and its signal is aborted, to come to its end. */
const patience = 5000;

const late = Symbol('late');

/** The result of `run`, or `late` when it takes longer; what it trains then is interrupted. */
const withinTime = (run: () => unknown, seconds: number | undefined): Promise<unknown> =>
  seconds === undefined
    ? Promise.resolve(run())
    : abortable(async abort => {
        let timer: NodeJS.Timeout | undefined;
        const result = (async () => run())();
        const over = new Promise<typeof late>(resolve => {
          timer = setTimeout(() => resolve(late), 1000 * seconds);
        });
        try {
          if ((await Promise.race([result, over])) !== late) return result;
          abort();
          const given = new Promise(resolve => {
            timer = setTimeout(resolve, patience);
          });
          await Promise.race([result.catch(() => {}), given]);
          return late;
        } finally {
          clearTimeout(timer);
        }
      });

/** What a case gave at one of its attempts, or why the last of them gave nothing. */
export async function attempts(
  run: (attempt: number) => unknown,
  { seconds, most }: { seconds?: number; most: number },
): Promise<{ result: unknown } | { failure: Failure; error: Error }> {
  let last: { failure: Failure; error: Error } | undefined;
  for (let attempt = 1; attempt <= most; attempt++) {
    try {
      const result = await withinTime(() => run(attempt), seconds);
      if (interruptSignal()?.aborted) throw new Interrupted();
      if (result !== late) return { result };
      const message = `not done within ${seconds} s`;
      last = { failure: { status: 'late', message }, error: new Error(message) };
    } catch (thrown) {
      if (interruptSignal()?.aborted) throw thrown;
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const message = `${error.name}: ${error.message}`.slice(0, 500);
      last = { failure: { status: 'failed', message }, error };
    }
  }
  return last!;
}

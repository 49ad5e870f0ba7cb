/** Awaits that a stop ends by an error, so that what stands around them cleans up; and where cells wait. */
import { currentContext } from './context';
import { stage, stopped, type Context } from './eras';

interface Wait {
  readonly context: Context | undefined;
  /** The stage of a stop that ends it. */
  readonly endsAt: number;
  end(): void;
}

const waits = new Set<Wait>();
const places = new Map<number, Error>();
let last: Error | undefined;
/**
 * What the cell awaits. As long as it is there, so is the cell's own promise, although nothing else may hold them: the
 * inspector, which waits for that promise, aborts the process when it is collected.
 */
const held: { value?: unknown } = {};

/** An error whose stack names the await with this number. It is made once, because stacks cost time. */
function placeOf(number: number, above: (...given: any[]) => unknown): Error {
  let place = places.get(number);
  if (!place) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 1;
    place = stopped();
    Error.captureStackTrace(place, above);
    Error.stackTraceLimit = stackTraceLimit;
    places.set(number, place);
  }
  return place;
}

/** The error of a cell that is no longer waited for: its stack tells where the cell was last. */
export const abandoned = () => last;

/** Notes where a cell is that cannot say it itself. */
export function setPlace(place: Error | undefined): void {
  last = place;
}

/** Forgets where earlier cells waited. */
export function forgetPlaces(): void {
  places.clear();
  held.value = undefined;
  last = undefined;
}

/** Notes where the cell waits, for the case that it is given up there. */
export function waiting<T>(value: T, number: number): T {
  last = placeOf(number, waiting);
  held.value = value;
  return value;
}

/**
 * What settles as `value` does, or fails when the cell is stopped before that; `patient` at the second stage of a
 * stop, because what heeds the stop button still gives a result.
 */
export function until<T>(value: T, number: number, patient = false): T | Promise<Awaited<T>> {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return value;
  const place = placeOf(number, until);
  return new Promise<Awaited<T>>((resolve, reject) => {
    const context = currentContext();
    const endsAt = Math.max(context?.endsAt ?? 0, patient ? stage.cleaning : stage.asked);
    const wait = { context, endsAt, end: () => reject(place) };
    waits.add(wait);
    Promise.resolve(value).then(
      result => {
        waits.delete(wait);
        resolve(result);
      },
      error => {
        waits.delete(wait);
        reject(error);
      },
    );
  });
}

/** Ends the awaits whose time has come. */
export function endWaits(): void {
  for (const wait of waits)
    if (wait.context && wait.context.era.stage >= wait.endsAt) {
      waits.delete(wait);
      wait.end();
    }
}

/** The same for the steps of a `for await`. Without an iterator of its own kind, nothing is changed. */
export function each(iterable: any, number: number, guarded: boolean): any {
  const method = iterable?.[Symbol.asyncIterator];
  if (typeof method !== 'function') return iterable;
  const iterator: any = Reflect.apply(method, iterable, []);
  const next = iterator.next;
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => (guarded ? until : waiting)(Reflect.apply(next, iterator, []), number),
      get return() {
        const { return: end } = iterator;
        return end && (() => Reflect.apply(end, iterator, []));
      },
    }),
  };
}

/** What compiled cells call at their stop points (points.ts), as `__stop__`. */
import { executionAsyncResource } from 'node:async_hooks';
import { currentContext, enterCleanUp, stopCells } from './context';
import { isStop, stage, stopped, watchEnding } from './eras';
import { endHere } from './terminate';
import { endTimers } from './timers';
import { each, until, waiting } from './waits';

/** Not 0 while busy code is to end: the stage of the stop. Turns of loops look at it. */
const busyAt = 0;
/** Bits, not 0 while code of stopped cells may run. Functions look at it. */
const anywhereAt = 1;
const leftBehind = 2;
/** How deep `finally` blocks that wait for nothing are nested. */
const depthAt = 2;

const Timeout = setTimeout(() => {}, 0).constructor;

/** An interval whose callback is stopped does not come again. */
function endTimer(): void {
  const resource = executionAsyncResource();
  if (resource instanceof Timeout) clearTimeout(resource as NodeJS.Timeout);
}

/** Whether the code that runs is to end. Busy code is: it keeps the main thread from hearing of the stop. */
function isEnding(stop: Int32Array): boolean {
  const busy = Atomics.load(stop, busyAt);
  if (busy > 0) stopCells(Math.min(busy, stage.over));
  const context = currentContext();
  const reached = context ? context.era.stage : busy;
  return reached >= (stop[depthAt] > 0 ? stage.over : (context?.endsAt ?? stage.asked));
}

function installed(stop: Int32Array) {
  const end = (error: unknown): never => {
    endTimer();
    throw error;
  };
  const reached = () => {
    if (isEnding(stop)) end(stopped());
  };
  return {
    reached,
    /** What a `catch` clause has caught. */
    caught(error?: unknown): void {
      if (stop[anywhereAt] && isEnding(stop)) end(isStop(error) ? error : stopped());
    },
    /** The value of an await. */
    got<T>(value: T): T {
      if (stop[anywhereAt]) reached();
      return value;
    },
    /** The value of an await that a variable receives: it does so until the stop has come to its second stage. */
    take<T>(value: T): T {
      if (stop[anywhereAt] && (currentContext()?.era.stage ?? 0) >= stage.cleaning) reached();
      return value;
    },
    until<T>(value: T, number: number, patient?: boolean) {
      if (stop[anywhereAt]) reached();
      return until(value, number, patient);
    },
    endHere,
    each,
    waiting,
    enter: enterCleanUp,
    leave: (end: () => void) => end(),
    /** Disposed of before the resources of a block. */
    disposing: (scope: { end?: () => void }) => ({
      [Symbol.dispose]() {
        scope.end ??= enterCleanUp();
      },
    }),
    /** Disposed of after them. */
    disposed: () => ({
      end: undefined as (() => void) | undefined,
      [Symbol.dispose]() {
        this.end?.();
      },
    }),
  };
}

/** Gives cells what they call; the first of these numbers is set by the socket thread while busy code is to end. */
export function installStopCalls(numbers: Int32Array): void {
  const stop = numbers;
  watchEnding(is => {
    if (is) Atomics.or(stop, anywhereAt, leftBehind);
    else Atomics.and(stop, anywhereAt, ~leftBehind);
  });
  const calls = installed(stop);
  Object.defineProperty(globalThis, '__stop__', { value: Object.assign(stop, calls) });
  endTimers(() => stop[anywhereAt] && calls.reached());
}

/** What compiled cells call at their stop points (points.ts), as `__stop__`. */
import { executionAsyncResource } from 'node:async_hooks';
import { types } from 'node:util';
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

const own = (value: object, name: string): unknown => Object.getOwnPropertyDescriptor(value, name)?.value;

/** The rows of a run that the stop has cut short. */
function rowsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return 0;
  const rows = own(value, 'rows');
  return own(value, 'status') === 'interrupted' && Array.isArray(rows) ? rows.length : 0;
}

/** The end of code that was about to use this value, a run or a list of runs among others. */
function lose(value: unknown): void {
  const rows = Array.isArray(value) ? value.reduce((sum, each) => sum + rowsOf(each), 0) : rowsOf(value);
  if (rows > 0)
    console.warn(
      `${rows} rows of an interrupted run are lost: no variable receives it here, or not in time. ` +
        '`const run = await train(...)` and `runs.push(await train(...))` keep them.',
    );
}

function installed(stop: Int32Array) {
  const end = (error: unknown): never => {
    endTimer();
    throw error;
  };
  const reached = () => {
    if (isEnding(stop)) end(stopped());
  };
  const passed = (value: unknown) => {
    if (!isEnding(stop)) return;
    lose(value);
    end(stopped());
  };
  return {
    reached,
    /** What a `catch` clause has caught. */
    caught(error?: unknown): void {
      if (stop[anywhereAt] && isEnding(stop)) end(isStop(error) ? error : stopped());
    },
    /** The value of an await. */
    got<T>(value: T): T {
      if (stop[anywhereAt]) passed(value);
      return value;
    },
    /** The value of an await that a variable receives: it does so until the stop has come to its second stage. */
    take<T>(value: T): T {
      if (stop[anywhereAt] && (currentContext()?.era.stage ?? 0) >= stage.cleaning) passed(value);
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

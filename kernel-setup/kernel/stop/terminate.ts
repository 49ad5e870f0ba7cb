/** Ends code that has no stop points, such as a regular expression or a loop of a package. */
import { Session } from 'node:inspector';
import { stopCells } from './context';
import { stage, stopped } from './eras';
import { setPlace } from './waits';

/**
 * Node.js 20 and 22 keep a stack of callbacks for AsyncLocalStorage, and abort the process when code is ended that has
 * put something there; later versions keep none.
 */
function findClear(): (() => void) | undefined {
  const { noDeprecation } = process as { noDeprecation?: boolean };
  Object.assign(process, { noDeprecation: true });
  try {
    return (process as any).binding('async_wrap').clearAsyncIdStack;
  } catch {
    return undefined;
  } finally {
    Object.assign(process, { noDeprecation });
  }
}

const clearAsyncIdStack = findClear();
let onEnd = (): (() => void) => () => {};

/** Calls back when code is ended here; what that gives is called after it, for what waits for the code in vain. */
export function whenEndedHere(callback: () => () => void): void {
  onEnd = callback;
}

const session = new Session();
session.connect();

/** How many calls are under way. */
function depth(): number {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_, sites) => sites.length;
  const calls = new Error().stack as unknown as number;
  Error.prepareStackTrace = prepareStackTrace;
  return calls;
}

/** What the socket thread has evaluated in the middle of the code that the main thread runs: it ends that. */
export function endHere(): void {
  // `depth`, this function, and what calls it from outside.
  if (depth() <= 3) return;
  setPlace(stopped());
  stopCells(stage.asked);
  setImmediate(onEnd());
  clearAsyncIdStack?.();
  session.post('Runtime.terminateExecution');
}

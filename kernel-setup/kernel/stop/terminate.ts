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

/** A cell may put another one in its place. */
const OwnError = Error;

/** The calls under way above this one's own, the innermost first; at most five. */
function callers(): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = OwnError;
  OwnError.stackTraceLimit = 5;
  OwnError.prepareStackTrace = (_, sites) => sites;
  const sites = new OwnError().stack as unknown as NodeJS.CallSite[];
  Object.assign(OwnError, { prepareStackTrace, stackTraceLimit });
  return sites.slice(1);
}

/**
 * Where Node.js enters a callback in its stack and takes it off again. Code that is ended between the two aborts the
 * process: the entry is made after the stack was cleared here.
 */
const bookkeeping = /^node:internal\/(async_hooks|timers|process\/task_queues)$/;

/**
 * What the socket thread has evaluated in the middle of the code that the main thread runs: it ends that. Where that
 * cannot be done, it says so, for the socket thread to ask again: the next moment finds other code.
 */
export function endHere(): 'not here' | undefined {
  // This function, and what calls it from outside.
  const code = callers()[2];
  if (!code) return undefined;
  if (clearAsyncIdStack && bookkeeping.test(code.getFileName() ?? '')) return 'not here';
  setPlace(stopped());
  stopCells(stage.asked);
  setImmediate(onEnd());
  clearAsyncIdStack?.();
  session.post('Runtime.terminateExecution');
  return undefined;
}

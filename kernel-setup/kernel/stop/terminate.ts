/** Ends code that has no stop points, such as a regular expression or a loop of a package. */
import { Session } from 'node:inspector';
import { stopCells } from './context';
import { stage, stopped } from './eras';
import { setPlace } from './waits';

interface AsyncWrap {
  clearAsyncIdStack(): void;
  async_hook_fields: Uint32Array;
  constants: { kTotals: number; kCheck: number };
}

/**
 * Node.js 20 and 22 keep a stack of callbacks for AsyncLocalStorage; later versions keep none. When a callback is over
 * and hooks are there, they abort the process if something was left in the stack, as code that is ended does.
 */
function findStack(): AsyncWrap | undefined {
  const { noDeprecation } = process as { noDeprecation?: boolean };
  Object.assign(process, { noDeprecation: true });
  try {
    return (process as any).binding('async_wrap');
  } catch {
    return undefined;
  } finally {
    Object.assign(process, { noDeprecation });
  }
}

const stack = findStack();

/** Clears the stack. Until the code that is now ended is over, Node.js finds no hooks, and does not look into it. */
function leaveStack(): void {
  if (!stack) return;
  const { async_hook_fields: fields, constants } = stack;
  stack.clearAsyncIdStack();
  const before = [constants.kTotals, constants.kCheck].map(at => [at, fields[at]] as const);
  if (before.every(([, count]) => count === 0)) return;
  for (const [at] of before) fields[at] = 0;
  setImmediate(() => {
    stack.clearAsyncIdStack();
    for (const [at, count] of before) fields[at] = count;
  });
}

let onEnd = (): (() => void) => () => {};

/** Calls back when code is ended here; what that gives is called after it, for what waits for the code in vain. */
export function whenEndedHere(callback: () => () => void): void {
  onEnd = callback;
}

const session = new Session();
session.connect();

/** Kept, because a cell may put another one in its place. */
const OwnError = Error;

/** How many calls are under way: this one, what has called it, what has evaluated that, and others; at most four. */
function depth(): number {
  const { prepareStackTrace, stackTraceLimit } = OwnError;
  OwnError.stackTraceLimit = 4;
  OwnError.prepareStackTrace = (_, sites) => sites.length;
  const calls = new OwnError().stack as unknown as number;
  Object.assign(OwnError, { prepareStackTrace, stackTraceLimit });
  return calls;
}

/** What the socket thread has evaluated in the middle of the code that the main thread runs: it ends that. */
export function endHere(): void {
  if (depth() <= 3) return;
  setPlace(stopped());
  stopCells(stage.asked);
  leaveStack();
  setImmediate(onEnd());
  session.post('Runtime.terminateExecution');
}

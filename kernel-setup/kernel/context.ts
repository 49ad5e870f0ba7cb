/** The cell that runs, and the signal that stops it. */
import { setMaxListeners } from 'node:events';
import { Interrupted } from '../../src/base/interrupt';
import type { StopCalls } from './stoppable';
import type { Request } from './wire';

export interface Cell {
  request: Request;
  count: number;
  silent: boolean;
  /** Aborted by the stop button. */
  signal: AbortSignal;
}

/** Why a cell ended that was told to stop. */
export const stopped = () => new Interrupted('the cell was stopped');

const signalKey = Symbol.for('widenet.interrupt');
const executionKey = Symbol.for('widenet.execution');
let current: Cell | undefined;
let awaiting: Interrupted | undefined;
let stopping = new AbortController();

/** The cell that runs, or ran last: what its callbacks and promises print later goes to it. */
export const currentCell = () => current;

/** The error of a cell that is no longer waited for: its stack tells the last await that the cell has reached. */
export const abandoned = () => awaiting;

/**
 * Makes this the current cell. One signal serves all cells until it is aborted, so that the stop button stops all that
 * is under way.
 */
export function startCell(request: Request, count: number, silent: boolean): Cell {
  if (stopping.signal.aborted) stopping = new AbortController();
  const { signal } = stopping;
  setMaxListeners(0, signal);
  const { cellId } = request.metadata ?? {};
  Object.assign(globalThis, { [signalKey]: signal, [executionKey]: { id: cellId } });
  awaiting = undefined;
  return (current = { request, count, silent, signal });
}

export function stopCells(): void {
  stopping.abort(stopped());
}

function checkpoint(signal: AbortSignal): void {
  if (signal.aborted) throw stopped();
}

/** What compiled cells use; `stop` is not 0 while busy code is to end. */
export const stopCalls = (stop: Int32Array): Omit<StopCalls, 'signal'> => ({
  stop: Object.assign(stop, { reached: stopped }),
  checkpoint,
  waiting(signal) {
    checkpoint(signal);
    awaiting = stopped();
  },
});

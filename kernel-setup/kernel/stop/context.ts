/** The cell that runs, and what stops it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { hideStorage } from './hooks';
import { advance, createEra, keepTrack, stage, type Context, type Era } from './eras';
import type { Request } from '../protocol/wire';

export interface Cell {
  request: Request;
  count: number;
  silent: boolean;
  /** Aborted by the stop button. */
  signal: AbortSignal;
}

type CellContext = Context & { readonly cell: Cell };

const storage = new AsyncLocalStorage<CellContext>();
hideStorage(storage);
let current: Cell | undefined;
let era = createEra();

/** The context of the code that runs; undefined outside all cells. */
export const currentContext = () => storage.getStore();

/** The cell that runs, or has run last. */
export const latestCell = () => current;

/** The cell whose code, callback or promise runs now; outside all cells the one that started last. */
export const currentCell = () => storage.getStore()?.cell ?? current;

/** Runs what belongs to a cell. */
export const inCell = <T>(cell: Cell, work: () => T): T =>
  storage.run(keepTrack({ cell, era, endsAt: stage.asked }), work);

/** Runs something in the context of the code that calls it, except that a stop ends it only at this stage. */
export function endingAt<T>(endsAt: number, work: () => T): T {
  const context = storage.getStore();
  return context && context.endsAt < endsAt ? storage.run(keepTrack({ ...context, endsAt }), work) : work();
}

/** From here on the code that runs, and what it starts, is clean-up; gives what ends that. */
export function enterCleanUp(): () => void {
  const context = storage.getStore();
  if (!context) return () => {};
  const cleaning = keepTrack({ ...context, endsAt: stage.over });
  context.era.cleanUps.add(cleaning);
  storage.enterWith(cleaning);
  return () => {
    context.era.cleanUps.delete(cleaning);
    storage.enterWith(context);
  };
}

const signalKey = Symbol.for('widenet.interrupt');
const executionKey = Symbol.for('widenet.execution');
const heedingKey = Symbol.for('widenet.heeding');

/**
 * Makes this the current cell. One signal serves all cells until it is aborted, so that the stop button stops all that
 * is under way.
 */
export function startCell(request: Request, count: number, silent: boolean): Cell {
  if (era.stage !== stage.running) era = createEra();
  const { signal } = era.controller;
  Object.assign(globalThis, {
    [signalKey]: signal,
    [executionKey]: { id: request.cellId },
    [heedingKey]: <T>(work: () => T) => endingAt(stage.cleaning, work),
  });
  return (current = { request, count, silent, signal });
}

/** Takes the stop of all that is under way to a stage; gives what was under way. */
export function stopCells(to: number): Era {
  advance(era, to);
  return era;
}

/** Whether a stop waits for clean-up. */
export const isCleaning = () => era.stage !== stage.running && era.cleanUps.size > 0;

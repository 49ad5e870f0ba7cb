/** What this notebook has claimed, set and shown so far. */
import { processState, processValue } from '../base/process-state';
import { isBatch } from './runner';
import type { Claim } from './verdict';

/** Plotly data, as far as the library reads it. */
export interface ShownFigure {
  readonly data: readonly Record<string, any>[];
  readonly layout: Record<string, any>;
  readonly frames?: readonly Record<string, any>[];
}

/** The execution of a cell, a new object for each; `id` names the cell, where the frontend says which one it is. */
export interface Execution {
  readonly id?: string;
}

interface Shown {
  readonly title: string;
  readonly figure: ShownFigure;
  readonly by?: Execution;
}

export interface Session {
  readonly claims: Map<string, Claim>;
  /** The figures that the notebook shows, in their order. */
  figures: readonly Shown[];
  profile: string;
  settings: Record<string, unknown>;
}

export const session = () =>
  processState<Session>('session', () => ({ claims: new Map(), figures: [], profile: 'quick', settings: {} }));

/**
 * Enters a figure that is shown. A cell that runs again shows its figures in the place of those that it showed before;
 * where the frontend does not tell cells apart, a figure replaces one of its title that an earlier cell showed.
 */
export function remember(title: string, figure: ShownFigure): void {
  const by = processValue<Execution>('execution');
  const { figures } = session();
  const isOfEarlierRun = (one: Shown) => (by?.id === undefined ? one.title === title : one.by?.id === by.id);
  // In a run of the whole notebook, each cell runs once.
  const isReplaced = (one: Shown) => one.figure === figure || (!isBatch() && one.by !== by && isOfEarlierRun(one));
  const kept = figures.filter(one => !isReplaced(one));
  const before = figures.findIndex(isReplaced);
  const own = kept.map(one => one.by === by && by !== undefined).lastIndexOf(true);
  const place = before >= 0 ? before : own >= 0 ? own + 1 : kept.length;
  session().figures = [...kept.slice(0, place), { title, figure, by }, ...kept.slice(place)];
}

/** Takes a value that is shown no more from the figures. */
export function forget(value: unknown): void {
  session().figures = session().figures.filter(({ figure }) => figure !== value);
}

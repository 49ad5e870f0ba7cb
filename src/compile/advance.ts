/** A run, cut into calls of an engine: its rows, and its end when done, stopped, interrupted or diverged. */
import { fail } from '../base/check';
import { nested, size } from '../base/ndarray';
import type { Advanced, Engine } from './engine';
import type { planner } from './plan';
import type { TrainRow } from './recorded';

/** How a run ended: at its last step, by `until`, by a signal or the stop button, or in a state that is not finite. */
export type Status = 'done' | 'stopped' | 'interrupted' | 'diverged';

interface AdvanceOptions {
  /** The numbers of the last step, and of the step that is done at the start. */
  steps: number;
  from: number;
  every: ReturnType<typeof planner>;
  seed: number;
  dt: number;
  until?: (row: TrainRow) => boolean;
  interrupted: () => boolean;
  /** Is told how many steps are done, with all rows so far. */
  moved?: (done: number, rows: readonly TrainRow[]) => unknown;
}

interface Position<E> {
  state: E;
  done: number;
}

interface Progress<E> extends Position<E> {
  readonly engine: Engine<E>;
  readonly options: AdvanceOptions;
  readonly rows: TrainRow[];
  /** The most segments of the next call. */
  segments: number;
}

function rowsOf<E>(run: Progress<E>, steps: readonly number[], { columns }: Advanced<E>): TrainRow[] {
  const { engine, options } = run;
  return steps.map((step, i): TrainRow => {
    const recorded = engine.recorded.map(({ name, shape }, j) => [name, nested(columns[j], shape, i * size(shape))]);
    return { step, t: step * options.dt, ...Object.fromEntries(recorded) };
  });
}

/** The row of the first step whose state is not finite: nothing is known there, so that no row before is the last. */
function divergedRow<E>({ engine, options, done }: Progress<E>): TrainRow {
  const unknown = engine.recorded.map(({ name, shape }) => [name, nested(Array(size(shape)).fill(NaN), shape)]);
  return { step: done + 1, t: (done + 1) * options.dt, ...Object.fromEntries(unknown) };
}

const advance = <E>({ engine, state, done, options }: Progress<E>, ends: readonly number[], hasRows: boolean) =>
  engine.advance(state, { ends, hasRows, done, seed: options.seed });

/** Puts the run where it now is; the state before is freed. */
function move<E>(run: Progress<E>, { state, done }: Position<E>): void {
  if (state !== run.state) run.engine.free(run.state);
  Object.assign(run, { state, done });
}

/** The last finite state of the next `by` steps, after which it is not finite, by halving the steps. */
async function lastFinite<E>({ engine, options, ...start }: Progress<E>, by: number): Promise<Position<E>> {
  let { state, done } = start;
  for (let length = by; length > 1; ) {
    const half = Math.floor(length / 2);
    const tried = await engine.advance(state, { ends: [half], hasRows: false, done, seed: options.seed });
    const stale = tried.finite ? state : tried.state;
    if (stale !== start.state) engine.free(stale);
    if (tried.finite) [state, done] = [tried.state, done + half];
    length = tried.finite ? length - half : half;
  }
  return { state, done };
}

/** Milliseconds of native work between two looks at interrupts and progress. */
const slice = 120;

/** Sets how many steps the next calls make: about `slice` long by this one's time, at most 8 times as many. */
function setPace({ pace }: { readonly pace: { steps: number } }, by: number, milliseconds: number): void {
  const most = Math.max(pace.steps, by) * 8;
  pace.steps = Math.max(1, Math.min(most, Math.floor((by * slice) / Math.max(milliseconds, 0.01))));
}

/** Makes one call; gives the status that it ends the run with, or undefined where the run goes on. */
async function callOnce<E>(run: Progress<E>): Promise<Status | undefined> {
  const { engine, options, rows } = run;
  const { until } = options;
  const [budget, segments] = [Math.min(engine.pace.steps, engine.steps), Math.min(engine.segments, run.segments)];
  const { ends, rows: planned } = options.every(run.done, rows.length === 0, budget, segments);
  const by = ends[ends.length - 1];
  const advanced = await advance(run, ends, planned.length > 0).catch(error => {
    // The run may stop or diverge before the step that failed: that is known when the call ends at an earlier row.
    if (ends.length === 1) throw error;
    run.segments = Math.floor(ends.length / 2);
  });
  if (!advanced) return callOnce(run);
  if (!advanced.finite) engine.free(advanced.state);
  const reached = advanced.finite ? { state: advanced.state, done: run.done + by } : await lastFinite(run, by);

  const fresh = rowsOf(run, planned, advanced).filter(row => row.step <= reached.done);
  const stop = until === undefined ? -1 : fresh.findIndex(row => until(row));
  rows.push(...(stop < 0 ? fresh : fresh.slice(0, stop + 1)));
  if (stop >= 0 && fresh[stop].step < reached.done) {
    if (reached.state !== run.state) engine.free(reached.state);
    const back = fresh[stop].step - run.done;
    if (back > 0) move(run, { state: (await advance(run, [back], false)).state, done: run.done + back });
    return 'stopped';
  }
  move(run, reached);
  if (stop >= 0) return 'stopped';
  if (!advanced.finite) {
    rows.push(divergedRow(run));
    return 'diverged';
  }
  if (by > 0) setPace(engine, by, advanced.milliseconds);
  return undefined;
}

/** Adds the row of the step where the run is, if it has none. */
async function addLastRow<E>(run: Progress<E>): Promise<void> {
  const { engine, rows, done } = run;
  if (rows[rows.length - 1].step >= done) return;
  const here = await advance(run, [0], true);
  engine.free(here.state);
  rows.push(...rowsOf(run, [done], here));
}

/** Runs the engine from its start until the last step is done or the run has to stop. The engine's start is freed. */
export async function advanceAll<E>(
  where: string,
  engine: Engine<E>,
  options: AdvanceOptions,
): Promise<{ rows: TrainRow[]; status: Status; done: number; state: E }> {
  const { steps, from, interrupted, moved } = options;
  const run: Progress<E> = { engine, options, rows: [], state: engine.start, done: from, segments: Infinity };
  try {
    if (steps > engine.last) {
      const [what, bits] = engine.last < 2 ** 31 ? ['use their number', 31] : ['draw random numbers', 32];
      fail(where, `the last step is ${steps}, but steps that ${what} are numbered below 2^${bits}`);
    }
    for (;;) {
      let status = await callOnce(run);
      await moved?.(run.done, run.rows);
      if (status === undefined && run.done >= steps) status = 'done';
      if (status === undefined && interrupted()) {
        status = 'interrupted';
        await addLastRow(run);
      }
      if (status !== undefined) return { rows: run.rows, status, done: run.done, state: run.state };
    }
  } catch (error) {
    engine.free(run.state);
    throw error;
  }
}

/** One run as `train` gives it: checks the options, heeds interrupts, shows progress, and says how the run ended. */
import { atOnce, fail, kindOf, positive, wholeNumber } from '../base/check';
import { Interrupted, interruptSignal } from '../base/interrupt';
import type { NdArray } from '../base/ndarray';
import { sharedProgress } from '../notebook/shared-progress';
import { renewed } from '../notebook/show';
import { advanceAll, type Status } from './advance';
import type { Engine, Mode } from './engine';
import { firstNaN } from './initial-state';
import { unflatten, type Given, type GivenTrees, type Mapped } from './tree';
import { planner } from './plan';
import type { Float } from './operation';
import type { TrainRow } from './recorded';
import { asRun } from './thread-pool';

/** How long a run takes, what its rows are of, and what ends it. */
export interface RunOptions<R = any> {
  /** The number of the last step: so many steps, less those that `from` says are done. */
  steps: number;
  /** A row each so many steps, or at these steps; always at the first and the last. Default 1, in steps. */
  every?: number | readonly number[];
  /** Time of a step, which makes t = step * dt of a row. Default 1. */
  dt?: number;
  /** Key of the draws, a whole number below 2^32. Default 0. */
  seed?: number;
  /** Steps already done: resumes a run from its state. Default 0. */
  from?: number;
  /** Stops at the first row for which it holds. Default: never. */
  until?: (row: TrainRow<R>) => boolean;
  /**
   * What the notebook shows of the rows so far, in one place: a figure, a table. It is renewed about once a second, and
   * at the end of the run, which stands. Default: nothing.
   */
  watch?: (rows: readonly TrainRow<R>[]) => unknown;
  /** When it aborts, the run ends with the status 'interrupted', as it does at the stop button. Default: none. */
  signal?: AbortSignal;
  /** The name of the run on its line of progress. Default 'train'. */
  label?: string;
}

export const runOptions = ['steps', 'every', 'dt', 'seed', 'from', 'until', 'watch', 'signal', 'label'];

/** What `train` gives. */
export interface Run<S = any, R = any> {
  /** What was recorded, by `step` and time `t`, in order; the last row of a diverged run, of `step`, is all NaN. */
  rows: TrainRow<R>[];
  /** The state after `step` steps; of a diverged run the last finite one, after `step` - 1. */
  state: Mapped<S, NdArray>;
  /** How it ended. */
  status: Status;
  /** The number of the last step done; of a diverged run, of the first step whose state is not finite. */
  step: number;
  /** Seconds from the call to the end, tracing and compiling included. */
  seconds: number;
  /** The key of the draws. */
  seed: number;
  /** The engine that ran it. */
  mode: Mode;
  /** The type of its numbers with a fraction. */
  dtype: Float;
  /** The threads it ran on. */
  threads: number;
  /** The name it was given. */
  label?: string;
}

/** The state that an engine holds, put together. */
export function readState<E>(engine: Engine<E>, { structure, leaves }: Given, state: E): any {
  return unflatten(
    structure,
    engine.read(state).map((values, i) => ({ shape: [...leaves[i].shape], values: values as NdArray['values'] })),
  );
}

/** Whether the signal or the cell's stop button has asked to stop, as a function. Throws when one has done so. */
export function interruption(where: string, signal: AbortSignal | undefined): () => boolean {
  if (signal !== undefined && typeof signal?.aborted !== 'boolean')
    fail(where, `signal is ${kindOf(signal)} but must be an AbortSignal`);
  const signals = [signal, interruptSignal()].filter((s): s is AbortSignal => s !== undefined);
  const interrupted = () => signals.some(signal => signal.aborted);
  if (interrupted()) throw new Interrupted(`${where}: interrupted before it began`);
  return interrupted;
}

/** Checks the seed and the numbers of the first and the last step. */
export function stepNumbers(where: string, { steps, from, seed }: { steps: number; from: number; seed: number }): void {
  wholeNumber(where, 'from', from, 0);
  wholeNumber(where, 'steps', steps, from);
  if (wholeNumber(where, 'seed', seed, 0) >= 2 ** 32) fail(where, `seed is ${seed} but must be below 2^32`);
}

/** Checks the options; gives a function that makes the run, with the engine that `open` opens for the state. */
export function running<S>(
  where: string,
  { steps, every: when = 1, dt = 1, seed = 0, from = 0, until: ends, watch, signal, label }: RunOptions,
) {
  stepNumbers(where, { steps, from, seed });
  positive(where, 'dt', dt);
  for (const [name, given] of Object.entries({ until: ends, watch }))
    if (given !== undefined && typeof given !== 'function')
      fail(where, `${name} is ${typeof given} but must be a function`);
  const until = ends && ((row: TrainRow) => atOnce(where, 'until', 'true or false', ends(row)));
  const every = planner(where, when, steps);
  const interrupted = interruption(where, signal);
  return (given: GivenTrees, dtype: Float, open: () => Promise<Engine<any>>): Promise<Run<S>> =>
    asRun(async () => {
      const started = performance.now();
      const engine = await open();
      const { mode, threads } = engine;
      const how = `(${mode}, ${dtype}, ${threads} thread${threads > 1 ? 's' : ''})`;
      const bar = sharedProgress(steps - from, runs => `${label ?? where}${runs > 1 ? `, ${runs} runs` : ''} ${how}`);
      const watched = watch && renewed(watch);
      try {
        const moved = async (done: number, rows: readonly TrainRow[]) => {
          bar.at(done - from);
          await watched?.now(rows);
        };
        const end = await advanceAll(where, engine, { steps, from, every, seed, dt, until, interrupted, moved });
        const state = readState(engine, given.state, end.state);
        engine.free(end.state);
        const { rows, status, done } = end;
        await watched?.last(rows);
        const step = status === 'diverged' ? done + 1 : done;
        const why = status === 'diverged' && firstNaN(given.data);
        if (why) console.warn(`${where}: the state is not finite after step ${step}, and ${why}`);
        const seconds = (performance.now() - started) / 1000;
        return {
          rows,
          state,
          status,
          step,
          seconds,
          seed,
          mode,
          dtype,
          threads,
          ...(label !== undefined && { label }),
        };
      } finally {
        bar.end();
        engine.close();
      }
    });
}

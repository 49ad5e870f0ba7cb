/** A run, cut into calls of an engine: rows on the way, and an end when it is done, stopped, interrupted or diverged. */
import { fail } from '../base/check';
import { size } from '../base/ndarray';
import type { Advanced, Engine } from './engine';
import type { NativeArray } from './native';
import type { planner } from './plan';
import type { TrainRow } from './recorded';

export type Status = 'done' | 'stopped' | 'interrupted' | 'diverged';

type Nested = number | Nested[];

function nested(values: NativeArray, shape: readonly number[], offset: number): Nested {
  if (shape.length === 0) return values[offset];
  const [length, ...rest] = shape;
  return Array.from({ length }, (_, i) => nested(values, rest, offset + i * size(rest)));
}

/** Milliseconds of native work between two looks at interrupts and progress. */
const slice = 120;

/** Runs the plan on the engine from `start` until step `steps` is done, or it has to stop; the engine's start is let go. */
export async function advanceAll<E>(
  where: string,
  engine: Engine<E>,
  {
    steps,
    from,
    every,
    seed,
    dt,
    until,
    interrupted,
    moved,
  }: {
    steps: number;
    from: number;
    every: ReturnType<typeof planner>;
    seed: number;
    dt: number;
    until?: (row: TrainRow) => boolean;
    interrupted: () => boolean;
    moved?: (done: number) => void;
  },
): Promise<{ rows: TrainRow[]; status: Status; done: number; state: E }> {
  const rows: TrainRow[] = [];
  let [state, done] = [engine.start, from];
  const advance = (ends: readonly number[]) => engine.advance(state, { ends, done, seed });
  const rowsOf = (steps: readonly number[], { columns }: Advanced<E>) =>
    steps.map(
      (step, i): TrainRow => ({
        step,
        t: step * dt,
        ...Object.fromEntries(
          engine.recorded.map(({ name, shape }, j) => [name, nested(columns[j], shape, i * size(shape))]),
        ),
      }),
    );
  const move = (next: E, by: number) => {
    engine.free(state);
    [state, done] = [next, done + by];
  };

  /** The last finite state of the next `by` steps, of which some are not: halves the steps in which it stopped being finite. */
  const lastFinite = async (by: number) => {
    let [near, reached] = [state, done];
    for (let length = by; length > 1; ) {
      const half = Math.floor(length / 2);
      const tried = await engine.advance(near, { ends: [half], done: reached, seed });
      const stale = tried.finite ? near : tried.state;
      if (stale !== state) engine.free(stale);
      if (tried.finite) [near, reached] = [tried.state, reached + half];
      length = tried.finite ? length - half : half;
    }
    return [near, reached] as const;
  };

  /** How many segments a call may make: fewer after one that failed, for the run may stop, or diverge, in a row before. */
  let most = Infinity;

  /** One call; what it did to the run, or undefined to go on. */
  const call = async (): Promise<Status | undefined> => {
    const { ends, rows: planned } = every(
      done,
      rows.length === 0,
      Math.min(engine.pace.steps, engine.steps),
      Math.min(engine.segments, most),
    );
    const by = ends[ends.length - 1];
    const begun = performance.now();
    const advanced = await advance(ends).catch(error => {
      if (ends.length === 1) throw error;
      most = Math.floor(ends.length / 2);
    });
    if (!advanced) return call();
    const spent = performance.now() - begun;
    if (!advanced.finite) engine.free(advanced.state);
    const [last, reached] = advanced.finite ? ([advanced.state, done + by] as const) : await lastFinite(by);
    const fresh = rowsOf(planned, advanced).filter(row => row.step <= reached);
    const stop = until === undefined ? -1 : fresh.findIndex(row => until(row));
    rows.push(...(stop < 0 ? fresh : fresh.slice(0, stop + 1)));
    if (stop >= 0 && fresh[stop].step < reached) {
      if (last !== state) engine.free(last);
      const back = fresh[stop].step - done;
      if (back > 0) move((await advance([back])).state, back);
      return 'stopped';
    }
    if (last !== state) move(last, reached - done);
    if (stop >= 0) return 'stopped';
    if (!advanced.finite) return 'diverged';
    if (by > 0)
      engine.pace.steps = Math.max(
        1,
        Math.min(Math.max(engine.pace.steps, by) * 8, Math.floor((by * slice) / Math.max(spent, 0.01))),
      );
    return undefined;
  };

  try {
    if (steps > engine.last)
      fail(where, `the last step is ${steps}, but steps that draw random numbers are numbered below 2^32`);
    for (;;) {
      let status: Status | undefined = await call();
      moved?.(done);
      if (status === undefined && done >= steps) status = 'done';
      if (status === undefined && interrupted()) {
        status = 'interrupted';
        if (rows[rows.length - 1].step < done) {
          const here = await advance([0]);
          engine.free(here.state);
          rows.push(...rowsOf([done], here));
        }
      }
      if (status !== undefined) return { rows, status, done, state };
    }
  } catch (error) {
    engine.free(state);
    throw error;
  }
}

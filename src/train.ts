/** Training: a step function run natively for many steps, with rows recorded on the way. */
import { fail, oneOf, positive, wholeNumber } from './check';
import type { Draw } from './compile/body';
import { givenState, openEngine } from './compile/compile';
import type { Advanced, Engine, Mode } from './compile/engine';
import { flatten, unflatten, type Fixed, type Mapped } from './compile/leaves';
import type { NativeArray } from './compile/native';
import { planner } from './compile/plan';
import { asRun } from './compile/slots';
import { Interrupted, interruptSignal } from './interrupt';
import type { NdArray } from './ndarray';
import { tf } from './tf';
import { together } from './together';

export type { Draw, Mode };
/** State or data as the step sees it: the same structure, of tensors, whose rank the step may name. */
export type Tensors<S> = Mapped<Fixed<S>, tf.Tensor<any>>;
export type Step<S, D> = (state: Tensors<S>, data: Tensors<D>, draw: Draw) => Tensors<S>;

export interface TrainOptions<S, D> {
  /** Nested plain object of tensors, host arrays and numbers: what steps read and do not change. */
  data?: D;
  /** The number of the last step. */
  steps: number;
  /** A row each so many steps, or at these steps; always at the first and the last. Default 1. */
  every?: number | readonly number[];
  /** What a row holds besides step and t: scalars as numbers, other tensors as nested arrays. */
  record?: { readonly [name: string]: (state: Tensors<S>, data: Tensors<D>) => tf.Tensor };
  /** Time of a step. Default 1. */
  dt?: number;
  dtype?: 'float32' | 'float64';
  mode?: Mode | 'auto';
  /** Key of the draws. Default 0. */
  seed?: number;
  /** Steps already done: resumes a run from its state. Default 0. */
  from?: number;
  /** Stops at the first row for which it holds. */
  until?: (row: TrainRow) => boolean;
  threads?: number;
  signal?: AbortSignal;
  label?: string;
}

/** The state after `step` steps, at time t = step * dt: each recorded value is a number, or nested arrays of numbers. */
export type TrainRow = { step: number; t: number } & { [recorded: string]: any };

export type Status = 'done' | 'stopped' | 'interrupted' | 'diverged';

export interface Run<S = any> {
  rows: TrainRow[];
  /** The state after `step` steps; of a diverged run the last finite one, after `step` - 1. */
  state: Mapped<S, NdArray>;
  status: Status;
  step: number;
  seconds: number;
  seed: number;
  mode: Mode;
  dtype: 'float32' | 'float64';
  threads: number;
  label?: string;
}

type Nested = number | Nested[];

function nested(values: NativeArray, shape: readonly number[], offset: number): Nested {
  if (shape.length === 0) return values[offset];
  const [length, ...rest] = shape;
  return Array.from({ length }, (_, i) => nested(values, rest, offset + i * size(rest)));
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Milliseconds of native work between two looks at interrupts and progress. */
const slice = 120;

/** Runs the plan on the engine from `start` until it is done, or has to stop. */
async function advanceAll<E>(engine: Engine<E>, { steps, from, every, seed, dt, until, interrupted, moved }: {
  steps: number; from: number; every: ReturnType<typeof planner>; seed: number; dt: number;
  until?: (row: TrainRow) => boolean; interrupted: () => boolean; moved: (done: number) => void;
}): Promise<{ rows: TrainRow[]; status: Status; done: number; state: E }> {
  const rows: TrainRow[] = [];
  let [state, done, budget] = [engine.start, from, 1];
  const advance = (ends: readonly number[]) => engine.advance(state, { ends, done, seed });
  const rowsOf = (steps: readonly number[], { columns }: Advanced<E>) => steps.map((step, i): TrainRow => ({
    step, t: step * dt, ...Object.fromEntries(engine.recorded.map(({ name, shape }, j) => [name, nested(columns[j], shape, i * size(shape))])),
  }));
  const move = (next: E, by: number) => {
    engine.free(state);
    [state, done] = [next, done + by];
  };

  /** The last finite state of the next `by` steps, of which some are not: halves the steps in which it stopped being finite. */
  const lastFinite = async (by: number) => {
    let [near, reached] = [state, done];
    for (let length = by; length > 1;) {
      const half = Math.floor(length / 2);
      const tried = await engine.advance(near, { ends: [half], done: reached, seed });
      const stale = tried.finite ? near : tried.state;
      if (stale !== state) engine.free(stale);
      if (tried.finite) [near, reached] = [tried.state, reached + half];
      length = tried.finite ? length - half : half;
    }
    return [near, reached] as const;
  };

  /** One call; what it did to the run, or undefined to go on. */
  const call = async (): Promise<Status | undefined> => {
    const { ends, rows: planned } = every(done, rows.length === 0, Math.min(budget, engine.steps), engine.segments);
    const by = ends[ends.length - 1];
    const begun = performance.now();
    const advanced = await advance(ends);
    const spent = performance.now() - begun;
    if (!advanced.finite) engine.free(advanced.state);
    const [last, reached] = advanced.finite ? [advanced.state, done + by] as const : await lastFinite(by);
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
    if (by > 0) budget = Math.max(1, Math.min(budget * 8, Math.floor(by * slice / Math.max(spent, 0.01))));
    return undefined;
  };

  try {
    for (;;) {
      let status: Status | undefined = await call();
      moved(done);
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

/**
 * `steps` times state = step(state, data, draw), as one native loop off the main thread; gives rows, the last state and a status.
 * The step is ordinary TensorFlow.js, tf.grads included, traced at this call (so numbers it closes over are those of now), compiled
 * once for the same content; `compile` says what is refused. draw.normal(shape, stream) and draw.uniform(shape, stream), on (0, 1),
 * are keyed by (seed, stream, step): the same bits in every mode as random.normal(shape, { seed, stream, step }).
 * mode 'auto': xla, but graph for a step with an op that XLA has not or is slow in (solves, inverses, determinants of 8 rows or more);
 * 'eager' is the reference. dtype 'float64': doubles from Float64Array to Float64Array.
 * threads: by size, shared between the runs under way; each count gives its own last bits, so name it where bits
 * matter; so do processors of other vector instructions.
 * Resume: `train(step, run.state, { ...options, from: run.step })` continues to the bit. For seeds: `Promise.all`, or a leading axis
 * of seeds in the state where the step is written so. Status: 'done'; 'stopped' by until; 'interrupted' by signal or the stop button,
 * with the rows so far; 'diverged': `step` is the first whose state is not finite. Errors: UsageError; Interrupted if so at the call.
 */
export async function train<S, D>(step: Step<S, D>, state: S, options: TrainOptions<S, D>): Promise<Run<S>> {
  const where = 'train';
  const { data = {}, steps, every = 1, record = {}, dt = 1, dtype = 'float32', mode = 'auto', seed = 0, from = 0, until, threads, signal, label } = options;
  if (typeof step !== 'function') fail(where, `step is ${typeof step} but must be a function`);
  wholeNumber(where, 'from', from, 0);
  wholeNumber(where, 'steps', steps, from);
  positive(where, 'dt', dt);
  oneOf(where, 'dtype', dtype, ['float32', 'float64']);
  oneOf(where, 'mode', mode, ['auto', 'eager', 'graph', 'xla']);
  if (wholeNumber(where, 'seed', seed, 0) >= 2 ** 32) fail(where, `seed is ${seed} but must be below 2^32`);
  if (threads !== undefined) wholeNumber(where, 'threads', threads);
  for (const name of Object.keys(record)) if (name === 'step' || name === 't') fail(where, `record names "${name}", which every row has already`);
  const plan = planner(where, every, steps);
  const given = [givenState(where, state), flatten(where, 'data', data)] as const;
  const signals = [signal, interruptSignal()].filter((s): s is AbortSignal => s !== undefined);
  const interrupted = () => signals.some(signal => signal.aborted);
  if (interrupted()) throw new Interrupted(`${where}: interrupted before it began`);

  return asRun(async () => {
    const started = performance.now();
    const engine = await openEngine(where, step, ...given, { record, dtype, mode, threads });
    const bar = together(steps - from, runs =>
      `${label ?? 'train'}${runs > 1 ? `, ${runs} runs` : ''} (${engine.mode}, ${dtype}, ${engine.threads} thread${engine.threads > 1 ? 's' : ''})`);
    try {
      const end = await advanceAll(engine, { steps, from, every: plan, seed, dt, until, interrupted, moved: done => bar.at(done - from) });
      const leaves = engine.read(end.state).map((values, i) => ({ shape: [...given[0].leaves[i].shape], values: values as NdArray['values'] }));
      engine.free(end.state);
      return {
        rows: end.rows, state: unflatten(given[0].structure, leaves) as Mapped<S, NdArray>, status: end.status,
        step: end.status === 'diverged' ? end.done + 1 : end.done, seconds: (performance.now() - started) / 1000,
        seed, mode: engine.mode, dtype, threads: engine.threads, ...(label !== undefined && { label }),
      };
    } finally {
      bar.end();
      engine.close();
    }
  });
}

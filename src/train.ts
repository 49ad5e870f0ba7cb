/** Training: a step function run natively for many steps, with rows recorded on the way. */
import { fail, oneOf, positive, wholeNumber } from './check';
import { prepare } from './compile/compile';
import type { Draw } from './compile/body';
import type { Advanced, Mode } from './compile/engine';
import { unflatten, type Mapped, type Tree } from './compile/leaves';
import type { NativeArray } from './compile/native';
import { planner } from './compile/plan';
import { Interrupted, interruptSignal } from './interrupt';
import type { NdArray } from './ndarray';
import { tf } from './tf';

export type { Draw };
/** State or data as the step sees it: the same structure of tensors. */
export type Tensors<S> = Mapped<S, tf.Tensor>;
export type Step<S, D> = (state: Tensors<S>, data: Tensors<D>, draw: Draw) => Tensors<S>;
type Nested = number | Nested[];

export interface TrainOptions<S, D> {
  data?: D;
  steps: number;
  every?: number | readonly number[];
  record?: { readonly [name: string]: (state: Tensors<S>, data: Tensors<D>) => tf.Tensor };
  dt?: number;
  dtype?: 'float32' | 'float64';
  mode?: Mode | 'auto';
  seed?: number;
  from?: number;
  until?: (row: TrainRow) => boolean;
  threads?: number;
  signal?: AbortSignal;
  label?: string;
}

/** The state after `step` steps, at time t = step * dt: each recorded value is a number, or nested arrays of numbers. */
export type TrainRow = { step: number; t: number } & { [recorded: string]: any };

export interface Run<S = unknown> {
  rows: TrainRow[];
  state: Mapped<S, NdArray>;
  status: 'done' | 'stopped' | 'interrupted' | 'diverged';
  step: number;
  seconds: number;
  seed: number;
  mode: Mode;
  dtype: 'float32' | 'float64';
  threads: number;
  label?: string;
}

function nested(values: NativeArray, shape: readonly number[], offset = 0): Nested {
  if (shape.length === 0) return values[offset];
  const [length, ...rest] = shape;
  const stride = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length }, (_, i) => nested(values, rest, offset + i * stride));
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Milliseconds of native work between two looks at interrupts and progress. */
const slice = 120;

export async function train<S extends Tree, D extends Tree = Record<string, never>>(step: Step<S, D>, state: S, options: TrainOptions<S, D>): Promise<Run<S>> {
  const where = 'train';
  const { steps, every = 1, record = {}, dt = 1, dtype = 'float32', mode = 'auto', seed = 0, from = 0, until, threads, label } = options;
  if (typeof step !== 'function') fail(where, `step is ${typeof step} but must be a function`);
  wholeNumber(where, 'from', from, 0);
  wholeNumber(where, 'steps', steps, from);
  positive(where, 'dt', dt);
  oneOf(where, 'dtype', dtype, ['float32', 'float64']);
  oneOf(where, 'mode', mode, ['auto', 'eager', 'graph', 'xla']);
  if (wholeNumber(where, 'seed', seed, 0) >= 2 ** 32) fail(where, `seed is ${seed} but must be below 2^32`);
  if (threads !== undefined) wholeNumber(where, 'threads', threads);
  const plan = planner(where, every, from, steps);
  const signals = [options.signal, interruptSignal()].filter((s): s is AbortSignal => s !== undefined);
  const interrupted = () => signals.some(signal => signal.aborted);
  if (interrupted()) throw new Interrupted(`${where}: the cell was interrupted`);

  const started = performance.now();
  const { engine, structure, leaves } = prepare(where, step as any, state, options.data ?? {}, { record: record as any, dtype, mode, threads });
  const rows: TrainRow[] = [];
  const rowsOf = (steps: readonly number[], { columns }: Advanced<unknown>) => steps.map((step, i): TrainRow => ({
    step, t: step * dt, ...Object.fromEntries(engine.recorded.map(({ name, shape }, j) => [name, nested(columns[j], shape, i * size(shape))])),
  }));

  let current: unknown = engine.start();
  let done = from;
  let budget = 1;
  const advance = (ends: readonly number[]) => engine.advance(current, { ends, done, seed });
  const move = (next: unknown, by: number) => {
    engine.free(current);
    current = next;
    done += by;
  };

  const loop = async (): Promise<Run['status']> => {
    for (;;) {
      const { ends, rows: recorded } = plan(done, rows.length === 0, Math.min(budget, engine.steps), engine.segments);
      const by = ends[ends.length - 1];
      const begun = performance.now();
      const advanced = await advance(ends);
      const spent = performance.now() - begun;
      if (!advanced.finite) {
        engine.free(advanced.state);
        // The step that broke is found by halving, from the last finite state on.
        for (let length = by; length > 1;) {
          const half = Math.floor(length / 2);
          const tried = await advance([half]);
          if (tried.finite) move(tried.state, half);
          else engine.free(tried.state);
          length = tried.finite ? length - half : half;
        }
        rows.push(...rowsOf(recorded, advanced).filter(row => row.step <= done));
        return 'diverged';
      }
      const fresh = rowsOf(recorded, advanced);
      const stop = until === undefined ? -1 : fresh.findIndex(row => until(row));
      if (stop >= 0 && fresh[stop].step < done + by) {
        rows.push(...fresh.slice(0, stop + 1));
        engine.free(advanced.state);
        const back = fresh[stop].step - done;
        if (back > 0) move((await advance([back])).state, back);
        return 'stopped';
      }
      rows.push(...fresh);
      move(advanced.state, by);
      if (stop >= 0) return 'stopped';
      if (done >= steps) return 'done';
      if (interrupted()) {
        if (rows[rows.length - 1].step < done) {
          const here = await advance([0]);
          engine.free(here.state);
          rows.push(...rowsOf([done], here));
        }
        return 'interrupted';
      }
      if (by > 0) budget = Math.max(1, Math.min(budget * 8, Math.floor(by * slice / Math.max(spent, 0.01))));
    }
  };

  try {
    const status = await loop();
    const values = engine.read(current).map((values, i): NdArray => ({ shape: [...leaves[i].shape], values: values as NdArray['values'] }));
    return {
      rows, state: unflatten(structure, values) as Mapped<S, NdArray>, status, step: status === 'diverged' ? done + 1 : done,
      seconds: (performance.now() - started) / 1000, seed, mode: engine.mode, dtype, threads: engine.threads, ...(label !== undefined && { label }),
    };
  } finally {
    engine.free(current);
    engine.close();
  }
}

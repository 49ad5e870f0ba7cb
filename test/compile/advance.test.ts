import { expect, test } from 'vitest';
import { ndarray, type Tensors, tf, train } from 'widenet';
import { advanceAll } from '../../src/compile/advance';
import type { Engine } from '../../src/compile/engine';
import { planner } from '../../src/compile/plan';

type X = { x: tf.Tensor };
const x = ({ x }: X) => x;

test.each(['eager', 'graph', 'xla'] as const)(
  'rows hold step, t = step * dt, numbers for scalars and nested arrays for the rest, in %s',
  async mode => {
    const state = { x: ndarray([0, 1, 2, 3, 4, 5], [1, 2, 3]) };
    const run = await train(({ x }: X) => ({ x: x.add(10) }), state, {
      steps: 5,
      from: 4,
      dt: 0.5,
      mode,
      label: 'mine',
      seed: 6,
      record: { x, sum: ({ x }) => x.sum(), odd: ({ x }) => x.mod(2).equal(1).reshape([6]) },
    });
    const odd = [0, 1, 0, 1, 0, 1];
    expect(run.rows).toEqual([
      {
        step: 4,
        t: 2,
        x: [
          [
            [0, 1, 2],
            [3, 4, 5],
          ],
        ],
        sum: 15,
        odd,
      },
      {
        step: 5,
        t: 2.5,
        x: [
          [
            [10, 11, 12],
            [13, 14, 15],
          ],
        ],
        sum: 75,
        odd,
      },
    ]);
    expect(run).toMatchObject({ status: 'done', step: 5, label: 'mine', seed: 6, mode });
    expect(run.seconds).toBeGreaterThan(0);
    expect('label' in (await train(s => s, state, { steps: 0, mode }))).toBe(false);
  },
);

test.each(['eager', 'graph', 'xla'] as const)(
  'until stops before a divergence, though one call reaches it, and not after, in %s',
  async mode => {
    const double = ({ x }: X) => ({ x: x.mul(2) });
    for (const power of [7, 50, 101, 126, 127]) {
      const seen: number[] = [];
      const run = await train(
        double,
        { x: 1 },
        {
          steps: 1000,
          every: 1,
          record: { x },
          mode,
          until: row => {
            seen.push(row.step);
            return row.x >= 2 ** power;
          },
        },
      );
      expect(run).toMatchObject({
        status: 'stopped',
        step: power,
        state: { x: { values: Float32Array.of(2 ** power) } },
      });
      expect([run.rows.length, seen.length, run.rows[power].x]).toEqual([power + 1, power + 1, 2 ** power]);
    }
    const seen: number[] = [];
    expect(
      await train(
        double,
        { x: 1 },
        {
          steps: 1000,
          every: 1,
          record: { x },
          mode,
          until: row => {
            seen.push(row.step);
            return row.x === Infinity;
          },
        },
      ),
    ).toMatchObject({ status: 'diverged', step: 128, state: { x: { values: Float32Array.of(2 ** 127) } } });
    expect(seen.length).toBe(128);
  },
);

test.each(['eager', 'graph', 'xla'] as const)(
  'interrupted between two rows, a run ends with the row of its last step, in %s',
  async mode => {
    const stop = new AbortController();
    const count = ({ k, w }: { k: tf.Tensor; w: tf.Tensor }) => ({
      k: k.add(tf.scalar(1, 'int32')),
      w: tf.matMul(w, w).tanh(),
    }); // a count alone XLA adds up at once
    const run = await train(
      count,
      { k: ndarray(Int32Array.of(0), []), w: tf.eye(8) },
      {
        steps: 2e9,
        every: [1],
        record: { k: ({ k }) => k },
        mode,
        signal: stop.signal,
        until: row => {
          if (row.step === 1) setTimeout(() => stop.abort(), 60);
          return false;
        },
      },
    );
    expect(run.status).toBe('interrupted');
    expect(run.step).toBeGreaterThan(1);
    expect(run.rows).toEqual([0, 1, run.step].map(step => ({ step, t: step, k: step })));
    expect(run.state.k.values[0]).toBe(run.step);
  },
);

test('the wait for threads shortens no call', async () => {
  const calls: number[] = [];
  const engine: Engine<number> = {
    mode: 'xla',
    threads: 1,
    segments: 4096,
    steps: Infinity,
    last: Number.MAX_SAFE_INTEGER,
    pace: { steps: 64 },
    recorded: [],
    start: 0,
    async advance(state, { ends: [by] }) {
      calls.push(by);
      await new Promise(resolve => setTimeout(resolve, 20)); // the wait
      return { state: state + by, columns: [], finite: true, milliseconds: 0.5 };
    },
    read: () => [],
    free() {},
    close() {},
  };
  const options = { steps: 100_000, from: 0, every: planner('', [100_000], 100_000), seed: 0, dt: 1 };
  expect(await advanceAll('', engine, { ...options, interrupted: () => false })).toMatchObject({ done: 100_000 });
  expect(calls).toEqual([0, 64, 512, 4096, 32768, 62560]);
});

test.each(['eager', 'graph', 'xla'] as const)(
  'recorded values are computed where there is a row, and there alone: %s',
  async mode => {
    let calls = 0;
    const step = ({ k, x }: Tensors<'k' | 'x'>) => ({ k: k.add(1), x: x.mul(0.5) });
    const table = ndarray([10, 20, 30]);
    // Entry k / 20 at the rows; between them out of range.
    const record = {
      seen: ({ k }: Tensors<'k'>, { table }: { table: tf.Tensor }) => {
        calls++;
        return tf.gather(table, k.floorDiv(20).add(k.mod(20).mul(9)).cast('int32'));
      },
    };
    const run = await train(step, { k: 0, x: 1 }, { data: { table }, steps: 40, every: [20], record, mode });
    expect(run.rows.map(row => [row.step, row.seen])).toEqual([
      [0, 10],
      [20, 20],
      [40, 30],
    ]);
    if (mode === 'eager') expect(calls).toBe(4); // once more for the shapes
    const stopped = await train(
      step,
      { k: 0, x: 1 },
      {
        data: { table },
        steps: 1000,
        every: [20, 40],
        record,
        mode,
        until: ({ seen }) => seen === 30,
      },
    );
    expect([stopped.step, stopped.status]).toEqual([40, 'stopped']);
  },
);

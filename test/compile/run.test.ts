import { describe, expect, test, vi } from 'vitest';
import { compile, Interrupted, ndarray, random, tf, train } from 'widenet';

type X = { x: tf.Tensor };
const int = (value: number) => ndarray(Int32Array.of(value), []);
/** XLA adds such a count up at once, so 2^32 steps take no time. */
const count = ({ k }: { k: tf.Tensor }) => ({ k: k.add(tf.scalar(1, 'int32')) });
const double = ({ x }: X) => ({ x: x.mul(2) });

describe('numbers of steps', () => {
  const run = compile(count, { mode: 'xla' });
  test.each([2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 5])(
    '%i steps are so many',
    async steps => {
      expect((await run({ k: int(0) }, { steps })).k.values[0]).toBe(steps | 0);
      expect((await run({ k: int(0) }, { steps: 3, from: steps })).k.values[0]).toBe(3);
      const trained = await train(
        count,
        { k: int(0) },
        { steps, every: [1], mode: 'xla', record: { k: ({ k }) => k } },
      );
      expect(trained).toMatchObject({ status: 'done', step: steps });
      expect(trained.rows.map(row => [row.step, row.k])).toEqual([
        [0, 0],
        [1, 1],
        [steps, steps | 0],
      ]);
      const resumed = await train(count, trained.state, { from: steps, steps: steps + 3, mode: 'xla' });
      expect(resumed.rows.map(row => row.step)).toEqual([0, 1, 2, 3].map(i => steps + i));
    },
  );

  test('up to 2^53, above which doubles skip numbers', async () => {
    const last = 2 ** 53 - 1;
    expect(
      (await train(count, { k: int(0) }, { from: last - 2, steps: last, mode: 'xla' })).rows.map(row => row.step),
    ).toEqual([last - 2, last - 1, last]);
    await expect(train(count, { k: int(0) }, { steps: 2 ** 53 })).rejects.toThrow(
      'train: steps is 9007199254740992 but must be below 2^53, because doubles above skip whole numbers',
    );
    await expect(run({ k: int(0) }, { steps: 2 ** 53 })).rejects.toThrow(
      'compile: steps is 9007199254740992 but must be below 2^53',
    );
    await expect(run({ k: int(0) }, { from: last, steps: 1 })).rejects.toThrow(
      'compile: steps is 9007199254740992 but must be below 2^53',
    );
    await expect(run({ k: int(0) }, { from: -1 })).rejects.toThrow(
      'compile: from is -1 but must be a whole number >= 0',
    );
    await expect(run({ k: int(0) }, { steps: 1.5 })).rejects.toThrow(
      'compile: steps is 1.5 but must be a whole number >= 1',
    );
    await expect(run({ k: int(0) }, { seed: 2 ** 32 })).rejects.toThrow(
      'compile: seed is 4294967296 but must be below 2^32',
    );
  });

  test('steps that draw are numbered below 2^32, in every mode', async () => {
    const walk = (_: X, __: unknown, draw: any) => ({ x: draw.normal([2], 'walk') });
    const start = { x: tf.zeros([2]) },
      last = 2 ** 32 - 1;
    for (const mode of ['eager', 'graph', 'xla'] as const) {
      const { state } = await train(walk, start, { from: last - 1, steps: last, seed: 4, mode });
      expect(state.x.values).toEqual(
        Float32Array.from(random.normal([2], { seed: 4, stream: 'walk', step: last }).values),
      );
      await expect(train(walk, start, { from: last, steps: last + 1, mode })).rejects.toThrow(
        /^train: (the last step is 4294967296, but|step 4294967296 draws random numbers, but) steps that (draw random numbers|do) are numbered below 2\^32$/,
      );
    }
    await expect(compile(walk)(start, { from: last, steps: 1 })).rejects.toThrow(
      'compile: the last step is 4294967296, but steps that draw random numbers are numbered below 2^32',
    );
  });
});

describe('a compiled step', () => {
  const slow = ({ w }: { w: tf.Tensor }) => ({ w: tf.matMul(w, w).tanh() });
  test('stops by its signal and at the stop button, and says how far it was', async () => {
    const run = compile(slow),
      eye = { w: tf.eye(8) };
    await run(eye);
    for (const by of ['signal', 'cell']) {
      const stop = new AbortController();
      const holder = globalThis as unknown as Record<symbol, AbortSignal | undefined>,
        key = Symbol.for('widenet.interrupt');
      if (by === 'cell') holder[key] = stop.signal;
      const going = run(eye, { steps: 1e12, ...(by === 'signal' && { signal: stop.signal }) });
      delete holder[key];
      setTimeout(() => stop.abort(), 100);
      const error: unknown = await going.then(
        () => undefined,
        error => error,
      );
      expect(error).toBeInstanceOf(Interrupted);
      expect((error as Error).message).toMatch(/^compile: interrupted after [1-9]\d* of 1000000000000 steps$/);
      await expect(run(eye, { signal: stop.signal })).rejects.toThrow('compile: interrupted before it began');
    }
  });

  test('records as train does, and is traced once for both', async () => {
    let traces = 0;
    const step = ({ x }: X, { a }: { a: tf.Tensor }, draw: any) => {
      traces++;
      return { x: x.mul(a).add(draw.normal([], 'noise')) };
    };
    const record = { x: ({ x }: X) => x };
    const run = compile(step, { record });
    const options = { data: { a: 0.5 }, steps: 50, every: 10, dt: 0.1, seed: 3, label: 'mine' };
    const [{ seconds: _, ...mine }, { seconds: __, ...trained }] = [
      await run.train({ x: 1 }, options),
      await train(step, { x: 1 }, { ...options, record }),
    ];
    expect(mine).toEqual(trained);
    expect([run.traces, traces]).toEqual([1, 3]);
    expect(await run({ x: 1 }, { data: { a: 0.5 }, steps: 50, seed: 3 })).toEqual(mine.state);
    expect(run.traces).toBe(1);
    const other = await run.train({ x: 1 }, { ...options, data: { a: 0.25 } });
    expect(other.rows[5].x).not.toBe(mine.rows[5].x);
    run.close();
  });

  test('a run of it stops, is interrupted and diverges as train has it', async () => {
    const run = compile(double, { record: { x: ({ x }: X) => x } });
    expect(await run.train({ x: 1 }, { steps: 1e6, until: row => row.x > 1000 })).toMatchObject({
      status: 'stopped',
      step: 10,
    });
    expect(await run.train({ x: 1 }, { steps: 1e6 })).toMatchObject({ status: 'diverged', step: 128 });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    expect((await run.train({ x: 0 }, { steps: 1e12, every: [], signal: stop.signal })).status).toBe('interrupted');
  });

  test('many steps of a call give what train gives, infinite or not', async () => {
    const run = compile(double);
    expect((await run({ x: 1 }, { steps: 100 })).x.values[0]).toBe(2 ** 100);
    expect((await run({ x: 1 }, { steps: 1000 })).x.values[0]).toBe(Infinity);
  });
});

test.each(['eager', 'graph', 'xla'] as const)(
  'an int32 counter counts where a float32 one stops, in %s',
  async mode => {
    const step = ({ k, f }: { k: tf.Tensor; f: tf.Tensor }) => ({ k: k.add(tf.scalar(1, 'int32')), f: f.add(1) });
    const { state } = await train(step, { k: int(2 ** 24), f: 2 ** 24 }, { steps: 10, mode });
    expect([state.k.values[0], state.f.values[0]]).toEqual([2 ** 24 + 10, 2 ** 24]);
  },
);

test('what is watched gets all rows so far, at the end those of the run; what is no function is refused', async () => {
  const seen: number[][] = [];
  const watch = (rows: readonly { step: number }[]) => {
    seen.push(rows.map(row => row.step));
    return rows.length;
  };
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const { rows } = await train(double, { x: 1 }, { steps: 5, until: row => row.step === 3, watch });
  expect(seen.at(-1)).toEqual(rows.map(row => row.step));
  expect(log.mock.calls.at(-1)).toEqual(['4']);
  log.mockRestore();
  const wrong = () => train(double, { x: 1 }, { steps: 1, watch: 'lines' as never });
  await expect(wrong()).rejects.toThrow(/^train: watch is string but must be a function$/);
});

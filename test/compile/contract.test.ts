import os from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { compile, ndarray, random, tf, train } from 'widenet';
import { UsageError } from '../../src/base/check';
import { native } from '../../src/compile/native';

/** Sentences of the docstrings of `compile` and `train` that compile.test.ts and train.test.ts leave open. */
type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };
const here = /\(at .*contract\.test\.ts:\d+:\d+\)/;
const x = ({ x }: X) => x;

// The first test of the file, as steps that others compile are held until they are collected.
test('beyond 16 programs those that no run and no compiled step holds are let go', async () => {
  const created = vi.spyOn(native, 'createSession'),
    released = vi.spyOn(native, 'release');
  const open = () => {
    const gone = new Set<unknown>(released.mock.calls.flatMap(([handles]) => handles));
    return created.mock.results.filter(({ value }) => !gone.has(value)).length;
  };
  const adding =
    (n: number) =>
    ({ x }: X) => ({ x: x.add(n) });
  for (let n = 0; n < 40; n++) await train(adding(n), one, { steps: 1, mode: 'graph' });
  expect(open()).toBe(16);
  const held = Array.from({ length: 20 }, (_, n) => compile(adding(100 + n), { mode: 'graph' }));
  for (const run of held) await run(one);
  for (let n = 0; n < 5; n++) await train(adding(200 + n), one, { steps: 1, mode: 'graph' });
  for (const [n, run] of held.entries()) expect((await run(one)).x.values[0]).toBe(101 + n);
  expect(open()).toBe(21); // the 20 that are held, and the one that came last
  for (const run of held) run.close();
  await new Promise(setImmediate);
  await train(adding(300), one, { steps: 1, mode: 'graph' });
  expect(open()).toBe(16);
  vi.restoreAllMocks();
});

describe('compile', () => {
  test('another structure of state or data is another trace', async () => {
    const run = compile((state: any, data: any) =>
      'y' in state ? { x: state.x.add(1), y: state.y.add(data.b ?? 10) } : { x: state.x.add(tf.scalar(2, 'int32')) },
    );
    expect((await run({ x: 1 })).x.values[0]).toBe(3);
    expect((await run({ x: 1, y: 1 })).y.values[0]).toBe(11);
    expect((await run({ x: 1, y: 1 }, { data: { b: 5 } })).y.values[0]).toBe(6);
    expect((await run({ x: 1, y: 1 }, { data: { a: 5 } })).y.values[0]).toBe(11);
    expect((await run({ y: 1, x: 5 })).x.values[0]).toBe(6);
    expect((await run({ x: ndarray(Int32Array.of(1), []) })).x.values).toEqual(Int32Array.of(3));
    expect((await run({ x: ndarray([0.5], []) })).x.values).toEqual(Float32Array.of(2.5));
    expect(run.traces).toBe(6);
  });

  test('leaves go by their names, in whatever order the step returns them', async () => {
    const step = ({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => ({ b: b.add(10), a: a.add(1) });
    for (const mode of ['eager', 'graph', 'xla'] as const)
      expect((await train(step, { a: 1, b: 2 }, { steps: 3, mode })).state, mode).toEqual({
        a: ndarray(Float32Array.of(4), []),
        b: ndarray(Float32Array.of(32), []),
      });
  });

  test('a function closed over is frozen; data is read at each call, also when the array changed in place', async () => {
    let f = tf.neg;
    const data = { a: ndarray([1, 1, 1]) };
    const run = compile(({ x }: X, { a }: { a: tf.Tensor }) => ({ x: f(x).add(a) }));
    expect(Array.from((await run(one, { data })).x.values)).toEqual([0, -1, -2]);
    f = tf.square;
    data.a.values.fill(5);
    expect(Array.from((await run(one, { data })).x.values)).toEqual([4, 3, 2]);
    one.x.values[0] = 7;
    expect(Array.from((await run(one, { data })).x.values)).toEqual([-2, 3, 2]);
    one.x.values[0] = 1;
  });

  test('from and seed key the draws, however many steps a call makes', async () => {
    const walk = compile(({ x }: X, _: object, draw) => ({ x: x.add(draw.normal([3], 'w')) }));
    const steps = 5000; // more than the numbers of one native call
    const whole = await walk({ x: tf.zeros([3]) }, { steps, seed: 3 });
    const half = await walk({ x: tf.zeros([3]) }, { steps: 2100, seed: 3 });
    expect(await walk(half, { steps: steps - 2100, from: 2100, seed: 3 })).toEqual(whole);
    expect(await walk(half, { steps: steps - 2100, seed: 3 })).not.toEqual(whole);
    expect(await walk({ x: tf.zeros([3]) }, { steps, seed: 4 })).not.toEqual(whole);
    const first = await walk({ x: tf.zeros([3]) }, { from: 8, seed: 3 });
    expect(first.x.values).toEqual(Float32Array.from(random.normal([3], { seed: 3, stream: 'w', step: 9 }).values));
  });

  test.each(['float32', 'float64'] as const)('a step may make typed arrays, in %s', async dtype => {
    const run = compile(
      ({ x }: X) => ({
        x: x
          .add(tf.tensor1d(new Float32Array([0.5, 0.25, 1])))
          .mul(tf.tensor1d(Float32Array.from([2, 2, 2])))
          .add(tf.tensor1d(new Int32Array([1, 0, 0]), 'int32')),
      }),
      { dtype },
    );
    expect(Array.from((await run(one)).x.values)).toEqual([4, 4.5, 8]);
  });

  test('a step that was refused is traced anew; a closed one too', async () => {
    let fails = true;
    const run = compile(({ x }: X) => {
      if (fails) throw new Error('not yet');
      return { x: x.neg() };
    });
    await expect(run(one)).rejects.toThrow('not yet');
    fails = false;
    expect(Array.from((await run(one)).x.values)).toEqual([-1, -2, -3]);
    run.close();
    expect(run.traces).toBe(0);
    expect(Array.from((await run(one)).x.values)).toEqual([-1, -2, -3]);
    expect(run.traces).toBe(1);
  });

  test.each<[string, (x: tf.Tensor) => tf.Tensor, RegExp]>([
    ['dropout', x => tf.dropout(x, 0.5), /^compile: the step is not the same twice/],
    [
      'a refusal that the step catches',
      x => {
        try {
          x.dataSync();
        } catch {
          return x;
        }
        return x;
      },
      /^compile: the step reads values of a tensor/,
    ],
    [
      'constants that differ in their values only',
      x => x.add(tf.tensor1d([1, 2, performance.now()])),
      /^compile: the step is not the same twice/,
    ],
  ])('refused: %s', async (_, f, message) => {
    const refusal = compile(({ x }: X) => ({ x: f(x) }))(one);
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.toThrow(here);
    await expect(refusal).rejects.toThrow(UsageError);
  });

  test('programs that differ in one constant, in their results, or in what they record, are not taken for one another', async () => {
    const [a, b] = [
      [1, 2, 3],
      [1, 2, 4],
    ].map(list => ({ x }: X) => ({ x: x.add(tf.tensor1d(list)) }));
    const pair = { x: 1, y: 2 };
    type Pair = { x: tf.Tensor; y: tf.Tensor };
    for (const mode of ['graph', 'xla'] as const) {
      const at = async (step: (s: X) => X, dtype: 'float32' | 'float64' = 'float32') =>
        Array.from((await train(step, one, { steps: 1, mode, dtype })).state.x.values);
      expect([await at(a), await at(b), await at(a)]).toEqual([
        [2, 4, 6],
        [2, 4, 7],
        [2, 4, 6],
      ]);
      const thirds = async (dtype: 'float32' | 'float64') =>
        (await train(s => s, { x: 1 / 3 }, { steps: 1, mode, dtype })).state.x.values;
      expect([await thirds('float32'), await thirds('float64'), await thirds('float32')]).toEqual([
        Float32Array.of(1 / 3),
        Float64Array.of(1 / 3),
        Float32Array.of(1 / 3),
      ]);
      const swapped = await train(({ x, y }: Pair) => ({ x: y, y: x }), pair, {
        steps: 1,
        mode,
        record: { v: ({ x }) => x },
      });
      const same = await train(({ x, y }: Pair) => ({ x, y }), pair, { steps: 1, mode, record: { v: ({ y }) => y } });
      const other = await train(({ x, y }: Pair) => ({ x, y }), pair, { steps: 1, mode, record: { v: ({ x }) => x } });
      expect([swapped, same, other].map(run => run.rows.map(row => row.v))).toEqual([
        [1, 2],
        [2, 2],
        [1, 1],
      ]);
      const drawn = async (kind: 'normal' | 'uniform', stream: string) =>
        (await train((_: X, __: any, draw) => ({ x: draw[kind]([3], stream) }), one, { steps: 1, mode })).state.x
          .values;
      expect(await drawn('normal', 'a')).not.toEqual(await drawn('uniform', 'a'));
      expect(await drawn('normal', 'a')).not.toEqual(await drawn('normal', 'b'));
      expect(await drawn('normal', 'b')).toEqual(
        Float32Array.from(random.normal([3], { seed: 0, stream: 'b', step: 1 }).values),
      );
    }
    for (const mode of ['graph', 'xla', 'graph'] as const)
      expect((await train(a, one, { steps: 1, mode })).mode).toBe(mode);
    for (const threads of [1, 2, 1]) expect((await train(a, one, { steps: 1, threads })).threads).toBe(threads);
  });

  test('each entry of a state must begin finite, wherever it stands', async () => {
    for (const length of [1, 2, 3, 4, 5, 9])
      for (let entry = 0; entry < length; entry++)
        for (const bad of [NaN, Infinity, -Infinity]) {
          const values = new Float64Array(length).fill(1);
          values[entry] = bad;
          for (const state of [{ x: ndarray(values) }, { x: tf.tensor1d(Array.from(values)) }])
            await expect(train(s => s, state, { steps: 1 })).rejects.toThrow(
              `train: state.x holds ${bad} at entry ${entry}; a state must begin finite`,
            );
        }
  });

  test('an integer over 0 is an error in graph, and -1 by xla', async () => {
    const step = ({ i }: { i: tf.Tensor }, { zero }: { zero: tf.Tensor }) => ({ i: tf.floorDiv(i, zero) });
    const [state, data] = [{ i: ndarray(Int32Array.of(6), []) }, { zero: ndarray(Int32Array.of(0), []) }];
    await expect(compile(step, { mode: 'graph' })(state, { data })).rejects.toThrow(
      /^compile: op FloorDiv cannot run in graph mode .*\(at .*contract\.test\.ts/,
    );
    expect((await compile(step, { mode: 'xla' })(state, { data })).i.values[0]).toBe(-1);
  });
});

describe('train', () => {
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

  test.each(['eager', 'graph', 'xla'] as const)('a recorded value without entries is refused, in %s', async mode => {
    await expect(
      train(s => s, one, { steps: 1, mode, record: { none: ({ x }) => x.slice([0], [0]).reshape([2, 0]) } }),
    ).rejects.toThrow('train: record.none has shape [2,0] but must hold a number');
  });

  test('rows that XLA cannot compile run beside a step that it does, but not where xla is asked for', async () => {
    const grown = ({ x }: X) =>
      tf.dilation2d(x.reshape([1, 1, 3, 1]) as tf.Tensor4D, tf.zeros([1, 1, 1]), 1, 'same').sum();
    const options = { steps: 1, record: { grown } };
    for (const [mode, taken] of [
      ['auto', 'xla'],
      ['graph', 'graph'],
    ] as const)
      expect(await train(s => s, one, { ...options, mode })).toMatchObject({
        mode: taken,
        rows: [{ grown: 6 }, { grown: 6 }],
      });
    await expect(train(s => s, one, { ...options, mode: 'xla' })).rejects.toThrow(
      /^train: op Dilation2D cannot run in xla mode/,
    );
  });

  test('auto is xla for a step that draws', async () => {
    expect(
      (await train(({ x }: X, _: any, draw) => ({ x: x.add(draw.uniform([3], 'u')) }), one, { steps: 1 })).mode,
    ).toBe('xla');
  });

  test('threads go by size, and are shared between the runs under way', async () => {
    const big = { x: tf.fill([1000, 1000], 1e-3) };
    const run = () => train(({ x }: X) => ({ x: tf.matMul(x, x) }), big, { steps: 1 });
    const cores = os.availableParallelism();
    expect((await run()).threads).toBe(cores);
    expect((await Promise.all(Array.from({ length: cores }, run))).map(({ threads }) => threads).slice(1)).toEqual(
      new Array(cores - 1).fill(1),
    );
    big.x.dispose();
  });

  test("the tensors that are given stay the caller's, in every mode", async () => {
    const [a, b] = [tf.tensor1d([1, 2, 3]), tf.scalar(2)];
    const before = tf.memory().numTensors;
    for (const mode of ['eager', 'graph', 'xla'] as const) {
      const run = await train(({ x }: X, { b }) => ({ x: x.mul(b) }), { x: a }, { data: { b }, steps: 2, mode });
      expect(Array.from(run.state.x.values)).toEqual([4, 8, 12]);
      expect([Array.from(a.dataSync()), Array.from(b.dataSync())]).toEqual([[1, 2, 3], [2]]);
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

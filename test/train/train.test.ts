import { readFileSync } from 'node:fs';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect } from 'vitest';
import { Interrupted, last, linalg, lines, ndarray, random, seeds, tf, train, type Tensors } from 'widenet';
import { core as test, long } from '../support/tier';

const n = 8,
  d = 5,
  m = 16;
const data = { X: random.normal([n, d], { seed: 1, stream: 'X' }), y: random.normal([n, 1], { seed: 1, stream: 'y' }) };
const start = {
  W: random.normal([m, d], { seed: 1, stream: 'W' }),
  c: random.normal([m, 1], { seed: 1, stream: 'c' }),
};
type Net = { W: tf.Tensor; c: tf.Tensor };
type Data = { X: tf.Tensor; y: tf.Tensor };
type X = { x: tf.Tensor };

const risk = ({ W, c }: Net, { X, y }: Data): tf.Tensor =>
  tf
    .matMul(tf.relu(tf.matMul(X, W, false, true)), c)
    .div(m)
    .sub(y)
    .square()
    .mean()
    .div(2);
const step = (net: Net, data: Data): Net => {
  const [W, c] = tf.grads((W, c) => risk({ W, c }, data) as tf.Scalar)([net.W, net.c]);
  return { W: net.W.sub(W.mul(0.5)), c: net.c.sub(c.mul(0.5)) };
};
const noisy = (net: Net, data: Data, draw: any): Net => {
  const { W, c } = step(net, data);
  return { W: W.add(draw.normal([m, d], 'noise').mul(0.1)), c: c.add(draw.uniform([m, 1], 'shift').sub(0.5).mul(0.1)) };
};
const modes = ['eager', 'graph', 'xla'] as const;
const x = ({ x }: X) => x;

test.each(['graph', 'xla'] as const)('%s gives the rows and the state of eager, to float32 rounding', async mode => {
  const options = { data, steps: 100, every: 30, record: { risk, corner: ({ W }: Net) => W.slice([0, 0], [2, 3]) } };
  const eager = await train(step, start, { ...options, mode: 'eager' });
  const native = await train(step, start, { ...options, mode });
  expect(native.rows.map(row => row.step)).toEqual([0, 30, 60, 90, 100]);
  expect(native).toMatchObject({ status: 'done', step: 100, mode, dtype: 'float32', seed: 0 });
  expect(native.rows[4].risk).toBeLessThan(eager.rows[0].risk / 2);
  for (const [i, row] of eager.rows.entries()) {
    expect(native.rows[i].risk).toBeCloseTo(row.risk, 5);
    (row.corner as number[][]).forEach((line, j) =>
      line.forEach((value, k) => expect(native.rows[i].corner[j][k]).toBeCloseTo(value, 5)),
    );
  }
  native.state.W.values.forEach((w, i) => expect(w).toBeCloseTo(eager.state.W.values[i], 5));
});

describe('float64', () => {
  // Gradient flow of 1/2 x^T A x by Euler steps: x_k = V (1 - h lambda)^k V^T x_0, here with A = V diag(lambda) V^T of
  // rotations.
  test.each(['graph', 'xla'] as const)(
    'gradient flow on a quadratic is its closed form to 1e-12, in %s',
    async mode => {
      const [lambda, mu, angle, h, steps] = [1 / 3, 0.07, 0.7, 0.1, 1000];
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const A = ndarray(
        [c * c * lambda + s * s * mu, c * s * (lambda - mu), c * s * (lambda - mu), s * s * lambda + c * c * mu],
        [2, 2],
      );
      const flow = ({ x }: X, { A }: { A: tf.Tensor }) => ({
        x: x.sub(
          tf
            .grad(x => tf.matMul(x, tf.matMul(A, x), true).sum().mul(0.5) as tf.Scalar)(x)
            .mul(h),
        ),
      });
      const run = await train(
        flow,
        { x: ndarray([1, 0.3], [2, 1]) },
        { data: { A }, steps, every: 100, dt: h, record: { x }, dtype: 'float64', mode },
      );
      for (const row of run.rows) {
        const [a, b] = [(c + 0.3 * s) * (1 - h * lambda) ** row.step, (-s + 0.3 * c) * (1 - h * mu) ** row.step];
        expect(Math.abs(row.x[0][0] - (c * a - s * b))).toBeLessThan(1e-12);
        expect(Math.abs(row.x[1][0] - (s * a + c * b))).toBeLessThan(1e-12);
      }
      expect(run.rows[3].t).toBe(300 * h);
      expect(run.state.x.values).toBeInstanceOf(Float64Array);
    },
  );

  test('no double passes through float32: state, data, constants of every kind, draws, rows and result', async () => {
    const third = 1 / 3;
    const sum = ({ x }: X, { a }: { a: tf.Tensor }) => ({
      x: x
        .add(a)
        .add(0.1)
        .add(tf.scalar(0.01))
        .add(tf.tensor1d([0.001]).sum())
        .add(tf.fill([], 1e-4))
        .add(tf.range(0, 1e-5, 1e-6).slice(1, 1).sum())
        .add(tf.linspace(0, 3e-7, 3).slice(1, 1).sum())
        .add(tf.leakyRelu(tf.scalar(-1), 0.1)),
    });
    const expected = third + Math.PI + 0.1 + 0.01 + 0.001 + 1e-4 + 1e-6 + 1.5e-7 - 0.1;
    for (const mode of ['graph', 'xla'] as const) {
      const run = await train(
        sum,
        { x: third },
        { data: { a: Math.PI }, steps: 1, record: { x }, dtype: 'float64', mode },
      );
      expect(run.rows[0].x).toBe(third);
      expect(Math.abs(run.rows[1].x - expected)).toBeLessThan(1e-15 * 8);
      expect(run.state.x.values[0]).toBe(run.rows[1].x);
    }
  });
});

describe('draws', () => {
  test.each(modes)("are the host generator's numbers, keyed by seed, stream and step, in %s", async mode => {
    const step = (_: any, __: any, draw: any) => ({ a: draw.normal([2, 3], 'a'), b: draw.uniform([4], 'b') });
    const run = await train(
      step,
      { a: tf.zeros([2, 3]), b: tf.zeros([4]) },
      { steps: 700, every: [1, 2, 700], record: { a: ({ a }) => a, b: ({ b }) => b }, seed: 9, mode },
    );
    for (const row of run.rows.slice(1)) {
      expect((row.a as number[][]).flat()).toEqual(
        Array.from(random.normal([2, 3], { seed: 9, stream: 'a', step: row.step }).values, Math.fround),
      );
      expect(row.b).toEqual(
        Array.from(random.uniform([4], { seed: 9, stream: 'b', step: row.step }).values, Math.fround),
      );
    }
    expect(run.rows.map(row => row.step)).toEqual([0, 1, 2, 700]);
  });

  test("a long draw is the generator's, bit for bit, in doubles, tails included", async () => {
    const run = await train(
      (_: any, __: any, draw: any) => ({ z: draw.normal([200_000], 'z') }),
      { z: tf.zeros([200_000]) },
      { steps: 1, dtype: 'float64', seed: 4_000_000_000 },
    );
    const host = random.normal([200_000], { seed: 4_000_000_000, stream: 'z', step: 1 }).values;
    expect(run.state.z.values.every((value, i) => Object.is(value, host[i]))).toBe(true);
    expect(host.some(value => value > 4)).toBe(true); // the tail of the inverse distribution function
  });

  test.each(modes)("of rows are the host's, keyed by the number of the row's step, in %s", async mode => {
    const own = (spec: object) => ({ seed: 9, ...spec });
    const each = mode === 'eager' ? [40, 3000] : [40, 300_000];
    const [steps, from] = [each[1], 10];
    const at = [11, 12, 40, steps - 1];
    const run = await train(
      ({ x }: X, _: any, draw: any) => ({ x: x.add(draw.normal([], 'x')).mul(0.5) }),
      { x: 0 },
      {
        ...{ steps, from, every: at, seed: 9, mode },
        record: {
          z: (_, __, draw) => draw.normal([2, 3], 'z'),
          u: ({ x }, __, draw) => draw.uniform([4], 'u').add(x.mul(0)),
          k: (_, __, draw) => draw.integers([5], 'k', { low: -3, high: 9 }),
          p: (_, __, draw) => draw.permutation(7, 'p'),
        },
      },
    );
    expect(run.rows.map(row => row.step)).toEqual([from, ...at, steps]);
    for (const { step, z, u, k, p } of run.rows) {
      const single = (values: ArrayLike<number>) => Array.from(values, Math.fround);
      expect((z as number[][]).flat()).toEqual(single(random.normal([2, 3], own({ stream: 'z', step }) as any).values));
      expect(u).toEqual(single(random.uniform([4], own({ stream: 'u', step }) as any).values));
      const integers = random.integers([5], own({ stream: 'k', step, low: -3, high: 9 }) as any);
      expect(k).toEqual(Array.from(integers.values));
      expect(p).toEqual(Array.from(random.permutation(7, own({ stream: 'p', step }) as any).values));
    }
  });

  test.each(modes)(
    'of rows leave the run as it is, also in many calls, in doubles and up to a stop, in %s',
    async mode => {
      const step = ({ x }: X, _: any, draw: any): X => ({ x: x.mul(0.9).add(draw.normal([2], 'x')) });
      const dtype = mode === 'eager' ? 'float32' : 'float64';
      const options = { ...{ steps: 400, every: 3, seed: 2, mode }, dtype } as const;
      const z = (_: X, __: any, draw: any): tf.Tensor => draw.normal([3000], 'z');
      const [drawn, plain] = [
        await train(
          step,
          { x: tf.zeros([2]) },
          { ...options, record: { x: ({ x }: X) => x, z: (...given: Parameters<typeof z>) => z(...given).max() } },
        ),
        await train(step, { x: tf.zeros([2]) }, { ...options, record: { x: ({ x }) => x } }),
      ];
      expect(drawn.rows.map(({ x }) => x)).toEqual(plain.rows.map(({ x }) => x));
      expect(drawn.state).toEqual(plain.state);
      const largest = (step: number) => Math.max(...random.normal([3000], { seed: 2, stream: 'z', step }).values);
      const expected = drawn.rows.map(row =>
        dtype === 'float32' ? Math.fround(largest(row.step)) : largest(row.step),
      );
      expect(drawn.rows.map(row => row.z)).toEqual(expected);

      const stop = drawn.rows[57];
      const until = (row: { z: number }) => row.z === stop.z;
      const stopped = await train(step, { x: tf.zeros([2]) }, {
        ...options,
        record: { z: (...given: Parameters<typeof z>) => z(...given).max() },
        until,
      } as any);
      expect([stopped.status, stopped.step]).toEqual(['stopped', stop.step]);
    },
  );

  test.each(modes)('of a stream that the step draws too, or two rows share, are refused, in %s', async mode => {
    const z = (_: any, __: any, draw: any): tf.Tensor => draw.normal([], 'z');
    const twice = (how: string) =>
      `train: draw.normal: stream "z" is drawn ${how}, which gives the same numbers twice; name two streams`;
    // Eager comes to the row before the step.
    const both = twice(mode === 'eager' ? 'by a recorded value too' : 'by the step too');
    const go = (step: any, record: any) => train(step, { x: 1 }, { steps: 3, every: 2, record, mode });
    await expect(go(({ x }: X) => ({ x }), { a: z, b: z })).rejects.toThrow(twice('twice at one step'));
    await expect(go(({ x }: X, _: any, draw: any) => ({ x: x.add(draw.normal([], 'z')) }), { z })).rejects.toThrow(
      both,
    );
    const rows = await go(({ x }: X, _: any, draw: any) => ({ x: x.add(draw.normal([], 'w')) }), { z });
    expect(rows.rows.length).toBe(3);
  });

  test('another seed is another run of the same program', async () => {
    const [a, b] = await Promise.all([1, 2].map(seed => train(noisy, start, { data, steps: 50, seed })));
    expect(a.state.W.values).not.toEqual(b.state.W.values);
    expect((await train(noisy, start, { data, steps: 50, seed: 1 })).state).toEqual(a.state);
  });
});

describe('rows', () => {
  const count = ({ x }: X) => ({ x: x.add(1) });
  test.each(modes)('stand at the listed steps, the first and the last, in %s', async mode => {
    const at = async (every: number | number[], steps: number, from = 0) =>
      (await train(count, { x: from }, { steps, every, from, record: { x }, mode })).rows.map(row => [row.step, row.x]);
    expect(await at(4, 10)).toEqual([
      [0, 0],
      [4, 4],
      [8, 8],
      [10, 10],
    ]);
    expect(await at([7, 3, 3], 10)).toEqual([
      [0, 0],
      [3, 3],
      [7, 7],
      [10, 10],
    ]);
    expect(await at([0, 10], 10)).toEqual([
      [0, 0],
      [10, 10],
    ]);
    expect(await at([1, 2, 5, 8, 9], 10, 5)).toEqual([
      [5, 5],
      [8, 8],
      [9, 9],
      [10, 10],
    ]);
    expect(await at(4, 10, 5)).toEqual([
      [5, 5],
      [8, 8],
      [10, 10],
    ]);
    expect(await at(3, 0)).toEqual([[0, 0]]);
  });

  test('more rows than one call holds, and int32 beyond what float32 counts', async () => {
    const run = await train(
      ({ k, x }: { k: tf.Tensor; x: tf.Tensor }) => ({ k: k.add(tf.scalar(1, 'int32')), x: x.add(1) }),
      { k: ndarray(Int32Array.of(2 ** 30), []), x: 0 },
      {
        steps: 10_000,
        record: {
          k: ({ k }) => k,
          x,
          both: ({ k, x }) => tf.stack([k.toFloat(), x]),
          odd: ({ x }) => x.mod(2).equal(1),
        },
      },
    );
    expect(run.rows.length).toBe(10_001);
    expect(run.rows.every(({ step, k, x, odd }) => k === 2 ** 30 + step && x === step && odd === step % 2)).toBe(true);
    expect(run.rows[10_000].both).toEqual([2 ** 30 + 9_984, 10_000].map(Math.fround));
    expect(run.state.k.values).toEqual(Int32Array.of(2 ** 30 + 10_000));
  });
});

describe('status', () => {
  const double = ({ x }: X) => ({ x: x.mul(2) });
  test.each(modes)(
    'diverged, at the first step whose state is not finite, with the rows and the state before it, in %s',
    async mode => {
      const run = await train(double, { x: 1 }, { steps: 100_000, every: 10, record: { x }, mode });
      expect(run).toMatchObject({ status: 'diverged', step: 128, state: { x: { values: Float32Array.of(2 ** 127) } } });
      expect(run.rows.map(row => row.step)).toEqual([...Array.from({ length: 13 }, (_, i) => 10 * i), 128]);
      expect(last(run)).toEqual({ step: 128, t: 128, x: NaN });
      const wide =
        mode === 'eager'
          ? run
          : await train(double, { x: 1 }, { steps: 100_000, every: 10, record: { x }, mode, dtype: 'float64' });
      if (mode !== 'eager')
        expect(wide).toMatchObject({
          status: 'diverged',
          step: 1024,
          state: { x: { values: Float64Array.of(2 ** 1023) } },
        });
    },
  );

  test('diverged, every recorded value is NaN in the last row: none before it passes for the end', async () => {
    const step = ({ x, W }: Tensors<'x' | 'W'>) => ({ x: x.mul(2), W });
    const record = { mean: ({ W }: Tensors<'W'>) => W.mean(), W: ({ W }: Tensors<'W'>) => W };
    const state = { x: 1e38, W: tf.ones([2, 3]) };
    const run = await train(step, state, { steps: 9, every: [], dt: 0.5, record });
    expect(run.rows.slice(1)).toEqual([{ step: 2, t: 1, mean: NaN, W: Array(2).fill(Array(3).fill(NaN)) }]);
    expect(() => lines({ ...run, rows: run.rows.slice(1) }, { x: 't', y: 'mean' })).toThrow(
      "lines: no finite value in column 'mean' for the y axis: 1 of 1 runs diverged",
    );
  });

  test.each(modes)('stopped, at the first row for which until holds, wherever calls are cut, in %s', async mode => {
    const run = await train(
      ({ x }: X) => ({ x: x.add(1) }),
      { x: 0 },
      { steps: 1_000_000, every: 7, record: { x }, until: row => row.x > 4321, mode },
    );
    expect(run).toMatchObject({ status: 'stopped', step: 4326, state: { x: { values: Float32Array.of(4326) } } });
    expect(run.rows[run.rows.length - 1]).toEqual({ step: 4326, t: 4326, x: 4326 });
    expect((await train(double, { x: 1 }, { steps: 10, until: () => true, mode })).rows).toEqual([{ step: 0, t: 0 }]);
  });

  test.each(modes)(
    'interrupted, with the rows so far and the state of the last; resumed, it is the unbroken run to the bit, in %s',
    async mode => {
      const stop = new AbortController();
      const options = { data, every: 50, record: { risk }, mode, seed: 5, threads: 1 };
      const first = await train(noisy, start, {
        ...options,
        steps: 1e9,
        until: row => {
          if (row.step >= 500) stop.abort();
          return false;
        },
        signal: stop.signal,
      });
      expect(first.status).toBe('interrupted');
      expect(first.rows[first.rows.length - 1].step).toBe(first.step);
      const last = first.step + 333;
      const resumed = await train(noisy, first.state, { ...options, steps: last, from: first.step });
      const unbroken = await train(noisy, start, { ...options, steps: last });
      const planned = new Set(unbroken.rows.map(row => row.step));
      const seen = new Map([...first.rows, ...resumed.rows].map(row => [row.step, row]));
      expect([...seen.values()].filter(row => planned.has(row.step))).toEqual(unbroken.rows);
      expect(resumed.state).toEqual(unbroken.state);
      await expect(train(noisy, start, { ...options, steps: 10, signal: stop.signal })).rejects.toThrow(Interrupted);
    },
  );

  test('interrupted by the cell', async () => {
    const stop = new AbortController();
    const holder = globalThis as unknown as Record<symbol, AbortSignal | undefined>;
    const key = Symbol.for('widenet.interrupt');
    holder[key] = stop.signal;
    const run = train(double, { x: 0 }, { steps: 1e9, every: 1e6 });
    delete holder[key];
    setTimeout(() => stop.abort(), 50);
    expect((await run).status).toBe('interrupted');
  });
});

describe('rule', () => {
  const spd = (n: number) => ({
    a: ndarray(
      Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 2 : 0)),
      [n, n],
    ),
    b: ndarray(new Float64Array(n).fill(4)),
  });
  const cholesky = ({ x }: X, { a, b }: any) => ({ x: linalg.choleskySolve(a, b.add(x.mul(0))) });
  const lstsq = ({ x }: X, { a, b }: any) => ({ x: linalg.lstsq(a, b.add(x.mul(0))) });
  test('xla, but graph for a step with linear algebra that XLA is slow in, or with an op it has not', async () => {
    expect((await train(step, start, { data, steps: 1 })).mode).toBe('xla');
    for (const [size, solve, mode] of [
      [4, cholesky, 'xla'],
      [8, cholesky, 'xla'],
      [95, lstsq, 'xla'],
      [96, lstsq, 'graph'],
    ] as const) {
      const run = await train(solve, { x: tf.zeros([size]) }, { data: spd(size), steps: 1 });
      expect(run.mode).toBe(mode);
      run.state.x.values.forEach(value => expect(value).toBeCloseTo(2, 5));
    }
  });

  test.each(['float32', 'float64'] as const)(
    'what is recorded does not change the engine of the step, in %s',
    async dtype => {
      const run = await train(
        ({ a }: { a: tf.Tensor }) => ({ a: a.mul(2) }),
        { a: spd(9).a },
        { steps: 3, record: { top: ({ a }) => linalg.eigvalsh(a).max() }, dtype },
      );
      expect(run.mode).toBe('xla');
      expect(run.rows.map(row => row.top)).toEqual([2, 4, 8, 16]);
    },
  );

  test('one thread for a small step; as asked for', async () => {
    expect((await train(step, start, { data, steps: 1 })).threads).toBe(1);
    expect((await train(step, start, { data, steps: 1, threads: 2 })).threads).toBe(2);
  });
});

describe('side by side', () => {
  test('seeds of one program run at once and give what they give alone', async () => {
    const alone = [];
    for (const seed of seeds(4)) alone.push((await train(noisy, start, { data, steps: 300, seed })).state);
    const together = await Promise.all(seeds(4).map(seed => train(noisy, start, { data, steps: 300, seed })));
    expect(together.map(run => run.state)).toEqual(alone);
  });

  test('the main thread goes on while a loop runs: timers fire and eager operations compute', async () => {
    let ticks = 0;
    const timer = setInterval(() => {
      tf.tidy(() => {
        tf.scalar(1).add(ticks).dataSync();
      });
      ticks++;
    }, 1);
    await train(step, start, { data, steps: 100_000, every: 100_000 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(20);
  });

  test('the same step over a leading axis of seeds is all the runs in one program', async () => {
    const each = await Promise.all(
      [0.1, 0.2].map(rate =>
        train(({ x }: X) => ({ x: x.sub(x.mul(rate)) }), { x: 1 }, { steps: 20, dtype: 'float64' }),
      ),
    );
    const all = await train(
      ({ x }: X, { rate }: any) => ({ x: x.sub(x.mul(rate)) }),
      { x: ndarray([1, 1]) },
      { data: { rate: ndarray([0.1, 0.2]) }, steps: 20, dtype: 'float64' },
    );
    all.state.x.values.forEach((value, i) => expect(Math.abs(value - each[i].state.x.values[0])).toBeLessThan(1e-15));
  });
});

/** Bytes of memory that no file backs, on the machine or swapped out: pages of libraries come and go with its load. */
function anonymousBytes(): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return ['RssAnon', 'VmSwap'].reduce((total, name) => {
    return total + 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)![1]);
  }, 0);
}

long(
  'memory is flat: no tensor is left, and 10,000 runs take no more than the first thousands, in which heaps settle',
  async () => {
    v8.setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const before = tf.memory().numTensors;
    const thousands: number[] = [];
    for (let i = 1; i <= 10_000; i++) {
      await train(({ x }: X) => ({ x: x.add(1) }), { x: 0 }, { steps: 1, record: { x }, mode: 'graph' });
      if (i % 1000 > 0) continue;
      collect();
      await new Promise(setImmediate);
      thousands.push(anonymousBytes());
    }
    expect(thousands[9] - thousands[2]).toBeLessThan(20e6);
    expect(tf.memory().numTensors).toBe(before);
  },
);

test.each<[object, string]>([
  [{ steps: -1 }, 'train: steps is -1 but must be a whole number >= 0'],
  [{ steps: 3, from: 5 }, 'train: steps is 3 but must be a whole number >= 5'],
  [{ steps: 3, every: 0 }, 'train: every is 0 but must be a whole number >= 1'],
  [{ steps: 3, every: [1, 9] }, 'train: every names step 9 but steps are whole numbers from 0 to 3'],
  [{ steps: 3, dt: 0 }, 'train: dt is 0 but must be a finite number > 0'],
  [{ steps: 3, mode: 'fast' }, 'train: mode is "fast" but must be one of "auto", "eager", "graph", "xla"'],
  [{ steps: 3, dtype: 'float16' }, 'train: dtype is "float16" but must be one of "float32", "float64"'],
  [{ steps: 3, mode: 'eager', dtype: 'float64' }, 'train: mode is "eager" but dtype is "float64"'],
  [{ steps: 3, seed: -1 }, 'train: seed is -1 but must be a whole number >= 0'],
  [{ steps: 3, seed: 2 ** 32 }, 'train: seed is 4294967296 but must be below 2^32'],
  [{ steps: 3, threads: 0 }, 'train: threads is 0 but must be a whole number >= 1'],
  [{ steps: 3, record: { t: x } }, 'train: record names "t", which every row has already'],
  [{ steps: 3, record: { y: () => 3 } }, 'train: record.y gave number but must give a tensor'],
])('refuses %o', async (options, message) => {
  await expect(train(s => s, { x: 1 }, options as any)).rejects.toThrow(message);
});

import { expect, test } from 'vitest';
import { ndarray, random, seeds, tf, train } from 'widenet';
import { integerOf, normalQuantile, threefry2x32 } from '../../src/base/generator';

test('the bits of some draws, the same on every machine', () => {
  const hex = (a: { values: ArrayLike<number> }) =>
    Array.from(a.values, v => Buffer.from(Float64Array.of(v).buffer).reverse().toString('hex'));
  expect(hex(random.uniform([2], { seed: 1, stream: 'W' }))).toEqual(['3fa4695f2e2868b0', '3fa0c59ff4183370']);
  expect(hex(random.normal([4], { seed: 1, stream: 'W' }))).toEqual([
    'bffc092afe5a8029',
    'bffd77b3b3c657fb',
    '3ff2e13a7cf6eb84',
    'bffc4598c981de49',
  ]);
  expect(hex(random.normal([2], { seed: 2 ** 32 - 1, stream: 'noise', step: 1000 }))).toEqual([
    'bfedd5c13fe1387c',
    '3fe0284b4d23eb57',
  ]);
});

/** Kolmogorov-Smirnov distance of a sample to the uniform law, times sqrt(n): above 1.95 in 1 of 1000 samples. */
function kolmogorovSmirnov(u: number[]): number {
  const sorted = [...u].sort((a, b) => a - b);
  return Math.sqrt(u.length) * Math.max(...sorted.map((v, i) => Math.max(v - i / u.length, (i + 1) / u.length - v)));
}

test('uniform draws are uniform, normal draws are the same draws through the inverse distribution function', () => {
  const n = 100_000;
  const u = Array.from(random.uniform([n], { seed: 3, stream: 'x' }).values);
  expect(kolmogorovSmirnov(u)).toBeLessThan(1.95);
  expect(Math.min(...u)).toBeGreaterThan(0);
  expect(Math.max(...u)).toBeLessThan(1);
  const x = Array.from(random.normal([n], { seed: 3, stream: 'x' }).values);
  expect(x).toEqual(u.map(normalQuantile));
  const moment = (k: number) => x.reduce((sum, v) => sum + v ** k, 0) / n;
  // Four standard errors of each moment: sqrt(1, 2, 15, 96 / n).
  expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / n));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / n));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
});

test('seeds, streams, steps and neighbours are uncorrelated', () => {
  const n = 20_000;
  const base = random.normal([n], { seed: 0, stream: 'W' }).values;
  const others = [
    { seed: 1, stream: 'W' },
    { seed: 0, stream: 'V' },
    { seed: 0, stream: 'W', step: 1 },
  ].map(key => random.normal([n], key).values);
  const correlation = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a).reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0) / n;
  for (const other of [...others, base.slice(1)])
    expect(Math.abs(correlation(base, other))).toBeLessThan(4 / Math.sqrt(n));
});

test('a larger draw begins with the smaller one; low and high scale', () => {
  const key = { seed: 5, stream: 'x' };
  expect(random.normal([3, 4], key).values.slice(0, 6)).toEqual(random.normal([2, 3], key).values);
  expect(random.normal([3, 4], key).shape).toEqual([3, 4]);
  const u = random.uniform([50], key).values;
  expect(random.uniform([50], { ...key, low: -Math.PI, high: Math.PI }).values).toEqual(
    u.map(v => -Math.PI + 2 * Math.PI * v),
  );
  expect(seeds(3, 10)).toEqual([10, 11, 12]);
});

test('refusals name the value', () => {
  expect(() => random.normal([2], { seed: -1, stream: 'W' })).toThrow(
    /^random.normal: seed is -1 but must be a whole number >= 0$/,
  );
  expect(() => random.normal([2], { seed: 2 ** 32, stream: 'W' })).toThrow(
    /^random.normal: seed is 4294967296 but must be below 2\^32$/,
  );
  expect(() => random.normal([2], { seed: 0, stream: '' })).toThrow(/^random.normal: stream is "" but must be a name$/);
  expect(() => random.normal([-2], { seed: 0, stream: 'W' })).toThrow(
    /^random.normal: shape\[0\] is -2 but must be a whole number >= 0$/,
  );
  expect(() => random.uniform([2], { seed: 0, stream: 'W', low: 1, high: 1 })).toThrow(
    /^random.uniform: low is 1 and high is 1; both must be finite with low < high$/,
  );
  expect(() => seeds(0)).toThrow(/^seeds: count is 0 but must be a whole number >= 1$/);
});

const modes = ['eager', 'graph', 'xla'] as const;

test('uniforms lie in the open interval, in float32 too, where the double rounds to 1', async () => {
  const where = { seed: 0, stream: 'batch' };
  expect(Math.fround(random.uniform([64], { ...where, step: 61452 }).values[49])).toBe(1);
  const before = 1 - 2 ** -24;
  for (const mode of modes) {
    const run = await train(
      (_: any, __: any, draw) => ({ u: draw.uniform([64], 'batch') }),
      { u: tf.zeros([64]) },
      { from: 61451, steps: 61452, seed: 0, mode },
    );
    expect(run.state.u.values, mode).toEqual(
      Float32Array.from(random.uniform([64], { ...where, step: 61452 }).values, u => Math.min(u, before)),
    );
  }
});

test.each(['float32', 'float64'] as const)("normals inside a step are the host's, however many, in %s", async dtype => {
  const sizes = [1, 255, 256, 257, 600];
  const zeros = Object.fromEntries(sizes.map(n => [`n${n}`, ndarray(new Float64Array(n))]));
  const step = (_: any, __: any, draw: any) =>
    Object.fromEntries(sizes.map(n => [`n${n}`, draw.normal([n], `of ${n}`)]));
  const record = Object.fromEntries(sizes.map(n => [`n${n}`, (state: any) => state[`n${n}`]]));
  const { rows } = await train(step, zeros, { steps: 3, seed: 5, record, dtype });
  const rounded = dtype === 'float32' ? Math.fround : Number;
  for (const row of rows.slice(1) as any[])
    for (const n of sizes)
      expect(row[`n${n}`]).toEqual(
        Array.from(random.normal([n], { seed: 5, stream: `of ${n}`, step: row.step }).values, x => rounded(x)),
      );
});

test('draws of every kind are the same numbers on one thread and on two, and those of the host', async () => {
  const n = 700; // so many that the addon starts threads for them
  const zeros = ndarray(new Float64Array(n));
  const whole = ndarray(new Int32Array(n));
  const step = (_: any, __: any, draw: any) => ({
    normal: draw.normal([n], 'a'),
    uniform: draw.uniform([n], 'b'),
    integers: draw.integers([n], 'c', { high: 1000 }),
    order: draw.permutation(n, 'd'),
  });
  const start = { normal: zeros, uniform: zeros, integers: whole, order: whole };
  const names = Object.keys(start) as (keyof typeof start)[];
  const record = Object.fromEntries(names.map(name => [name, (state: any) => state[name]]));
  const options = { steps: 60, seed: 5, record, dtype: 'float64', every: 1 } as const;
  const [one, two] = await Promise.all([1, 2].map(threads => train(step, start, { ...options, threads })));
  expect(two.rows).toEqual(one.rows);
  for (const { step, normal, uniform } of two.rows.slice(1) as any[]) {
    expect(normal).toEqual(Array.from(random.normal([n], { seed: 5, stream: 'a', step }).values));
    expect(uniform).toEqual(Array.from(random.uniform([n], { seed: 5, stream: 'b', step }).values));
  }
});

test('uniforms between neighbours: no double but those between low and high, ends left out', () => {
  const key = { seed: 1, stream: 'narrow' },
    eps = Number.EPSILON;
  expect(new Set(random.uniform([1000], { ...key, low: 1, high: 1 + 2 * eps }).values)).toEqual(new Set([1 + eps]));
  expect(new Set(random.uniform([1000], { ...key, low: 1, high: 1 + 4 * eps }).values)).toEqual(
    new Set([1 + eps, 1 + 2 * eps, 1 + 3 * eps]),
  );
  expect(new Set(random.uniform([1000], { ...key, low: -1 - 4 * eps, high: -1 }).values)).toEqual(
    new Set([-1 - eps, -1 - 2 * eps, -1 - 3 * eps]),
  );
  expect(new Set(random.uniform([99], { ...key, low: -5e-324, high: 5e-324 }).values)).toEqual(new Set([0]));
  expect(() => random.uniform([1], { ...key, low: 1, high: 1 + eps })).toThrow(
    /^random\.uniform: low is 1 and high is 1\.0000000000000002; no double lies between$/,
  );
  expect(() => random.uniform([1], { ...key, low: 0, high: 5e-324 })).toThrow(
    /^random\.uniform: low is 0 and high is 5e-324; no double lies between$/,
  );
  const wide = random.uniform([1000], { ...key, low: -1.7e308, high: 1.7e308 }).values;
  expect(wide.every(Number.isFinite) && Math.max(...wide) > 1.6e308 && Math.min(...wide) < -1.6e308).toBe(true);
});

test('an integer is floor(range w / 2^64) of 64 bits w, exactly', () => {
  const words = new Uint32Array(2);
  const check = (range: number) =>
    expect(integerOf(words, range)).toBe(
      Number((((BigInt(words[0]) << 32n) | BigInt(words[1])) * BigInt(range)) >> 64n),
    );
  for (const range of [1, 2, 3, 7, 10, 65535, 65536, 65537, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32]) {
    for (const [a, b] of [
      [0, 0],
      [2 ** 32 - 1, 2 ** 32 - 1],
      [2 ** 31, 0],
      [65535, 65536],
      [2 ** 32 - 1, 0],
      [1431655765, 1431655766],
    ]) {
      words.set([a, b]);
      check(range);
    }
    for (let i = 0; i < 2000; i++) {
      threefry2x32(1, 2, 3, i, words);
      check(range);
    }
  }
});

/** Chi-squared of counts that should be equal, as standard deviations from its mean: above 4 in 1 of 10,000 samples. */
function excess(counts: readonly number[]): number {
  const mean = counts.reduce((a, b) => a + b) / counts.length,
    freedom = counts.length - 1;
  return (counts.reduce((sum, n) => sum + (n - mean) ** 2 / mean, 0) - freedom) / Math.sqrt(2 * freedom);
}

test('integers: each value of the interval equally often, and none beside it; permutations: each order equally often', () => {
  const values = random.integers([60_000], { seed: 1, stream: 'i', low: -3, high: 4 }).values;
  expect(values).toBeInstanceOf(Int32Array);
  const counts = Array.from({ length: 7 }, (_, i) => values.filter(v => v === i - 3).length);
  expect(counts.reduce((a, b) => a + b)).toBe(60_000);
  expect(Math.abs(excess(counts))).toBeLessThan(4);
  const orders = new Map<string, number>();
  for (let step = 0; step < 12_000; step++) {
    const order = random.permutation(4, { seed: 1, stream: 'p', step }).values.join();
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  expect(orders.size).toBe(24);
  expect(Math.abs(excess([...orders.values()]))).toBeLessThan(4);
  expect(Array.from(random.permutation(1000, { seed: 0, stream: 'p' }).values).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 1000 }, (_, i) => i),
  );
  const ends = random.integers([4000], { seed: 2, stream: 'i', low: -(2 ** 31), high: 2 ** 31 }).values;
  expect(Math.max(...ends) > 2 ** 31 * 0.99 && Math.min(...ends) < -(2 ** 31) * 0.99).toBe(true);
  expect(random.permutation(0, { seed: 0, stream: 'p' })).toEqual({ shape: [0], values: Int32Array.of() });
});

test('the bits of some integers and permutations, the same on every machine', () => {
  expect(Array.from(random.integers([6], { seed: 1, stream: 'i', high: 100 }).values)).toEqual([76, 25, 18, 94, 61, 8]);
  expect(Array.from(random.permutation(6, { seed: 1, stream: 'p' }).values)).toEqual([0, 1, 3, 2, 4, 5]);
});

test.each(modes)("integers and permutations inside a step are the host's, and serve as indices, in %s", async mode => {
  const step = (_: any, { X }: any, draw: any) => {
    const rows = draw.integers([5], 'rows', { high: 10 });
    return {
      rows,
      wide: draw.integers([2, 3], 'wide', { low: -(2 ** 31), high: 2 ** 31 }),
      order: draw.permutation(8, 'order'),
      x: tf.gather(X, rows),
    };
  };
  const int = (shape: number[]) => tf.zeros(shape, 'int32');
  const start = { rows: int([5]), wide: int([2, 3]), order: int([8]), x: tf.zeros([5]) };
  const record = {
    rows: ({ rows }: any) => rows,
    wide: ({ wide }: any) => wide.reshape([6]),
    order: ({ order }: any) => order,
    x: ({ x }: any) => x,
  };
  const { rows } = await train(step, start, { data: { X: tf.range(0, 10).mul(10) }, steps: 9, record, seed: 7, mode });
  for (const row of rows.slice(1)) {
    const key = (stream: string) => ({ seed: 7, stream, step: row.step });
    expect(row.rows).toEqual(Array.from(random.integers([5], { ...key('rows'), high: 10 }).values));
    expect(row.wide).toEqual(
      Array.from(random.integers([6], { ...key('wide'), low: -(2 ** 31), high: 2 ** 31 }).values),
    );
    expect(row.order).toEqual(Array.from(random.permutation(8, key('order')).values));
    expect(row.x).toEqual((row.rows as number[]).map(i => 10 * i));
  }
});

test('of two streams that the generator takes for one, the second is refused, wherever each was named', async () => {
  const message =
    'stream "liquid" would draw the same numbers as stream "costarring", because both have the same word in the key of the generator; choose another name';
  random.normal([1], { seed: 0, stream: 'costarring' });
  random.uniform([1], { seed: 1, stream: 'costarring' });
  expect(() => random.integers([1], { seed: 5, stream: 'liquid', high: 2 })).toThrow(`random.integers: ${message}`);
  for (const mode of modes)
    await expect(
      train((_: any, __: any, draw) => ({ x: draw.normal([], 'liquid') }), { x: 0 }, { steps: 1, mode }),
    ).rejects.toThrow(`train: draw.normal: ${message}`);
});

test('refusals of integers and permutations name the value', async () => {
  const key = { seed: 0, stream: 'i' };
  expect(() => random.integers([2], key as any)).toThrow(
    /^random\.integers: high is undefined but must be a whole number$/,
  );
  expect(() => random.integers([2], { ...key, high: 0 })).toThrow(
    /^random\.integers: low is 0 and high is 0; int32 needs -2\^31 <= low < high <= 2\^31$/,
  );
  expect(() => random.integers([2], { ...key, high: 2 ** 31 + 1 })).toThrow(
    /^random\.integers: low is 0 and high is 2147483649; int32 needs/,
  );
  expect(() => random.integers([2], { ...key, low: 0.5, high: 2 })).toThrow(
    /^random\.integers: low is 0\.5 but must be a whole number$/,
  );
  expect(() => random.permutation(-1, key)).toThrow(
    /^random\.permutation: shape\[0\] is -1 but must be a whole number >= 0$/,
  );
  expect(() => random.normal([2], { ...key, low: 2 } as any)).toThrow(
    /^random\.normal: low is no option; there is seed, stream, step$/,
  );
  expect(() => random.uniform([2], { ...key, hihg: 2 } as any)).toThrow(
    /^random\.uniform: hihg is no option; did you mean high\?$/,
  );
  const inside = (f: (draw: any) => tf.Tensor) =>
    train((_: any, __: any, draw) => ({ x: f(draw).toFloat().sum() }), { x: 0 }, { steps: 1 });
  await expect(inside(draw => draw.integers([2], 'i'))).rejects.toThrow(
    'train: draw.integers: options are undefined but must be an object',
  );
  await expect(inside(draw => draw.integers([2], 'i', { max: 3 }))).rejects.toThrow(
    'train: draw.integers: max is no option; there is low, high',
  );
  await expect(inside(draw => draw.integers([2], 'i', { low: 3, high: 3 }))).rejects.toThrow(
    'train: draw.integers: low is 3 and high is 3; int32 needs -2^31 <= low < high <= 2^31',
  );
  await expect(inside(draw => draw.permutation(2.5, 'p'))).rejects.toThrow(
    'train: draw.permutation: n is 2.5 but must be a whole number >= 0',
  );
});

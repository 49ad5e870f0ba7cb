import { expect, test } from 'vitest';
import { bernoulli, box, fokkerPlanck, gibbs, onBox, outflow, relativeEntropy } from '../../src/math/finite-volume';
import type { NdArray } from '../../src/base/ndarray';
import { tensor } from '../../src/base/tensors';
import * as random from '../../src/base/random';
import { tf } from '../../src/autodiff/tf';
import type { Tensors } from '../../src/compile/tree';
import { train } from '../../src/train/train';

const sum = (v: ArrayLike<number>) => Array.from(v).reduce((s, x) => s + x, 0);
const largest = (v: ArrayLike<number>) => Array.from(v).reduce((m, x) => Math.max(m, x), -Infinity);

type Still = { psi: NdArray; beta: number; spacing: number; dt: number };
const step = ({ p }: { p: tf.Tensor }, { psi, ...scheme }: Tensors<Still>) => ({ p: fokkerPlanck(p, psi, scheme) });
const run = async (p: NdArray, data: Still, steps: number) =>
  (await train(step, { p }, { data, steps, every: steps, dtype: 'float64' })).state.p.values;

const grid = box({ cells: 33, half: 4 });
const { spacing } = grid;
const beta = 0.3;
const wells = onBox(grid, (a, b) => 0.4 * (a * a + b * b) + Math.sin(2 * a) * Math.cos(b) + 0.2 * a * b);
const noise = random.uniform([33, 33], { seed: 0, stream: 'p' }).values;
const rough = { shape: [33, 33], values: noise.map(v => v / sum(noise)) };

test('the discrete Gibbs measure does not move', async () => {
  const p = gibbs(wells, beta);
  const moved = await run(p, { psi: wells, beta, spacing, dt: 1 / outflow(wells, { beta, spacing }) }, 1);
  // relative to each cell, however small its mass: exp(-psi / beta) itself is rounded to |psi / beta| 1e-16
  const relative = largest(p.values.map((v, i) => Math.abs(moved[i] - v) / v / (1 + Math.abs(wells.values[i]) / beta)));
  expect(largest(p.values) / Math.min(...p.values)).toBeGreaterThan(1e20);
  expect(relative).toBeLessThan(1e-14);
});

test('mass is conserved and a positive density stays positive at the largest step, not beyond', async () => {
  const dt = 1 / outflow(wells, { beta, spacing });
  const p = await run(rough, { psi: wells, beta, spacing, dt }, 2000);
  expect(Math.abs(sum(p) - 1)).toBeLessThan(1e-13);
  expect(Math.min(...p)).toBeGreaterThan(0);
  const corner = { shape: [33, 33], values: new Float64Array(33 * 33) };
  const worst = wells.values.reduce((at, v, i, all) => (v > all[at] ? i : at), 0);
  corner.values[worst] = 1;
  expect((await run(corner, { psi: wells, beta, spacing, dt }, 1))[worst]).toBeGreaterThanOrEqual(0);
  expect((await run(corner, { psi: wells, beta, spacing, dt: 2 * dt }, 1))[worst]).toBeLessThan(0);
});

test('a step is the flux of the docstring, cell by cell', async () => {
  const dt = 0.5 / outflow(wells, { beta, spacing });
  const p = rough.values,
    psi = wells.values;
  const expected = Float64Array.from(p);
  const pass = (a: number, b: number) => {
    const z = (psi[b] - psi[a]) / beta;
    const flux = ((dt * beta) / spacing ** 2) * (bernoulli(z) * p[a] - bernoulli(-z) * p[b]);
    expected[a] -= flux;
    expected[b] += flux;
  };
  for (let i = 0; i < 33; i++)
    for (let j = 0; j < 33; j++) {
      if (i < 32) pass(i * 33 + j, i * 33 + 33 + j);
      if (j < 32) pass(i * 33 + j, i * 33 + j + 1);
    }
  const got = await run(rough, { psi: wells, beta, spacing, dt }, 1);
  expect(largest(expected.map((v, i) => Math.abs(got[i] - v)))).toBeLessThan(1e-16);
  const eager = tf.tidy(() => fokkerPlanck(tensor(rough), tensor(wells), { beta, spacing, dt }).dataSync());
  expect(largest(expected.map((v, i) => Math.abs(eager[i] - v)))).toBeLessThan(1e-8);
});

test('B(z) of the step is that of expm1, to rounding, for every z: small, zero, at the edge of the fit and far beyond', async () => {
  const sizes = [
    0,
    1e-300,
    1e-17,
    1e-12,
    1e-8,
    1e-4,
    ...Array.from({ length: 800 }, (_, i) => 0.05 * (i + 1)),
    36.79,
    36.8,
    36.81,
    50,
    100,
    700,
    1e4,
    1e6,
    1e12,
    1e16,
  ];
  const z = sizes.flatMap(size => [size, -size]);
  // In every second column one cell holds all the mass: what its neighbour in the other row has after the step is B(z).
  const columns = 2 * z.length;
  const p = {
    shape: [2, columns],
    values: Float64Array.from({ length: 2 * columns }, (_, i) => (i < columns && i % 2 === 0 ? 1 : 0)),
  };
  const psi = {
    shape: [2, columns],
    values: Float64Array.from({ length: 2 * columns }, (_, i) =>
      i >= columns && i % 2 === 0 ? z[(i - columns) / 2] : 0,
    ),
  };
  const after = await run(p, { psi, beta: 1, spacing: 1, dt: 1 }, 1);
  const errors = z.map((z, k) => Math.abs(after[columns + 2 * k] - bernoulli(z)) / Math.max(1, Math.abs(z)));
  expect(largest(errors)).toBeLessThan(1e-15);
});

test('outflow is the largest sum of the rates through the faces of a cell', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const psi = random.normal([33, 33], { seed, stream: 'psi' });
    const out = new Float64Array(33 * 33);
    const pass = (a: number, b: number) => {
      const z = (psi.values[b] - psi.values[a]) / beta;
      out[a] += (beta / spacing ** 2) * bernoulli(z);
      out[b] += (beta / spacing ** 2) * bernoulli(-z);
    };
    for (let i = 0; i < 33; i++)
      for (let j = 0; j < 33; j++) {
        if (i < 32) pass(i * 33 + j, i * 33 + 33 + j);
        if (j < 32) pass(i * 33 + j, i * 33 + j + 1);
      }
    expect(outflow(psi, { beta, spacing })).toBeCloseTo(largest(out), 9);
  }
});

test('without a potential the steps are those of the heat equation', async () => {
  const flat = onBox(grid, () => 1);
  const wave = onBox(grid, a => (1 / 33 ** 2) * (1 + 0.5 * Math.cos((Math.PI * (a + 4)) / 8)));
  const dt = 0.01,
    steps = 50;
  const decay = (1 - beta * dt * ((2 * Math.sin(Math.PI / 66)) / spacing) ** 2) ** steps;
  const p = await run(wave, { psi: flat, beta, spacing, dt }, steps);
  expect(largest(wave.values.map((v, i) => Math.abs(p[i] * 33 ** 2 - 1 - (v * 33 ** 2 - 1) * decay)))).toBeLessThan(
    1e-12,
  );
});

test('Ornstein-Uhlenbeck: mean and variance follow their closed forms, to second order in the spacing', async () => {
  const lambda = 0.7,
    t = 1.5,
    steps = 20000;
  const errors = await Promise.all(
    [33, 65].map(async cells => {
      const fine = box({ cells, half: 6 });
      const psi = onBox(fine, (a, b) => (lambda / 2) * (a * a + b * b));
      const p0 = gibbs(
        onBox(fine, (a, b) => ((a - 1.5) ** 2 + (b + 1) ** 2) / 2),
        0.2,
      );
      const p = await run(p0, { psi, beta, spacing: fine.spacing, dt: t / steps }, steps);
      const moments = (density: ArrayLike<number>) => {
        const a = onBox(fine, a => a).values;
        const mean = sum(a.map((v, i) => v * density[i]));
        return { mean, variance: sum(a.map((v, i) => (v - mean) ** 2 * density[i])) };
      };
      const [from, to] = [moments(p0.values), moments(p)];
      const decay = Math.exp(-lambda * t);
      return [
        to.mean - from.mean * decay,
        to.variance - (from.variance * decay ** 2 + (beta / lambda) * (1 - decay ** 2)),
      ];
    }),
  );
  for (const k of [0, 1]) {
    const ratio = (65 / 33) ** 2;
    expect(errors[0][k] / errors[1][k]).toBeGreaterThan(0.9 * ratio);
    expect(errors[0][k] / errors[1][k]).toBeLessThan(1.1 * ratio);
    expect(Math.abs(ratio * errors[1][k] - errors[0][k]) / (ratio - 1)).toBeLessThan(5e-4);
  }
});

test('relative entropy: Gaussians in closed form, and far below the rounding of 1', async () => {
  const fine = box({ cells: 129, half: 8 });
  const q = gibbs(
    onBox(fine, (a, b) => (a * a + b * b) / 2),
    1,
  );
  const shifted = (by: number) =>
    gibbs(
      onBox(fine, (a, b) => ((a - by) ** 2 + b * b) / 2),
      1,
    );
  const entropy = async (p: NdArray, q: NdArray) =>
    (await train(s => s, { p, q }, { steps: 1, dtype: 'float64', record: { kl: ({ p, q }) => relativeEntropy(p, q) } }))
      .rows[0].kl;
  for (const by of [1, 1e-3, 1e-9])
    expect((await entropy(shifted(by), q)) / ((by * by) / 2)).toBeCloseTo(1, by === 1e-9 ? 5 : 9);
  const half = { shape: [2], values: Float64Array.of(0.5, 0.5) };
  expect(await entropy({ shape: [2], values: Float64Array.of(0, 1) }, half)).toBeCloseTo(Math.log(2), 14);
  expect(await entropy({ shape: [2], values: Float64Array.of(0.9, 0.1) }, half)).toBeCloseTo(
    0.9 * Math.log(1.8) + 0.1 * Math.log(0.2),
    14,
  );
});

test('what makes no sense is refused', () => {
  expect(() => box({ cells: 1, half: 2 })).toThrow(/box: cells is 1 but must be a whole number >= 2/);
  expect(() => box({ cells: 9, half: -1 })).toThrow(/box: half is -1/);
  expect(() => gibbs(wells, 0)).toThrow(/gibbs: beta is 0/);
  expect(() => gibbs({ shape: [2], values: Float64Array.of(-Infinity, 0) }, 1)).toThrow(
    /gibbs: the lowest value of psi is -Infinity/,
  );
  const [p, line] = [tf.ones([3, 4]), tf.ones([3])];
  expect(() => fokkerPlanck(p, line, { beta, spacing, dt: 1 })).toThrow(
    /fokkerPlanck: p is \[3,4\] but psi is \[3\]; shapes must match/,
  );
  expect(() => fokkerPlanck(line, line, { beta, spacing, dt: 1 })).toThrow(
    /fokkerPlanck: p is \[3\] but must be a matrix/,
  );
  expect(() => relativeEntropy(p, line)).toThrow(/relativeEntropy: p is \[3,4\] but q is \[3\]/);
});

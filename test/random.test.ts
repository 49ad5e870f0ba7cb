import { expect, test } from 'vitest';
import { random, seeds } from 'widenet';
import { normalQuantile } from '../src/generator';

test('the bits of some draws, the same on every machine', () => {
  const hex = (a: { values: ArrayLike<number> }) => Array.from(a.values, v => Buffer.from(Float64Array.of(v).buffer).reverse().toString('hex'));
  expect(hex(random.uniform([2], { seed: 1, stream: 'W' }))).toEqual(['3fa4695f2e2868b0', '3fa0c59ff4183370']);
  expect(hex(random.normal([4], { seed: 1, stream: 'W' }))).toEqual(['bffc092afe5a8029', 'bffd77b3b3c657fb', '3ff2e13a7cf6eb84', 'bffc4598c981de49']);
  expect(hex(random.normal([2], { seed: 2 ** 32 - 1, stream: 'noise', step: 1000 }))).toEqual(['bfedd5c13fe1387c', '3fe0284b4d23eb57']);
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
  const others = [{ seed: 1, stream: 'W' }, { seed: 0, stream: 'V' }, { seed: 0, stream: 'W', step: 1 }].map(key => random.normal([n], key).values);
  const correlation = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0) / n;
  for (const other of [...others, base.slice(1)]) expect(Math.abs(correlation(base, other))).toBeLessThan(4 / Math.sqrt(n));
});

test('a larger draw begins with the smaller one; low and high scale', () => {
  const key = { seed: 5, stream: 'x' };
  expect(random.normal([3, 4], key).values.slice(0, 6)).toEqual(random.normal([2, 3], key).values);
  expect(random.normal([3, 4], key).shape).toEqual([3, 4]);
  const u = random.uniform([50], key).values;
  expect(random.uniform([50], { ...key, low: -Math.PI, high: Math.PI }).values).toEqual(u.map(v => -Math.PI + 2 * Math.PI * v));
  expect(seeds(3, 10)).toEqual([10, 11, 12]);
});

test('refusals name the value', () => {
  expect(() => random.normal([2], { seed: -1, stream: 'W' })).toThrow(/^random.normal: seed is -1 but must be a whole number >= 0$/);
  expect(() => random.normal([2], { seed: 2 ** 32, stream: 'W' })).toThrow(/^random.normal: seed is 4294967296 but must be below 2\^32$/);
  expect(() => random.normal([2], { seed: 0, stream: '' })).toThrow(/^random.normal: stream is "" but must be a name$/);
  expect(() => random.normal([-2], { seed: 0, stream: 'W' })).toThrow(/^random.normal: shape\[0\] is -2 but must be a whole number >= 0$/);
  expect(() => random.uniform([2], { seed: 0, stream: 'W', low: 1, high: 1 })).toThrow(/^random.uniform: low is 1 and high is 1; both must be finite with low < high$/);
  expect(() => seeds(0)).toThrow(/^seeds: count is 0 but must be a whole number >= 1$/);
});

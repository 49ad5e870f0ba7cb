import { expect, test } from 'vitest';
import { gaussian, paired, signs, sphere } from '../../src/math/data';

const rowsOf = (a: { shape: readonly number[]; values: ArrayLike<number> }) =>
  Array.from({ length: a.shape[0] }, (_, i) => Array.from(a.values).slice(i * a.shape[1], (i + 1) * a.shape[1]));
const norm = (v: number[]) => Math.hypot(...v);

test('sphere: every row has the radius, sqrt(d) by default, and the direction of the Gaussian draw of the same stream', () => {
  const X = sphere({ n: 7, d: 5, seed: 3 });
  expect(X.shape).toEqual([7, 5]);
  const raw = rowsOf(gaussian({ n: 7, d: 5, seed: 3 }));
  rowsOf(X).forEach((row, a) => {
    expect(norm(row)).toBeCloseTo(Math.sqrt(5), 13);
    row.forEach((x, j) => expect(x / Math.sqrt(5)).toBeCloseTo(raw[a][j] / norm(raw[a]), 13));
  });
  rowsOf(sphere({ n: 7, d: 5, seed: 3, radius: 2 })).forEach(row => expect(norm(row)).toBeCloseTo(2, 13));
});

test('sphere: coordinates have mean 0, variance 1 and the fourth moment 3 d / (d + 2) of the sphere', () => {
  const d = 4;
  const x = Array.from(sphere({ n: 20000, d, seed: 0 }).values);
  const moment = (k: number) => x.reduce((sum, u) => sum + u ** k, 0) / x.length;
  expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(x.length));
  expect(moment(2)).toBeCloseTo(1, 12);
  expect(Math.abs(moment(4) - (3 * d) / (d + 2))).toBeLessThan(0.05);
});

test('another seed or stream gives other inputs, the same ones the same bits', () => {
  const draw = (seed: number, stream?: string) => Array.from(sphere({ n: 3, d: 2, seed, stream }).values);
  expect(draw(1)).toEqual(draw(1));
  expect(draw(2)).not.toEqual(draw(1));
  expect(draw(1, 'test')).not.toEqual(draw(1));
});

test('signs: only +-scale, both equally often to 5 standard deviations', () => {
  const y = Array.from(signs({ n: 10000, seed: 1, scale: 0.5 }).values);
  expect(new Set(y)).toEqual(new Set([0.5, -0.5]));
  expect(Math.abs(y.filter(v => v > 0).length - 5000)).toBeLessThan(250);
});

test('paired: any network of the pairs is exactly zero, and a wider draw begins with the narrower one', () => {
  const { W, c } = paired({ m: 10, d: 3, seed: 2, scale: 2 });
  const w = rowsOf(W);
  const x = [0.3, -1.2, 0.7];
  const out = (i: number) => c.values[i] * Math.tanh(w[i][0] * x[0] + w[i][1] * x[1] + w[i][2] * x[2]);
  expect(w.slice(0, 5).reduce((sum, _, i) => sum + (out(i) + out(i + 5)), 0)).toBe(0);
  expect(Array.from(c.values)).toEqual([2, 2, 2, 2, 2, -2, -2, -2, -2, -2]);
  expect(rowsOf(paired({ m: 40, d: 3, seed: 2 }).W).slice(0, 5)).toEqual(w.slice(0, 5));
});

test('what cannot be drawn is refused by name', () => {
  expect(() => sphere({ n: 0, d: 2, seed: 0 })).toThrow(/sphere: n is 0/);
  expect(() => sphere({ n: 1, d: 2, seed: 0, radius: -1 })).toThrow(/sphere: radius is -1/);
  expect(() => gaussian({ n: 1, d: 1.5, seed: 0 })).toThrow(/gaussian: d is 1.5/);
  expect(() => signs({ n: 2, seed: 0, scale: 0 })).toThrow(/signs: scale is 0/);
  expect(() => paired({ m: 5, d: 2, seed: 0 })).toThrow(/paired: m is 5 but must be even/);
});

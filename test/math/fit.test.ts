import { expect, test } from 'vitest';
import { fitLine, fitRate } from '../../src/math/fit';
import * as random from '../../src/base/random';

const times = Array.from({ length: 40 }, (_, i) => 5 * i);
const rowsOf = (y: (t: number) => number) => times.map(t => ({ step: t, t, loss: y(t) }));

test('an exact exponential gives its rate, amplitude and no spread', () => {
  const fit = fitRate(
    rowsOf(t => 3 * Math.exp(-0.25 * t)),
    { y: 'loss' },
  );
  expect(fit.rate).toBeCloseTo(0.25, 12);
  expect(fit.intercept).toBeCloseTo(Math.log(3), 10);
  expect(fit.r2).toBeCloseTo(1, 12);
  expect(fit.interval[1] - fit.interval[0]).toBeLessThan(1e-10);
  expect(fit).toMatchObject({ points: 40, window: [0, 195] });
});

test('the window and the floor choose the rows', () => {
  const rows = rowsOf(t => (t < 100 ? Math.exp(-t) : 1e-30) + 1e-12);
  expect(fitRate(rows, { y: 'loss', from: 5, to: 50, floor: 1e-11 })).toMatchObject({ points: 5, window: [5, 25] });
  expect(fitRate(rows, { y: 'loss', from: 100 }).rate).toBeCloseTo(0, 12);
  expect(fitRate(rows, { y: 'loss', to: 20 }).points).toBe(5);
});

test('slope, interval and r2 of a textbook sample', () => {
  // Anscombe's first set: slope 0.5001, standard error 0.1179, R^2 = 0.6665, t quantile at 9 degrees of freedom 2.2622.
  const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
  const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
  const { slope, intercept, interval, r2, points } = fitLine(x, y);
  expect(slope).toBeCloseTo(0.50009, 5);
  expect(intercept).toBeCloseTo(3.00009, 5);
  expect(r2).toBeCloseTo(0.66654, 5);
  expect((interval[1] - interval[0]) / 2).toBeCloseTo(2.2622 * 0.11791, 3);
  expect(points).toBe(11);
});

test('typed arrays are fitted in double precision, as lists of the same numbers are', () => {
  const x = Float32Array.from(times, t => 1000 + t / 7);
  const y = Float32Array.from(x, (v, i) => v / 3 + (i % 3));
  expect(fitLine(x, y)).toEqual(fitLine([...x], [...y]));
});

test('the interval covers the true slope 95 times in 100, also with 5 points', () => {
  for (const count of [5, 20]) {
    const x = times.slice(0, count);
    const covered = Array.from({ length: 2000 }, (_, seed) => {
      const noise = random.normal([count], { seed, stream: 'noise' }).values;
      const [low, high] = fitLine(
        x,
        x.map((u, i) => 1 + 0.1 * u + noise[i]),
      ).interval;
      return low <= 0.1 && 0.1 <= high;
    }).filter(Boolean).length;
    expect(Math.abs(covered / 2000 - 0.95)).toBeLessThan(0.02);
  }
});

test('what cannot be fitted is refused', () => {
  expect(() => fitLine([1, 2], [1])).toThrow(/fitLine: x has 2 points but y has 1/);
  expect(() => fitLine([1, 2], [1, 2])).toThrow(/fitLine: 2 points, but an interval needs at least 5/);
  expect(() => fitLine([1, 1, 1, 1, 1], [1, 2, 3, 4, 5])).toThrow(/all 5 points have x = 1/);
  expect(() => fitLine([1, 2, 3, 4, 5], [1, 2, NaN, 4, 5])).toThrow(/point 2 is \(3, NaN\)/);
  expect(() =>
    fitRate(
      rowsOf(() => 0),
      { y: 'loss' },
    ),
  ).toThrow(/fitRate: loss is 0 at t = 0/);
  expect(() =>
    fitRate(
      rowsOf(() => 1),
      { y: 'risk' },
    ),
  ).toThrow(/fitRate: risk is undefined at t = 0/);
  expect(() =>
    fitRate(
      rowsOf(() => 1),
      { y: 'loss', from: 190 },
    ),
  ).toThrow(/fitRate: 2 of 40 rows/);
  expect(() =>
    fitRate(
      rowsOf(() => 1),
      { y: 'loss', floor: -1 },
    ),
  ).toThrow(/fitRate: floor is -1/);
});

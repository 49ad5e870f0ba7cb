import { expect, test } from 'vitest';
import { fitLine, fitRate, rateDrift } from '../../src/math/fit';
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
  const clipped = rowsOf(t => Math.max(Math.exp(-t), 1e-15));
  expect(fitRate(clipped, { y: 'loss', floor: 1e-15 })).toMatchObject({ points: 7, window: [0, 30] });
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

const drifting = Array.from({ length: 100 }, (_, i) => 10 + i);
const drift = (y: (t: number) => number, window = {}) =>
  rateDrift(
    drifting.map(t => ({ t, loss: y(t) })),
    { y: 'loss', ...window },
  );

test('the rate of an exponential does not drift, and each rival drifts as is told, whatever its exponent', () => {
  expect(drift(t => 3 * Math.exp(-0.7 * t)).drift).toBeCloseTo(1, 10);
  for (const b of [0.5, 4]) {
    const power = drift(t => 7 * t ** -b);
    expect(power.drift).toBeCloseTo(power.powerLaw, 10);
    const stretched = drift(t => 7 * Math.exp(-b * Math.sqrt(t)));
    expect(stretched.drift).toBeCloseTo(stretched.stretched, 10);
  }
  // Means of 1/t and of 1/sqrt(t) over the two thirds, for slopes over a third whose curvature is small.
  const { powerLaw, stretched } = drift(t => Math.exp(-t), { from: 60, to: 109 });
  expect(powerLaw).toBeCloseTo(68.17 / 100.83, 2);
  expect(stretched).toBeCloseTo(Math.sqrt(68.17 / 100.83), 2);
});

test('a rate that falls threefold over the window is seen, although a straight line fits well', () => {
  const falling = (t: number) => Math.exp(-0.3 * (t - ((t - 10) ** 2 / (2 * 99)) * (2 / 3)));
  expect(drift(falling).drift).toBeCloseTo((1 - (2 / 3) * (5 / 6)) / (1 - (2 / 3) * (1 / 6)), 2);
  const rows = drifting.map(t => ({ t, loss: falling(t) }));
  expect(fitRate(rows, { y: 'loss' }).r2).toBeGreaterThan(0.95);
});

test.each<[string, (t: number) => number, boolean]>([
  ['exponential growth, whose rates have the ratio 1', t => Math.exp(0.3 * t), false],
  ['a constant', () => 1, false],
  ['growth, then decay', t => Math.exp(-((t - 60) ** 2) / 200), false],
  ['decay, then growth', t => Math.exp((t - 60) ** 2 / 200), true],
])('no band around 1 has the drift of %s', (_, y, isNumber) => {
  const { drift: found, powerLaw, stretched } = drift(y);
  expect(Number.isNaN(found)).toBe(!isNumber);
  if (isNumber) expect(found).toBeLessThan(0);
  expect(0 < powerLaw && powerLaw < stretched && stretched < 1).toBe(true);
});

test('NaN is no value below the floor: a curve that diverged is not fitted on what came before', () => {
  const rows = drifting.map(t => ({ t, loss: t > 90 ? NaN : Math.exp(-0.1 * t) }));
  for (const judged of [fitRate, rateDrift])
    expect(() => judged(rows, { y: 'loss', floor: 1e-9 })).toThrow(/: loss is NaN at t = 91 but must be a number > 0/);
});

test.each<[() => unknown, RegExp]>([
  [
    () => drift(t => t, { to: 19 }),
    /^rateDrift: 10 of 100 rows have .*; 4 and 4 of them in the first and last third, but/,
  ],
  [
    () =>
      rateDrift(
        Array.from({ length: 30 }, (_, i) => 2 ** (i / 3)).map(t => ({ t, loss: 1 / t })),
        { y: 'loss' },
      ),
    /^rateDrift: .*; 25 and 2 of them in the first and last third, but each needs 5$/,
  ],
  [() => drift(t => t, { from: 200 }), /^rateDrift: 0 of 100 rows have 200 <= t <= Infinity and loss > 0$/],
  [() => drift(t => t - 50), /^rateDrift: loss is -40 at t = 10 but must be a number > 0 \(or give a floor\)$/],
  [
    () => rateDrift(rowsOf(Math.cosh), { y: 'loss' }),
    /^rateDrift: the first row used has t = 0, but t\^-b needs t > 0: give from$/,
  ],
  [
    () =>
      rateDrift(
        [...drifting, 50].map(t => ({ t, loss: t })),
        { y: 'loss' },
      ),
    /^rateDrift: times must increase, but t = 50 comes after 109$/,
  ],
])('a drift that cannot be judged is refused: %s', (judged, message) => expect(judged).toThrow(message));

/** Straight-line fits with their uncertainty: rates of decay, exponents of power laws. */
import { fail, knownOptions, positive } from '../base/check';
import { last, mean, student95, sum } from './statistics';

/** A straight line fitted to points, y = intercept + slope x. */
export interface Line {
  /** Change of y per unit of x. */
  slope: number;
  /** y at x = 0. */
  intercept: number;
  /** 95 % confidence interval of the slope, for independent residuals of equal variance. */
  interval: [low: number, high: number];
  /** Share of the variance explained. */
  r2: number;
  /** How many points were used. */
  points: number;
}

/** An exponential A exp(-lambda t) fitted to a curve. */
export interface Rate {
  /** lambda in y = A exp(-lambda t), per unit of t. */
  rate: number;
  /** 95 % confidence interval of the rate. */
  interval: [low: number, high: number];
  /** log A. */
  intercept: number;
  /** Share of the variance of log y explained. */
  r2: number;
  /** How many rows were used. */
  points: number;
  /** First and last t used. */
  window: [from: number, to: number];
}

/**
 * Ordinary least squares y = intercept + slope x (for an exponent, pass logarithms), with a 95 % interval of the slope
 * by Student's t. Errors: fewer than 5 points, points that are not finite, all x the same.
 *
 * @example
 * fitLine([0, 1, 2, 3, 4], [1, 3, 5, 7, 9]).slope // -> 2.00
 */
export function fitLine(xs: ArrayLike<number>, ys: ArrayLike<number>): Line {
  // Plain lists, because what a Float32Array maps is rounded to single precision.
  const [x, y] = [Array.from(xs), Array.from(ys)];
  const n = x.length;
  if (y.length !== n) fail('fitLine', `x has ${n} points but y has ${y.length}`);
  if (n < 5) fail('fitLine', `${n} points, but an interval needs at least 5`);
  const bad = x.findIndex((v, i) => !Number.isFinite(v) || !Number.isFinite(y[i]));
  if (bad >= 0) fail('fitLine', `point ${bad} is (${x[bad]}, ${y[bad]}) but must be finite`);
  const [mx, my] = [mean(x), mean(y)];
  const sxx = sum(x.map(u => (u - mx) ** 2));
  const syy = sum(y.map(v => (v - my) ** 2));
  if (sxx === 0) fail('fitLine', `all ${n} points have x = ${mx}, but a slope needs two different x`);
  const slope = sum(x.map((u, i) => (u - mx) * (y[i] - my))) / sxx;
  const residual = sum(x.map((u, i) => (y[i] - my - slope * (u - mx)) ** 2));
  const half = student95(n - 2) * Math.sqrt(residual / (n - 2) / sxx);
  return {
    slope,
    intercept: my - slope * mx,
    interval: [slope - half, slope + half],
    r2: syy === 0 ? 1 : 1 - residual / syy,
    points: n,
  };
}

/** Which rows of a curve are fitted. */
export interface RateOptions {
  /** The name of the column. */
  y: string;
  /** The first t used. Default: the first there is. */
  from?: number;
  /** The last t used. Default: the last there is. */
  to?: number;
  /** The level under which rounding decides: rows at or below it are left out, but NaN is refused. Default 0. */
  floor?: number;
}

/** Rows of a curve, each with its time t. */
type TimedRows = readonly {
  /** The time. */
  t: number;
}[];

/** The times and log y of the rows to fit, and which they are, for errors. */
function logPoints(where: string, rows: TimedRows, options: RateOptions) {
  knownOptions(where, options, ['y', 'from', 'to', 'floor']);
  const { y, from = -Infinity, to = Infinity, floor = 0 } = options;
  if (floor !== 0) positive(where, 'floor', floor);
  const points = rows
    .map(row => ({ t: row.t, y: (row as Record<string, unknown>)[y] }))
    .filter(({ t }) => t >= from && t <= to)
    .map(point => {
      if (typeof point.y !== 'number' || Number.isNaN(point.y) || (floor === 0 && !(point.y > 0)))
        fail(where, `${y} is ${String(point.y)} at t = ${point.t} but must be a number > 0 (or give a floor)`);
      return { t: point.t, y: point.y };
    })
    .filter(point => point.y > floor);
  const kept = `${points.length} of ${rows.length} rows have ${from} <= t <= ${to} and ${y} > ${floor}`;
  return { times: points.map(point => point.t), logs: points.map(point => Math.log(point.y)), kept };
}

/**
 * Rate lambda of y = A exp(-lambda t): least squares of log y on t over rows with from <= t <= to and y > floor.
 * `y` names the column, `floor` is the level under which rounding speaks (default 0: every row must be positive, or it
 * is refused). The interval holds for independent residuals; those of a smooth curve are not, so read it as the curve's
 * departure from a line.
 * Errors: fewer than 5 rows to fit, a value that is not positive while no floor is given.
 *
 * @example
 * const rows = [0, 1, 2, 3, 4].map(t => ({ t, risk: 5 * Math.exp(-3 * t) }));
 * fitRate(rows, { y: 'risk' }).rate // -> 3.00
 */
export function fitRate(rows: TimedRows, options: RateOptions): Rate {
  const { times, logs, kept } = logPoints('fitRate', rows, options);
  const points = times.length;
  if (points < 5) fail('fitRate', `${kept}, but a fit needs at least 5`);
  const { slope, intercept, interval, r2 } = fitLine(times, logs);
  const [low, high] = interval;
  return { rate: -slope, interval: [-high, -low], intercept, r2, points, window: [times[0], last(times)] };
}

/** How far the rate of decay of a curve drifts over a window, beside what the rivals of an exponential give there. */
export interface Drift {
  /**
   * The rate over the last third of the window over that of the first third: 1 for an exponential decay, NaN for a
   * curve that does not fall over the first third.
   */
  drift: number;
  /** The same ratio of t^-b, whatever b. */
  powerLaw: number;
  /** The same ratio of exp(-b sqrt t), whatever b. */
  stretched: number;
}

/**
 * Whether a curve decays as an exponential: the rate, -d log y / dt by least squares as in `fitRate`, over the last
 * third of a window, divided by that over the first third. R^2 of a straight line cannot judge that: power laws reach
 * 0.99. The window is the time between the first and the last row used. Times count from where the decay began, since
 * the rivals t^-b and exp(-b sqrt t) are taken on the same times. A curve that grows, or stays, over the first third
 * has the drift NaN, which no band of a claim holds: two rates of growth would have the ratio of two rates of decay.
 * Errors: fewer than 5 rows in either third, times that do not increase, a first time that is not above 0, a value that
 * is NaN, or not positive while no floor is given.
 *
 * @example
 * const rows = Array.from({ length: 30 }, (_, i) => ({ t: 1 + i, risk: 5 * Math.exp(-0.3 * (1 + i)) }));
 * rateDrift(rows, { y: 'risk', from: 10 }).drift // -> 1.00
 */
export function rateDrift(rows: TimedRows, options: RateOptions): Drift {
  const { times, logs, kept } = logPoints('rateDrift', rows, options);
  if (times.length === 0) fail('rateDrift', kept);
  const [first, end] = [times[0], last(times)];
  if (!(first > 0)) fail('rateDrift', `the first row used has t = ${first}, but t^-b needs t > 0: give from`);
  const step = times.findIndex((t, i) => i > 0 && !(t > times[i - 1]));
  if (step > 0) fail('rateDrift', `times must increase, but t = ${times[step]} comes after ${times[step - 1]}`);
  const third = (end - first) / 3;
  const thirds = [times.filter(t => t <= first + third).length, times.filter(t => t >= end - third).length];
  if (Math.min(...thirds) < 5)
    fail('rateDrift', `${kept}; ${thirds.join(' and ')} of them in the first and last third, but each needs 5`);
  const ratio = (logY: number[]) => {
    const rate = (from: number, to?: number) => -fitLine(times.slice(from, to), logY.slice(from, to)).slope;
    const early = rate(0, thirds[0]);
    return early > 0 ? rate(-thirds[1]) / early : NaN;
  };
  return {
    drift: ratio(logs),
    powerLaw: ratio(times.map(t => -Math.log(t))),
    stretched: ratio(times.map(t => -Math.sqrt(t))),
  };
}

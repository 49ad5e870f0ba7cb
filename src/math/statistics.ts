/** Numbers that sum up a list of measurements, and the last of a list. */
import { inspect } from 'node:util';
import { fail } from '../base/check';

/** The list as given; refuses entries that are not numbers: undefined, of a row without the column, would be NaN. */
function numbers(where: string, values: ArrayLike<number>): ArrayLike<number> {
  for (let i = 0; i < values.length; i++)
    if (typeof values[i] !== 'number') fail(where, `values[${i}] is ${inspect(values[i])} but must be a number`);
  return values;
}

const filled = (where: string, values: ArrayLike<number>) =>
  numbers(where, values).length > 0 ? values : fail(where, 'there are no values');

/**
 * The sum of a list of numbers, added from the first to the last in double precision; 0 of an empty list. NaN gives
 * NaN.
 * Errors: an entry that is no number.
 *
 * @example
 * sum([1, 2, 6]) // -> 9
 */
export function sum(values: ArrayLike<number>): number {
  numbers('sum', values);
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

/**
 * The arithmetic mean, (v_1 + ... + v_n) / n. One NaN makes it NaN, so that a diverged run is not averaged away.
 * Errors: an empty list, an entry that is no number.
 *
 * @example
 * mean([1, 2, 6]) // -> 3
 */
export const mean = (values: ArrayLike<number>): number => sum(filled('mean', values)) / values.length;

/**
 * The median: the middle of the sorted values, of an even number of them the mean of the middle two. One NaN makes it
 * NaN.
 * Errors: an empty list, an entry that is no number.
 *
 * @example
 * median([5, 1, 2, 4]) // -> 3
 */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(filled('median', values)).sort();
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  // NaN sorts behind all numbers.
  return Number.isNaN(sorted[sorted.length - 1]) ? NaN : (low + high) / 2;
}

/** Two-sided 95 % quantile of Student's t (Cornish-Fisher in 1/dof; error below 1e-3 from 3 degrees of freedom). */
export function student95(dof: number): number {
  const z = 1.959963984540054;
  const z2 = z * z;
  return (
    z *
    (1 +
      (z2 + 1) / (4 * dof) +
      (5 * z2 * z2 + 16 * z2 + 3) / (96 * dof ** 2) +
      (3 * z2 ** 3 + 19 * z2 * z2 + 17 * z2 - 15) / (384 * dof ** 3) +
      (79 * z2 ** 4 + 776 * z2 ** 3 + 1482 * z2 * z2 - 1920 * z2 - 945) / (92160 * dof ** 4))
  );
}

/**
 * 95 % confidence interval of the mean of independent, normally distributed values, by Student's t:
 * mean +- t_(n-1) sqrt(sum (v_i - mean)^2 / (n - 1) / n). For ratios, pass logarithms and take `Math.exp` of both ends.
 * Errors: fewer than 5 values, an entry that is not finite.
 *
 * @example
 * meanInterval([1, 2, 3, 4, 5]) // -> [1.037, 4.963]
 */
export function meanInterval(values: ArrayLike<number>): [low: number, high: number] {
  // A plain list, because what a Float32Array maps is rounded to single precision.
  const list = Array.from(numbers('meanInterval', values));
  const n = list.length;
  if (n < 5) fail('meanInterval', `${n} values, but an interval needs at least 5`);
  const bad = list.findIndex(v => !Number.isFinite(v));
  if (bad >= 0) fail('meanInterval', `values[${bad}] is ${list[bad]} but must be finite`);
  const center = mean(list);
  const half = student95(n - 1) * Math.sqrt(sum(list.map(v => (v - center) ** 2)) / (n - 1) / n);
  return [center - half, center + half];
}

/**
 * The last row of a run, or of a list (of anything). Errors: there is none.
 *
 * @example
 * last({ rows: [{ loss: 1 }, { loss: 0.5 }] }).loss // -> 0.5
 */
export function last<R>(
  list:
    | {
        /** The rows of a run. */
        readonly rows: readonly R[];
      }
    | readonly R[],
): R {
  const rows = 'rows' in list ? list.rows : list;
  return rows.length > 0 ? rows[rows.length - 1] : fail('last', 'the list is empty');
}

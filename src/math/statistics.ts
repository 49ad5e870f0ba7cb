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

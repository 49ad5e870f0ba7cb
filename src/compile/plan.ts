/** Which steps get a row, and how a run is cut into calls of segments that end at them. */
import { fail, wholeNumber } from '../base/check';

interface Plan {
  /** Ends of the segments, in steps from where the call starts. */
  ends: number[];
  /** The steps whose rows the segments write, one for each; a last segment that ends between two rows has none. */
  rows: number[];
}

/** The index of the first of these ascending numbers that is greater than `than`. */
function firstAfter(numbers: Float64Array, than: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] > than) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Checks `every`; gives a function that plans the next call. The first and the last step are always recorded. */
export function planner(where: string, every: number | readonly number[], last: number) {
  let next: (step: number) => number;
  if (typeof every === 'number') {
    wholeNumber(where, 'every', every);
    next = step => Math.min(last, (Math.floor(step / every) + 1) * every);
  } else {
    if (!Array.isArray(every))
      fail(where, `every is ${typeof every} but must be a whole number or a list of step numbers`);
    for (const step of every)
      if (!Number.isInteger(step) || step < 0 || step > last)
        fail(where, `every names step ${step} but steps are whole numbers from 0 to ${last}`);
    const listed = Float64Array.from([...every, last]).sort();
    next = step => listed[firstAfter(listed, step)];
  }
  /** The next call, of at most `budget` steps and `segments` segments. With `first`, it has the row of step `done`. */
  return (done: number, first: boolean, budget: number, segments: number): Plan => {
    const plan: Plan = first ? { ends: [0], rows: [done] } : { ends: [], rows: [] };
    for (let step = done; step < last && plan.ends.length < segments; ) {
      step = next(step);
      if (step - done > budget) break;
      plan.ends.push(step - done);
      plan.rows.push(step);
    }
    if (plan.ends.length === 0) plan.ends.push(Math.min(budget, last - done));
    return plan;
  };
}

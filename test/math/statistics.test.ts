import { expect, test } from 'vitest';
import { last, mean, meanInterval, median, sum } from 'widenet';

test('sum, mean and median of lists and typed arrays', () => {
  expect(sum([0.1, 0.2, 0.3])).toBe(0.1 + 0.2 + 0.3);
  expect(sum([])).toBe(0);
  expect(mean(Float32Array.of(1, 2, 6))).toBe(3);
  expect(median([5, 1, 9])).toBe(5);
  expect(median(Int32Array.of(10, 9, 1, 2))).toBe(5.5);
});

test('the median sorts by value, leaves the list as it is, and knows infinities', () => {
  const values = [10, 9, -1, 100, 2];
  expect(median(values)).toBe(9);
  expect(values).toEqual([10, 9, -1, 100, 2]);
  expect(median([Infinity, 1, Infinity])).toBe(Infinity);
});

test('one NaN makes the result NaN, wherever it stands', () => {
  for (const at of [0, 1, 2]) {
    const values = [1, 2, 3].map((v, i) => (i === at ? NaN : v));
    expect([sum(values), mean(values), median(values)]).toEqual([NaN, NaN, NaN]);
  }
});

test("the interval of a mean agrees with Student's t of SciPy", () => {
  // scipy.stats.t.interval(0.95, n - 1, loc=mean(v), scale=sem(v)); the quantile is approximated to 1e-3
  const expected: [values: number[], low: number, high: number][] = [
    [[1, 2, 3, 4, 5], 1.0367568385224428, 4.963243161477557],
    [[0.3, -1.2, 2.5, 0.7, 0.1, -0.4, 1.9], -0.6294708117516006, 1.743756526037315],
  ];
  for (const [values, low, high] of expected) {
    const interval = meanInterval(values);
    expect(Math.abs(interval[0] - low)).toBeLessThan(1e-3);
    expect(Math.abs(interval[1] - high)).toBeLessThan(1e-3);
  }
  const single = Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5);
  expect(meanInterval(single)).toEqual(meanInterval(Array.from(single)));
});

test('the last row of a run or of a list', () => {
  expect(last({ rows: [{ t: 0 }, { t: 3 }] }).t).toBe(3);
  expect(last([1, 2, 7])).toBe(7);
});

test('refusals', () => {
  expect(() => mean([])).toThrow(/^mean: there are no values$/);
  expect(() => median(new Float64Array(0))).toThrow(/^median: there are no values$/);
  const { lost } = {} as { lost: number };
  expect(() => sum([1, lost])).toThrow(/^sum: values\[1\] is undefined but must be a number$/);
  expect(() => mean([lost])).toThrow(/^mean: values\[0\] is undefined but must be a number$/);
  expect(() => median([1, '2' as any])).toThrow(/^median: values\[1\] is '2' but must be a number$/);
  expect(() => meanInterval([1, 2, 3, 4])).toThrow(/^meanInterval: 4 values, but an interval needs at least 5$/);
  expect(() => meanInterval([1, 2, NaN, 4, 5])).toThrow(/^meanInterval: values\[2\] is NaN but must be finite$/);
  expect(() => last({ rows: [] })).toThrow(/^last: the list is empty$/);
});

import { expect, test, vi } from 'vitest';
import { progress } from 'widenet';
import { progressLine } from '../../src/notebook/progress';

test('the line: count, share, rate, time left', () => {
  expect(progressLine('seeds', 3, 12, 2, false)).toBe('seeds 3/12  25%  1.50/s, 6.0 s left');
  expect(progressLine('runs', 1, 4, 100, false)).toBe('runs 1/4  25%  1:40 min each, 5:00 min left');
  expect(progressLine('steps', 0, 10, 1, false)).toBe('steps 0/10  0%');
  expect(progressLine('items', 7, undefined, 2, false)).toBe('items 7  3.50/s');
  expect(progressLine('days', 1, 3, 3600, false)).toBe('days 1/3  33%  1:00 h each, 2:00 h left');
  expect(progressLine('edge', 1, 2, 59.9, false)).toBe('edge 1/2  50%  1:00 min each, 1:00 min left');
});

test('the last line: time taken, and whether all was done', () => {
  expect(progressLine('seeds', 5, 5, 10, true)).toBe('seeds 5/5 in 10 s, 2.0 s each');
  expect(progressLine('seeds', 2, 5, 1, true)).toBe('seeds 2/5, stopped, in 1.0 s, 2.00/s');
  expect(progressLine('seeds', 0, 0, 1, true)).toBe('seeds 0/0 in 1.0 s');
});

test('gives back the items of anything iterable, and closes it when left early', () => {
  expect([...progress(new Set([1, 2]), 's')]).toEqual([1, 2]);
  expect([...progress('ab', 'letters')]).toEqual(['a', 'b']);
  let closed = false;
  function* endless() {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      closed = true;
    }
  }
  for (const i of progress(endless(), 'endless')) if (i === 3) break;
  expect(closed).toBe(true);
});

test('without a notebook and a terminal nothing is written', () => {
  const write = vi.spyOn(process.stderr, 'write');
  vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(10_000);
  const bar = progress(3, 'steps');
  bar.at(2);
  bar.end();
  expect(write).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

test('refuses what has no length to go', () => {
  expect(() => progress(1.5, 'x')).toThrow(/^progress: total is 1\.5 but must be a whole number >= 0$/);
  expect(() => progress(undefined as never, 'x')).toThrow(
    /^progress: got undefined but needs a total or something to iterate over$/,
  );
});

import { expect, test, vi } from 'vitest';
import { progress } from 'widenet';
import { progressLine, type State, stopBars } from '../../src/notebook/progress';
import { shownBy } from '../support/shown';

const line = (label: string, done: number, total: number | undefined, seconds: number, more?: Partial<State>) =>
  progressLine({ label, done, total, ...more }, seconds);

test('the line: count, share, rate, time left', () => {
  expect(line('seeds', 3, 12, 2)).toBe('seeds 3/12  25%  1.50/s, 6.0 s left');
  expect(line('runs', 1, 4, 100)).toBe('runs 1/4  25%  1:40 min each, 5:00 min left');
  expect(line('steps', 0, 10, 1)).toBe('steps 0/10  0%');
  expect(line('items', 7, undefined, 2)).toBe('items 7  3.50/s');
  expect(line('days', 1, 3, 3600)).toBe('days 1/3  33%  1:00 h each, 2:00 h left');
  expect(line('edge', 1, 2, 59.9)).toBe('edge 1/2  50%  1:00 min each, 1:00 min left');
});

test('what was taken up from an earlier run took no time: the rate is that of the others', () => {
  expect(line('map', 92, 96, 2, { kept: 90 })).toBe('map 92/96 (90 taken up)  95%  1.00/s, 4.0 s left');
  expect(line('map', 90, 96, 2, { kept: 90 })).toBe('map 90/96 (90 taken up)  93%');
  expect(line('map', 96, 96, 4, { kept: 90, end: 'whole' })).toBe('map 96/96 (90 taken up) in 4.0 s, 1.50/s');
  expect(line('map', 96, 96, 0.1, { kept: 96, end: 'whole' })).toBe('map 96/96 (96 taken up) in 0.1 s');
});

test('the last line: time taken, and whether all was done', () => {
  expect(line('seeds', 5, 5, 10, { end: 'whole' })).toBe('seeds 5/5 in 10 s, 2.0 s each');
  expect(line('seeds', 2, 5, 1, { end: 'whole' })).toBe('seeds 2/5, stopped, in 1.0 s, 2.00/s');
  expect(line('seeds', 0, 0, 1, { end: 'whole' })).toBe('seeds 0/0 in 1.0 s');
  expect(line('items', 2, undefined, 1, { end: 'early' })).toBe('items 2, stopped, in 1.0 s, 2.00/s');
});

/** The texts that a notebook shows while `work` runs; `work` gets what sets the clock, in seconds. */
function shownWhile(work: (at: (seconds: number) => void) => void): string[] {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  try {
    return shownBy(() => work(seconds => clock.mockReturnValue(1000 * seconds))).map(b => String(b['text/plain']));
  } finally {
    clock.mockRestore();
  }
}

test('the line of a loop inside another stands below it, and goes when it ends', () => {
  const shown = shownWhile(at => {
    const outer = progress(2, 'widths');
    for (const width of [1, 2]) {
      const inner = progress(2, 'seeds');
      at(2 * width - 1);
      inner.at(1);
      inner.end();
      at(2 * width);
      outer.at(width);
    }
    outer.end();
  });
  expect(shown).toEqual([
    'widths 0/2  0%\n  seeds 1/2  50%  1.00/s, 1.0 s left',
    'widths 0/2  0%',
    'widths 1/2  50%  2.0 s each, 2.0 s left',
    'widths 1/2  50%  3.0 s each, 3.0 s left\n  seeds 1/2  50%  1.00/s, 1.0 s left',
    'widths 1/2  50%  3.0 s each, 3.0 s left',
    'widths 2/2  100%  2.0 s each, 0.0 s left',
    'widths 2/2 in 4.0 s, 2.0 s each',
  ]);
});

test('loops one after the other keep their lines', () => {
  const shown = shownWhile(at => {
    for (const k of [1, 2]) {
      const bar = progress(2, `part ${k}`);
      at(2 * k - 1);
      bar.at(1);
      at(2 * k);
      bar.at(2);
      bar.end();
    }
  });
  expect(shown.filter(text => / in /.test(text))).toEqual([
    'part 1 2/2 in 2.0 s, 1.00/s',
    'part 2 2/2 in 2.0 s, 1.00/s',
  ]);
});

test('a loop that an error has ended says that it was stopped, also one that nobody could end', () => {
  const shown = shownWhile(at => {
    const left = progress(5, 'left open');
    at(1);
    left.at(2);
    stopBars();
    const items = progress(new Map([[1, 1]]).keys(), 'items');
    expect(() => {
      for (const item of items) {
        const inside = progress(2, 'inside');
        at(2);
        inside.at(item);
        throw new Error('in the loop');
      }
    }).toThrow(/^in the loop$/);
  });
  expect(shown).toEqual([
    'left open 2/5  40%  2.00/s, 1.5 s left',
    'left open 2/5, stopped, in 1.0 s, 2.00/s',
    'items 0\n  inside 1/2  50%  1.00/s, 1.0 s left',
    'items 0, stopped, in 1.0 s\n  inside 1/2  50%  1.00/s, 1.0 s left',
  ]);
  expect(shownWhile(() => stopBars())).toEqual([]);
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

import { expect, test, vi } from 'vitest';
import { createProgress } from '../../kernel-setup/shared/progress.mjs';

function printing(isTTY: boolean) {
  const printed: string[] = [];
  const progress = createProgress({ write: text => printed.push(text), isTTY, columns: 40 });
  return { printed, progress };
}

test('without a terminal a quick step is one line', () => {
  const { printed, progress } = printing(false);
  progress.started('library');
  progress.progress('library', '1 of 2 MB');
  progress.finished('library', '2 MB');
  expect(printed.join('')).toMatch(/^  library +0\.0 s   2 MB\n$/);
});

test('without a terminal a part that goes on says every ten seconds what is new, and nothing twice', () => {
  vi.useFakeTimers();
  try {
    const { printed, progress } = printing(false);
    progress.started('library');
    for (const text of ['1 MB', '2 MB', '2 MB', '2 MB', '3 MB']) {
      vi.advanceTimersByTime(11_000);
      progress.progress('library', text);
    }
    expect(printed).toEqual(['1', '2', '3'].map(n => `  library: ${n} MB\n`));
  } finally {
    vi.useRealTimers();
  }
});

test('on a terminal the steps under way share one line, cut to its width', () => {
  const { printed, progress } = printing(true);
  progress.started('library');
  progress.started('packages');
  progress.progress('library', '1 of 2 MB');
  expect(printed.at(-1)).toBe('\r\x1b[2K  library 1 of 2 MB · packages');
  progress.progress('packages', 'x'.repeat(100));
  expect(printed.at(-1)?.length).toBe('\r\x1b[2K'.length + 39);
  progress.finished('library', '2 MB');
  progress.stopped();
  expect(printed.at(-1)).toBe('\r\x1b[2K');
});

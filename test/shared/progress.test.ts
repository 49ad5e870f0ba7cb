import { expect, test } from 'vitest';
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

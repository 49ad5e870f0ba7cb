import { expect, test } from 'vitest';
import { createReport } from '../../kernel-setup/setup/report.mjs';

function reported(isTTY: boolean) {
  const printed: string[] = [];
  const report = createReport({ write: text => printed.push(text), isTTY, columns: 40 });
  return { printed, report };
}

test('without a terminal a quick step is one line', () => {
  const { printed, report } = reported(false);
  report.started('library');
  report.progress('library', '1 of 2 MB');
  report.finished('library', '2 MB');
  expect(printed.join('')).toMatch(/^  library +0\.0 s   2 MB\n$/);
});

test('on a terminal the steps under way share one line, cut to its width', () => {
  const { printed, report } = reported(true);
  report.started('library');
  report.started('packages');
  report.progress('library', '1 of 2 MB');
  expect(printed.at(-1)).toBe('\r\x1b[2K  library 1 of 2 MB · packages');
  report.progress('packages', 'x'.repeat(100));
  expect(printed.at(-1)?.length).toBe('\r\x1b[2K'.length + 39);
  report.finished('library', '2 MB');
  report.stopped();
  expect(printed.at(-1)).toBe('\r\x1b[2K');
});

import { expect, test } from 'vitest';
import { failedTests } from '../../kernel-setup/run/failures.mjs';

const passed = { status: 'passed', ancestorTitles: [], title: 'is right', failureMessages: [] };

test('each failed test is a line with its file, its groups and the first line of its error', () => {
  const failed = {
    status: 'failed',
    ancestorTitles: ['kernel', 'interrupt'],
    title: 'a loop',
    failureMessages: ['\n\x1b[31mAssertionError: 1 != 2\x1b[39m\n    at x.ts:1:1'],
  };
  const skipped = { ...passed, status: 'skipped', ancestorTitles: ['a group'], title: 'its test' };
  const testResults = [
    { name: '/r/test/a.test.ts', status: 'passed', assertionResults: [passed] },
    { name: '/r/test/b.test.ts', status: 'failed', assertionResults: [passed, failed] },
    {
      name: '/r/test/c.test.ts',
      status: 'failed',
      assertionResults: [],
      message: `No such module\n${'x'.repeat(999)}`,
    },
    { name: '/r/test/d.test.ts', status: 'failed', assertionResults: [passed], message: 'x'.repeat(999) },
    { name: '/r/test/e.test.ts', status: 'failed', assertionResults: [passed, skipped], message: '' },
  ];
  const lines = failedTests({ testResults }, '/r');
  expect(lines.slice(0, 2)).toEqual([
    'failed: test/b.test.ts > kernel > interrupt > a loop: AssertionError: 1 != 2',
    'failed: test/c.test.ts: No such module',
  ]);
  expect(lines).toHaveLength(4);
  expect(lines[2]).toMatch(/^failed: test\/d\.test\.ts: x+$/);
  expect(lines[2]).toHaveLength(300);
  expect(lines[3]).toBe('failed: test/e.test.ts > a group > its test: not run, because its hook failed');
});

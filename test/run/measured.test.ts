import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { measuredTables, readmeWithTables } from '../../kernel-setup/run/measured.mjs';
import { root } from '../support/root';

test("the README's tables of times are those of test/bench/measured.json: npm run format makes them", () => {
  expect(readmeWithTables(root) === readFileSync(path.join(root, 'README.md'), 'utf8')).toBe(true);
});

test('a time has three digits, and how many times ours it is', () => {
  const page = measuredTables({
    machine: 'a machine',
    versions: ['Node 20'],
    rounds: 3,
    workloads: [
      {
        title: 'steps',
        sizes: ['1, 2', '3, 4'],
        microseconds: { ours: [1.2345, 2000.4], theirs: [2.469, 500], slow: [1974, 20004] },
      },
    ],
    firstCall: 0.3121,
    call: 0.0000456,
  });
  expect(page.split('\n')).toEqual([
    'Microseconds a step (in brackets: times ours), medians of 3 interleaved rounds on a machine; Node 20.',
    '',
    'steps:',
    '',
    '| n, d, m | 1, 2 | 3, 4 |',
    '|---|---|---|',
    '| **ours** | **1.23** | **2000** |',
    '| theirs | 2.47 (2.0) | 500 (0.25) |',
    '| slow | 1970 (1600) | 20000 (10) |',
    '',
    'The first call took 312 ms, a later call 0.046 ms beside its steps.',
  ]);
});

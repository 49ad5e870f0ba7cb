import { expect, test } from 'vitest';
import { killRuns } from './kills.mjs';

test('five kills of a run lose, double and touch nothing', async () => {
  const { hits, faults } = await killRuns({ kills: 5, seed: Math.floor(Math.random() * 1e9), grace: 60 });
  expect(faults).toEqual([]);
  expect(Object.values(hits).reduce((sum, n) => sum + n, 0)).toBe(5);
});

import { expect, test } from 'vitest';
import { killRuns } from './kills.mjs';

test('five kills of a run lose, double and touch nothing', async () => {
  const seed = Math.floor(Math.random() * 1e9);
  const { hits, faults } = await killRuns({ kills: 5, seed, grace: 600 });
  expect(faults, `to see it again: node test/kills.mjs --kills 5 --seed ${seed}`).toEqual([]);
  expect(Object.values(hits).reduce((sum, n) => sum + n, 0)).toBe(5);
});

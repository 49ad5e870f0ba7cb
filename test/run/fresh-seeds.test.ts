import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { agreement, freshResults, freshVerdicts, onFreshSeeds } from '../../kernel-setup/run/fresh-seeds.mjs';
import { parseOptions } from '../../kernel-setup/run/options.mjs';
import { outputPaths } from '../../kernel-setup/run/output-folder.mjs';
import { type Result, writeResult } from '../../kernel-setup/run/results.mjs';
import { claim, result } from '../support/results';

let output: string;
beforeEach(() => {
  output = mkdtempSync(path.join(tmpdir(), 'widenet-fresh-'));
});
afterEach(() => rmSync(output, { recursive: true }));

const shown = result([claim('a', 1), claim('b', 1)], { settings: { n: 3, firstSeed: 1 } });

/** A result on the seeds from `firstSeed` on, as a run stores it. */
function stored(firstSeed: number, more: Partial<Result> = {}) {
  const { output: folder } = onFreshSeeds(parseOptions(['--output', output, '--set', `firstSeed=${firstSeed}`], '/'));
  const file = outputPaths(folder).result('chen2022');
  mkdirSync(path.dirname(file), { recursive: true });
  const claims = [claim('a', 2), claim('b', -firstSeed, 'fails')];
  writeResult(file, result(claims, { settings: { n: 3, firstSeed }, ...more }));
}

test('a first seed is drawn beyond the committed ones, another at each run; its number is the folder', () => {
  const drawn = [1, 2, 3].map(() => onFreshSeeds(parseOptions(['--set', 'n=4'], '/repository')));
  const seeds = drawn.map(({ set }) => Number(set.firstSeed));
  expect(seeds.every(seed => Number.isInteger(seed) && seed >= 1e6 && seed < 1e9)).toBe(true);
  expect(new Set(seeds).size).toBe(3);
  expect(drawn.map(({ set, output }) => [set, output])).toEqual(
    seeds.map(firstSeed => [{ n: 4, firstSeed }, path.join('/repository/output/fresh-seeds', String(firstSeed))]),
  );
});

test.each(['-1', '1.5', 'x', '../..'])('a first seed %s is refused, before it names a folder', seed =>
  expect(() => onFreshSeeds(parseOptions(['--set', `firstSeed=${seed}`], '/'))).toThrow(
    /^--set gives firstSeed = .* but it must be a whole number >= 0$/,
  ),
);

test('results of the same code, profile and parameters stand beside each other, in the order of their seeds', () => {
  for (const seed of [20, 7, 100]) stored(seed);
  stored(30, { code: 'of other code' });
  stored(31, { profile: 'full' });
  stored(32, { settings: { n: 4, firstSeed: 32 } });
  stored(33, { status: 'failed', failure: { cell: 1, name: 'Error', message: 'x', traceback: [] } });
  stored(1);
  expect(freshResults(output, 'chen2022', shown).map(({ settings }) => settings.firstSeed)).toEqual([7, 20, 100]);
  expect(freshResults(output, 'zhang2022', shown)).toEqual([]);
  expect(freshResults(path.join(output, 'none'), 'chen2022', shown)).toEqual([]);
});

test('what a claim measured on fresh seeds is told, and where its verdict is another', () => {
  stored(7);
  stored(20);
  const fresh = freshResults(output, 'chen2022', shown);
  const [a, b] = shown.claims;
  expect(freshVerdicts(a, fresh)).toBe('2 .. 2 (2 of 2 hold) in 2 sets');
  expect(freshVerdicts(b, fresh)).toBe(
    '-20 .. -7 (0 of 2 hold) in 2 sets; from seed 7 on: fails, -7; from seed 20 on: fails, -20',
  );
  expect(freshVerdicts(claim('c', 1), fresh)).toBe('');
  expect(agreement([shown], fresh)).toEqual({
    said: '2 of 4 verdicts on fresh seeds (2 sets) are the same',
    others: ['chen2022 b, from seed 7 on: holds -> fails', 'chen2022 b, from seed 20 on: holds -> fails'],
  });
});

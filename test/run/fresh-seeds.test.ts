import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
  const drawn = [1, 2, 3].map(() => onFreshSeeds(parseOptions(['--fresh-seeds', '--set', 'n=4'], '/repository')));
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

const fresh = () => freshResults(output, 'chen2022', shown);

test('results of the same code, profile and parameters stand beside each other; of the rest it is told why not', () => {
  for (const seed of [20, 7, 100]) stored(seed);
  stored(30, { code: 'of other code' });
  stored(31, { profile: 'full' });
  stored(32, { settings: { n: 4, firstSeed: 32 } });
  stored(33, { status: 'failed', failure: { cell: 1, name: 'Error', message: 'x', traceback: [] } });
  stored(1);
  stored(34);
  const set = (name: string) => path.join(output, 'fresh-seeds', name);
  writeFileSync(outputPaths(set('34')).result('chen2022'), '{"cut');
  cpSync(set('7'), set('copy of 7'), { recursive: true });
  writeFileSync(set('.DS_Store'), '');
  mkdirSync(set('35'));
  expect(fresh().results.map(({ settings }) => settings.firstSeed)).toEqual([7, 20, 100]);
  expect(new Set(fresh().leftOut)).toEqual(
    new Set([
      'fresh-seeds/1: of the same seeds',
      'fresh-seeds/30: of other code',
      'fresh-seeds/31: of the profile full, not quick',
      'fresh-seeds/32: of other parameters',
      'fresh-seeds/33: failed in code cell 1: x',
      expect.stringMatching(/^fresh-seeds\/34: its result is damaged: /),
      'fresh-seeds/copy of 7: not a folder of its first seed',
    ]),
  );
  const none = { results: [], leftOut: [] };
  expect(freshResults(output, 'zhang2022', shown)).toEqual(none);
  expect(freshResults(path.join(output, 'none'), 'chen2022', shown)).toEqual(none);
});

test('what a claim measured on fresh seeds is told, and where its verdict is another', () => {
  stored(7);
  stored(20);
  const [a, b] = shown.claims;
  expect(freshVerdicts(a, fresh().results)).toEqual(['holds in 2 of 2 sets: 2 .. 2 (2 of 2 hold)']);
  expect(freshVerdicts(b, fresh().results)).toEqual([
    'holds in 0 of 2 sets: -20 .. -7 (0 of 2 hold)',
    'from seed 7 on: fails, -7',
    'from seed 20 on: fails, -20',
  ]);
  expect(freshVerdicts(a, [])).toEqual([]);
  expect(agreement([shown], fresh().results)).toEqual({
    said: '2 of 4 verdicts on fresh seeds (2 sets) are the same',
    others: ['chen2022 b: holds -> fails, from seeds 7, 20 on'],
  });
});

test('a claim that only some seeds make is counted as another verdict, and a run that failed judges none', () => {
  stored(7, { claims: [claim('a', 1), claim('c', 1)] });
  stored(8);
  expect(agreement([shown], fresh().results)).toEqual({
    said: '2 of 5 verdicts on fresh seeds (2 sets) are the same',
    others: [
      'chen2022 b: holds -> not made, from seed 7 on',
      'chen2022 b: holds -> fails, from seed 8 on',
      'chen2022 c: not made -> holds, from seed 7 on',
    ],
  });
  expect(freshVerdicts(claim('c', 2), fresh().results)).toEqual([
    'holds in 1 of 2 sets: 1',
    'from seed 8 on: not made',
  ]);
  const failed = result([], { status: 'failed', failure: { cell: 1, name: 'Error', message: 'x', traceback: [] } });
  expect(agreement([shown], [failed]).said).toMatch(/^0 of 0 verdicts /);
  expect(agreement([{ ...shown, claims: [] }], fresh().results).said).toMatch(/^0 of 0 verdicts /);
});

test('numbers that no seed moves are not counted anew for each set, and each number is judged by its own band', () => {
  const rival = { name: 'a power law', measured: 2, verdict: 'holds' as const };
  stored(7, { claims: [claim('a', 1), { ...claim('b', 3), expect: { above: 2 } }] });
  stored(8, { claims: [claim('a', 1), { ...claim('b', 3, 'undecided'), expect: { above: 2 }, against: [rival] }] });
  const [a, b] = shown.claims;
  expect(freshVerdicts(a, fresh().results)).toEqual(['holds in 2 of 2 sets: the same numbers']);
  expect(freshVerdicts(b, fresh().results)).toEqual([
    'holds in 1 of 2 sets: each has a band of its own',
    'from seed 8 on: undecided, 3, expected ≥ 2; in the band too: a power law',
  ]);
});

import { expect, test } from 'vitest';
import { differences } from '../../kernel-setup/run/differences.mjs';
import { previousOf, type Result } from '../../kernel-setup/run/results.mjs';
import { claim, result } from '../support/results';

/** The last of these runs, each of which knows the one before. */
const last = (...runs: Result[]) => runs.reduce((earlier, run) => ({ ...run, previous: previousOf(earlier) }));

test('differences are told from the last run that succeeded', () => {
  const failure = { cell: 1, name: 'Error', message: 'boom', traceback: [] };
  const run = last(
    result([claim('same', 1), claim('moved', 1), claim('turned', 1), claim('gone', 1, 'fails')]),
    result([], { status: 'failed', failure }),
    result([claim('same', 1), claim('moved', 2), claim('turned', 1, 'fails'), claim('fresh', 1)], {
      profile: 'full',
      settings: { n: 4, m: 1 },
    }),
  );
  expect(differences(run)).toEqual([
    'profile: quick -> full',
    'n: 3 -> 4',
    'm: absent -> 1',
    'moved: still holds, measured values moved',
    'turned: holds -> fails',
    'fresh: new, holds',
    'gone: gone (it was: fails)',
  ]);
});

test('a band, and what an alternative measures, may move too', () => {
  const rival = (measured: number) => [{ name: 'rival', measured, verdict: 'fails' as const }];
  const before = { ...claim('a', 1), against: rival(-1) };
  const moved = (after: object) => differences(last(result([before]), result([{ ...before, ...after }])));
  expect(moved({})).toEqual([]);
  expect(moved({ against: rival(-2) })).toEqual(['a: still holds, what would have failed moved']);
  expect(moved({ measured: 2, expect: { above: 0.5 } })).toEqual([
    'a: still holds, measured values and its band moved',
  ]);
});

test('numbers that differ in what JSON does not tell have moved', () => {
  const moved = (before: number, after: number) =>
    differences(last(result([claim('a', before, 'fails')]), result([claim('a', after, 'fails')])));
  expect([moved(NaN, Infinity), moved(NaN, NaN)]).toEqual([['a: still fails, measured values moved'], []]);
});

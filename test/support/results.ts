/** Claims and results as runs give them. */
import type { Result } from '../../kernel-setup/run/results.mjs';
import type { Claim } from '../../src/notebook/verdict';

export const claim = (id: string, measured: number, verdict: Claim['verdict'] = 'holds'): Claim => ({
  id,
  statement: id,
  source: 'own',
  expect: { above: 0 },
  measured,
  kind: 'claim',
  against: [],
  verdict,
});

export const result = (claims: Claim[], more: Partial<Result> = {}): Result => ({
  name: 'chen2022',
  key: 'k',
  code: 'c',
  status: 'done',
  finished: '2026-01-01',
  seconds: 1,
  cells: [1],
  profile: 'quick',
  settings: { n: 3 },
  claims,
  known: [],
  figures: [],
  versions: {},
  ...more,
});

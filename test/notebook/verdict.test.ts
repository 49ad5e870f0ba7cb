import { expect, test } from 'vitest';
import { band, claimProblem, type ClaimInput, judge, measurement } from '../../src/notebook/verdict';

const input = (measured: ClaimInput['measured'], expect: ClaimInput['expect']): ClaimInput => ({
  id: 'a',
  statement: 's',
  source: 'own',
  measured,
  expect,
});

test.each([
  [1, { above: 1 }, 'holds'],
  [0.99, { above: 1 }, 'fails'],
  [1, { below: 1 }, 'holds'],
  [1.01, { below: 1 }, 'fails'],
  [2, { within: [1, 2] }, 'holds'],
  [2.01, { within: [1, 2] }, 'fails'],
  [0.99, { within: [1, 2] }, 'fails'],
  [0.5, { equals: 0.4, tolerance: 0.11 }, 'holds'],
  [0.5, { equals: 0.4, tolerance: 0.09 }, 'fails'],
  [[1, 2, 3], { above: 1 }, 'holds'],
  [[1, 2, 0], { above: 1 }, 'fails'],
  [[2, NaN], { above: 1 }, 'fails'],
  [Infinity, { above: 1 }, 'fails'],
  [undefined, { above: 1 }, 'not tested'],
] as const)('%s with %j: %s', (measured, expectation, verdict) =>
  expect(judge(input(measured, expectation))).toBe(verdict),
);

const expectations: ClaimInput['expect'][] = [
  { above: 0 },
  { above: -Infinity },
  { below: 0 },
  { below: Infinity },
  { within: [0, 1] },
  { within: [-Infinity, Infinity] },
  { equals: 0, tolerance: 1 },
  { equals: 0, tolerance: Infinity },
  { equals: Infinity, tolerance: 0 },
  { equals: Infinity, tolerance: Infinity },
  { equals: -Infinity, tolerance: Infinity },
];
test.each(expectations)('what is no finite number does not satisfy %j', expectation => {
  for (const value of [
    NaN,
    Infinity,
    -Infinity,
    null,
    undefined,
    '0',
    '',
    true,
    false,
    0n,
    [0],
    {},
    new Date(0),
  ] as any[])
    expect([value, judge(input([value], expectation))]).toEqual([value, 'fails']);
  for (const value of [NaN, Infinity, -Infinity]) expect(judge(input(value, expectation))).toBe('fails');
  expect(judge(input([], expectation))).toBe('fails');
  const gap: number[] = [];
  gap[1] = 0.5;
  expect(judge(input(gap, expectation))).toBe('fails');
});

test('bands read as they judge', () => {
  expect(
    [{ above: 0.5 }, { below: 1e-9 }, { within: [1, 2] as const }, { equals: 0.3, tolerance: 0.01 }].map(band),
  ).toEqual(['>= 0.5', '<= 1e-9', 'in [1, 2]', '0.3 +- 0.01']);
});

test('several measurements read as their range and how many satisfy', () => {
  expect(measurement(input([1, 2, 3], { above: 2 }))).toBe('1 .. 3 (2 of 3 hold)');
  expect(measurement(input([1, NaN], { above: 1 }))).toBe('1 .. 1 (1 not finite, 1 of 2 hold)');
  expect(measurement(input([NaN, NaN], { above: 1 }))).toBe('none finite (0 of 2 hold)');
  expect(measurement(input([0.5], { above: 1 }))).toBe('0.5');
  expect(measurement(input(undefined, { above: 1 }))).toBe('');
  expect(
    measurement(
      input(
        Array.from({ length: 300_000 }, (_, i) => i),
        { above: 1 },
      ),
    ),
  ).toBe('0 .. 299999 (299999 of 300000 hold)');
});

test('a claim is told from what is none', () => {
  const whole = { id: 'a', statement: 's', source: 'own', expect: { above: 0 }, measured: [1, NaN], verdict: 'fails' };
  expect([whole, { ...whole, measured: 1, note: 'n' }, { ...whole, measured: undefined }].map(claimProblem)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  const broken = [
    null,
    3,
    {},
    { ...whole, verdict: '<script>' },
    { ...whole, measured: [null] },
    { ...whole, measured: 'many' },
    { ...whole, expect: {} },
    { ...whole, note: 3 },
    { ...whole, id: undefined },
  ];
  expect(broken.map(claimProblem)).toEqual(broken.map(() => expect.stringMatching(/ (but|needs) /)));
});

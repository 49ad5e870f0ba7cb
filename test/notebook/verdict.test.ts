import { expect, test } from 'vitest';
import { band } from '../../src/notebook/expectation';
import { type Claim, claimProblem, judge, measurement } from '../../src/notebook/verdict';

const verdict = (measured: Claim['measured'], band: Claim['expect']) => judge(measured, band).verdict;

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
  [0.3, { equals: 0.4, tolerance: 0.09 }, 'fails'],
  [[1, 2, 3], { above: 1 }, 'holds'],
  [[1, 2, 0], { above: 1 }, 'fails'],
  [[2, NaN], { above: 1 }, 'fails'],
  [Infinity, { above: 1 }, 'fails'],
  [undefined, { above: 1 }, 'not tested'],
] as const)('%s with %j: %s', (measured, expectation, right) => expect(verdict(measured, expectation)).toBe(right));

test.each([
  [1, { rival: 0.5 }, 'holds', ['fails']],
  [1, { rival: [0.9, 0.5] }, 'holds', ['fails']],
  [1, { rival: NaN }, 'holds', ['fails']],
  [1, { rival: [0.9, 1.1] }, 'undecided', ['holds']],
  [1, { rival: 0.5, second: 1 }, 'undecided', ['fails', 'holds']],
  [0.5, { rival: 1 }, 'fails', ['holds']],
] as const)('%s in [0.9, 1.1], against %j: %s', (measured, alternatives, right, others) => {
  const judged = judge(measured, { within: [0.9, 1.1] }, alternatives);
  expect(judged.verdict).toBe(right);
  expect(judged.against.map(alternative => alternative.verdict)).toEqual(others);
  expect(judged.against.map(({ name, measured }) => [name, measured])).toEqual(Object.entries(alternatives));
});

const expectations: Claim['expect'][] = [
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
    expect([value, verdict([value], expectation)]).toEqual([value, 'fails']);
  for (const value of [NaN, Infinity, -Infinity]) expect(verdict(value, expectation)).toBe('fails');
  expect(verdict([], expectation)).toBe('fails');
  const gap: number[] = [];
  gap[1] = 0.5;
  expect(verdict(gap, expectation)).toBe('fails');
});

test('bands read as they judge', () => {
  expect(
    [{ above: 0.5 }, { below: 1e-9 }, { within: [1, 2] as const }, { equals: 0.3, tolerance: 0.01 }].map(band),
  ).toEqual(['≥ 0.5', '≤ 1e-9', 'in [1, 2]', '0.3 ± 0.01']);
});

test.each([
  [0.99996, { above: 1 }, '0.99996', '≥ 1'],
  [1.00004, { below: 1 }, '1.00004', '≤ 1'],
  [0.999999999999, { above: 1 }, '0.999999999999', '≥ 1'],
  [1.00004, { above: 1 }, '1', '≥ 1'],
  [2.0000004, { within: [1, 2] }, '2.0000004', 'in [1, 2]'],
  [0.3100001, { equals: 0.3, tolerance: 0.01 }, '0.3100001', '0.3 ± 0.01'],
  [0.3099999, { equals: 0.3, tolerance: 0.01 }, '0.31', '0.3 ± 0.01'],
  [0.99995, { above: 0.99999 }, '0.99995', '≥ 0.99999'],
  [0.33334, { below: 1 / 3 }, '0.33334', '≤ 0.3333'],
  [0.66664, { above: 0.66664 + 1 / 3e9 }, '0.66664 where the band is ≥ 0.6666400003333334', '≥ 0.6666'],
] as const)('%s beside %j has the digits that separate them', (measured, expectation, told, bandTold) => {
  expect([measurement(measured, expectation), band(expectation)]).toEqual([told, bandTold]);
});

test('the ends of a range have the digits that separate them from the bounds', () => {
  expect(measurement([0.99996, 1.00004], { above: 1 })).toBe('0.99996 .. 1 (1 of 2 hold)');
});

test('several measurements read as their range and how many satisfy', () => {
  expect(measurement([1, 2, 3], { above: 2 })).toBe('1 .. 3 (2 of 3 hold)');
  expect(measurement([1, NaN], { above: 1 })).toBe('1 .. 1 (1 not finite, 1 of 2 hold)');
  expect(measurement([NaN, NaN], { above: 1 })).toBe('none finite (0 of 2 hold)');
  expect(measurement([0.5], { above: 1 })).toBe('0.5');
  expect(measurement(undefined, { above: 1 })).toBe('');
  expect(
    measurement(
      Array.from({ length: 300_000 }, (_, i) => i),
      { above: 1 },
    ),
  ).toBe('0 .. 299999 (299999 of 300000 hold)');
});

test('a claim is told from what is none', () => {
  const rival = { name: 'rival', measured: [1, NaN], verdict: 'fails' };
  const whole = {
    id: 'a',
    statement: 's',
    source: 'own',
    expect: { above: 0 },
    measured: [1, NaN],
    kind: 'claim',
    against: [rival],
    verdict: 'fails',
  };
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
    { ...whole, kind: undefined },
    { ...whole, kind: 'guess' },
    { ...whole, against: undefined },
    { ...whole, against: [null] },
    { ...whole, against: [{ ...rival, name: 3 }] },
    { ...whole, against: [{ ...rival, measured: undefined }] },
    { ...whole, against: [{ ...rival, measured: [null] }] },
    { ...whole, against: [{ ...rival, verdict: 'undecided' }] },
  ];
  expect(broken.map(claimProblem)).toEqual(broken.map(() => expect.stringMatching(/ (but|needs) /)));
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { outputPaths } from '../../kernel-setup/run/output-folder.mjs';
import {
  knownIn,
  passes,
  readResult,
  type Result,
  storedResult,
  writeClaims,
  writeResult,
} from '../../kernel-setup/run/results.mjs';
import { verdictLines } from '../../kernel-setup/run/verdict-lines.mjs';
import { claim, result } from '../support/results';

let output: string;
beforeEach(() => {
  output = mkdtempSync(path.join(tmpdir(), 'widenet-output-'));
});
afterEach(() => rmSync(output, { recursive: true }));

const store = (next: Result) => writeResult(outputPaths(output).result(next.name), next);

test('a claim is as committed when it fails there too, but not when nothing is measured now that was', () => {
  const numbers = claim('a', 1, 'fails');
  const lost = { ...numbers, measured: [NaN, Infinity] };
  expect(knownIn([numbers, claim('b', 1), claim('c', 1, 'undecided')], [numbers, claim('c', 2, 'fails')])).toEqual([
    'a',
    'c',
  ]);
  expect(knownIn([numbers], [lost])).toEqual([]);
  expect(knownIn([numbers], [])).toEqual([]);
  expect(knownIn([lost], [lost])).toEqual(['a']);
  const judged = (known: string[]) => result([lost], { known });
  expect([judged(['a']), judged([])].map(passes)).toEqual([true, false]);
  const said = '(not confirmed in the committed notebook either)';
  expect([judged(['a']), judged([])].map(r => verdictLines(r).includes(said))).toEqual([true, false]);
});

test('a result is read as written; a missing one is none', () => {
  expect(readResult(output, 'chen2022')).toBeUndefined();
  store(result([claim('a', 1)]));
  expect(readResult(output, 'chen2022')).toEqual(result([claim('a', 1)]));
  const odd = { ...claim('lost', 1, 'fails'), measured: [NaN, Infinity, -0] };
  store(result([odd]));
  expect(readResult(output, 'chen2022')?.claims[0]).toStrictEqual(odd);
  expect(readFileSync(outputPaths(output).result('chen2022'), 'utf8')).not.toContain('undefined');
});

test.each<[string, (whole: any) => unknown]>([
  ['an empty file', () => ''],
  ['a cut one', whole => JSON.stringify(whole).slice(0, -30)],
  ['a list', () => []],
  ['null', () => null],
  ['an object', () => ({})],
  ['of another notebook', whole => ({ ...whole, name: 'zhang2022' })],
  ['with a null measured', whole => ({ ...whole, claims: [{ ...whole.claims[0], measured: [null] }] })],
  ['with a verdict of its own', whole => ({ ...whole, claims: [{ ...whole.claims[0], verdict: 'maybe' }] })],
  ['without settings', whole => ({ ...whole, settings: undefined })],
  ['with a failure of another shape', whole => ({ ...whole, status: 'failed', failure: { cell: 1 } })],
  ['with figures of another shape', whole => ({ ...whole, figures: ['a'] })],
  ['with an earlier run of another shape', whole => ({ ...whole, previous: { claims: 3 } })],
  ['with a tag that nobody writes', whole => ({ ...whole, seconds: { $type: 'x' } })],
])('a stored result that is damaged is none, is set aside and said once: %s', (_, damage) => {
  const said = vi.spyOn(console, 'warn').mockImplementation(() => {});
  store(result([claim('a', 1)]));
  const file = outputPaths(output).result('chen2022');
  const damaged = damage(JSON.parse(readFileSync(file, 'utf8')));
  const text = typeof damaged === 'string' ? damaged : JSON.stringify(damaged);
  writeFileSync(file, text);
  expect([readResult(output, 'chen2022'), readResult(output, 'chen2022')]).toEqual([undefined, undefined]);
  expect(said.mock.calls).toEqual([
    [
      expect.stringMatching(
        /^the stored result of chen2022 is damaged or of another version and does not count; it is kept as /,
      ),
    ],
  ]);
  const aside = readdirSync(path.dirname(file));
  expect(aside).toEqual([expect.stringMatching(/^chen2022\.json\.damaged-\d+$/)]);
  expect(readFileSync(path.join(path.dirname(file), aside[0]), 'utf8')).toBe(text);
  said.mockRestore();
});

test('claims.json has values, bands, settings and versions', () => {
  writeClaims(output, [result([claim('a', 0.1)], { settings: { seeds: [0, 1] }, versions: { node: '20' } })]);
  expect(JSON.parse(readFileSync(outputPaths(output).claims, 'utf8'))).toMatchObject({
    notebooks: [
      {
        name: 'chen2022',
        status: 'done',
        profile: 'quick',
        settings: { seeds: [0, 1] },
        versions: { node: '20' },
        claims: [{ id: 'a', measured: 0.1, expect: { above: 0 }, verdict: 'holds' }],
      },
    ],
  });
});

test('a run passes when all cells ran and only claims fail that the committed notebook shows as failing', () => {
  const claims = [claim('a', 1), claim('b', -1, 'fails')];
  expect(passes(result(claims))).toBe(false);
  expect(passes(result(claims, { known: ['b'] }))).toBe(true);
  expect(passes(result(claims, { known: ['a'] }))).toBe(false);
  expect(passes(result([claim('a', 1)], { status: 'failed' }))).toBe(false);
  const undecided = [claim('a', 1, 'undecided')];
  expect(passes(result(undecided))).toBe(false);
  expect(passes(result(undecided, { known: ['a'] }))).toBe(true);
  expect(passes(result([{ ...claim('a', 1, 'not tested'), measured: undefined }]))).toBe(true);
});

test.each([
  ['null', /damaged/],
  ['3', /damaged/],
  ['{}', /damaged/],
  ['{"claims": [null]}', /damaged/],
  ['{"claims": [], "previous": 3}', /damaged/],
])('a result that is %s is damaged, not read', (text, problem) => {
  mkdirSync(path.dirname(outputPaths(output).result('x')), { recursive: true });
  writeFileSync(outputPaths(output).result('x'), text);
  expect(storedResult(output, 'x')).toEqual({ problem: expect.stringMatching(problem) });
});

test('each field of a result is looked at, and a claim of another shape makes it damaged', () => {
  const broken: [object, RegExp][] = [
    [{ status: 'maybe' }, /status is "maybe"/],
    [{ status: 'failed', failure: {} }, /status is "failed"/],
    [{ figures: [{ id: '../x', title: 't' }] }, /figures is/],
    [{ settings: null }, /settings is null/],
    [{ cells: ['1'] }, /cells is/],
    [{ claims: [{ ...claim('a', 1), verdict: '<b>' }] }, /verdict is '<b>' but must be holds/],
    [{ claims: [{ ...claim('a', 1), measured: ['1'] }] }, /measured\[0\] is '1' but must be a number/],
    [{ claims: [{ ...claim('a', 1), expect: {} }] }, /expect is \{\} but must be one of/],
    [{ claims: [{ ...claim('a', 1), kind: undefined }] }, /kind is undefined but must be claim or check/],
    [{ claims: [{ ...claim('a', 1), against: [{}] }] }, /against\[0\]: name is undefined but must be a text/],
    [{ code: 3 }, /code is 3/],
    [{ partial: [{ ...claim('a', 1), statement: 3 }] }, /statement is 3 but must be a text/],
  ];
  for (const [change, problem] of broken) {
    writeFileSync(writtenResult(), JSON.stringify({ ...result([claim('a', 1)]), ...change }));
    expect(storedResult(output, 'chen2022')).toEqual({ problem: expect.stringMatching(problem) });
  }
});

const writtenResult = () => {
  rmSync(outputPaths(output).result('chen2022'), { force: true });
  store(result([claim('a', 1)]));
  return outputPaths(output).result('chen2022');
};

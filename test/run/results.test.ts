import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { outputPaths, prepareOutput, settle } from '../../kernel-setup/run/output-folder.mjs';
import { differences } from '../../kernel-setup/run/differences.mjs';
import {
  passes,
  previousOf,
  readResult,
  type Result,
  storedResult,
  writeClaims,
  writeResult,
} from '../../kernel-setup/run/results.mjs';
import type { Claim } from '../../src/notebook/verdict';
import { root } from '../support/notebooks';

let output: string;
beforeEach(() => {
  output = mkdtempSync(path.join(tmpdir(), 'widenet-output-'));
});
afterEach(() => rmSync(output, { recursive: true }));

const claim = (id: string, measured: number, verdict: Claim['verdict'] = 'holds'): Claim => ({
  id,
  statement: id,
  source: 'own',
  expect: { above: 0 },
  measured,
  verdict,
});
/** Stores a result as a run does. */
const store = (next: Result) =>
  writeResult(outputPaths(output).result(next.name), { ...next, previous: previousOf(readResult(output, next.name)) });
const result = (claims: Claim[], more: Partial<Result> = {}): Result => ({
  name: 'chen2022',
  key: 'k',
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

test('an output folder that cannot be written is refused with what to do', () => {
  const file = path.join(output, 'file');
  writeFileSync(file, '');
  expect(() => prepareOutput(root, path.join(file, 'inside'))).toThrow(
    /^cannot write to the output folder .*\(E\w+\)\n {2}make it writable, or name another one: --output <folder>$/,
  );
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

test('differences are told from the last run that succeeded', () => {
  store(result([claim('same', 1), claim('moved', 1), claim('turned', 1), claim('gone', 1, 'fails')]));
  store(result([], { status: 'failed', failure: { cell: 1, name: 'Error', message: 'boom', traceback: [] } }));
  store(
    result([claim('same', 1), claim('moved', 2), claim('turned', 1, 'fails'), claim('fresh', 1)], {
      profile: 'full',
      settings: { n: 4, m: 1 },
    }),
  );
  expect(differences(readResult(output, 'chen2022')!)).toEqual([
    'profile: quick -> full',
    'n: 3 -> 4',
    'm: absent -> 1',
    'moved: still holds, measured values moved',
    'turned: holds -> fails',
    'fresh: new, holds',
    'gone: gone (it was: fails)',
  ]);
});

test('numbers that differ in what JSON does not tell have moved', () => {
  const moved = (before: number, after: number) => {
    store(result([claim('a', before, 'fails')]));
    store(result([claim('a', after, 'fails')]));
    return differences(readResult(output, 'chen2022')!);
  };
  expect([moved(NaN, Infinity), moved(NaN, NaN)]).toEqual([['a: still fails, measured values moved'], []]);
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
});

test('after a kill at any point a result, its notebook and its figures are all the old ones or become all the new ones', () => {
  const at = outputPaths(output);
  const content = (version: string) =>
    [at.result('a/b'), at.notebook('a/b'), path.join(at.figures('a/b'), `${version}.json`)].map(
      file => existsSync(file) && readFileSync(file, 'utf8'),
    );
  const put = (folder: string, files: Record<string, string>) =>
    Object.entries(files).forEach(([file, text]) => {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    });
  const files = (version: string) => ({
    'result.json': version,
    'notebook.ipynb': version,
    [`figures/${version}.json`]: version,
  });
  put(at.staged('a/b'), files('old'));
  settle(output, 'a/b');
  expect(content('old')).toEqual(['old', 'old', 'old']);

  put(`${at.staged('a/b')}.part`, files('unfinished'));
  settle(output, 'a/b');
  expect(content('old')).toEqual(['old', 'old', 'old']);

  for (const moved of [[], ['figures'], ['figures', 'notebook.ipynb'], ['figures', 'notebook.ipynb', 'result.json']]) {
    put(at.staged('a/b'), files('new'));
    // what a killed process had moved before it died
    for (const part of moved) {
      const target = {
        figures: at.figures('a/b'),
        'notebook.ipynb': at.notebook('a/b'),
        'result.json': at.result('a/b'),
      }[part]!;
      rmSync(target, { recursive: true, force: true });
      renameSync(path.join(at.staged('a/b'), part), target);
    }
    settle(output, 'a/b');
    expect(content('new')).toEqual(['new', 'new', 'new']);
    expect(readdirSync(path.dirname(at.staged('a/b')))).toEqual([]);
  }
  expect(readdirSync(at.figures('a/b'))).toEqual(['new.json']);
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

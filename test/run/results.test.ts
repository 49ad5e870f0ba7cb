import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareOutput } from '../../kernel-setup/run/output.mjs';
import { passes, differences, places, readResult, type Result, writeClaims, writeResult } from '../../kernel-setup/run/results.mjs';
import type { Claim } from '../../src/verdict';
import { root } from '../support/notebooks';

let output: string;
beforeEach(() => { output = mkdtempSync(path.join(tmpdir(), 'widenet-output-')); });
afterEach(() => rmSync(output, { recursive: true }));

const claim = (id: string, measured: number, verdict: Claim['verdict'] = 'holds'): Claim => ({ id, statement: id, source: 'own', expect: { above: 0 }, measured, verdict });
const result = (claims: Claim[], more: Partial<Result> = {}): Result => ({
  name: 'chen2022', key: 'k', status: 'done', finished: '2026-01-01', seconds: 1, cells: [1], profile: 'quick', settings: { n: 3 }, claims, known: [], figures: [], versions: {}, ...more,
});

test('an output folder that cannot be written is refused with what to do', () => {
  const file = path.join(output, 'file');
  writeFileSync(file, '');
  expect(() => prepareOutput(root, path.join(file, 'inside'))).toThrow(/^cannot write to the output folder .*\(E\w+\)\n {2}make it writable, or name another one: --output <folder>$/);
});

test('a result is read as written; a missing or damaged one is none', () => {
  expect(readResult(output, 'chen2022')).toBeUndefined();
  writeResult(output, result([claim('a', 1)]));
  expect(readResult(output, 'chen2022')).toEqual(result([claim('a', 1)]));
  writeResult(output, result([claim('lost', NaN, 'fails')]));
  expect(readResult(output, 'chen2022')?.claims[0].measured).toBeNaN();
  writeFileSync(places(output).result('chen2022'), '{"name":');
  expect(readResult(output, 'chen2022')).toBeUndefined();
});

test('differences are told from the last run that succeeded', () => {
  writeResult(output, result([claim('same', 1), claim('moved', 1), claim('turned', 1), claim('gone', 1, 'fails')]));
  writeResult(output, result([], { status: 'failed', failure: { cell: 1, name: 'Error', message: 'boom', traceback: [] } }));
  writeResult(output, result([claim('same', 1), claim('moved', 2), claim('turned', 1, 'fails'), claim('fresh', 1)], { profile: 'full', settings: { n: 4, m: 1 } }));
  expect(differences(readResult(output, 'chen2022')!)).toEqual([
    'profile: quick -> full', 'n: 3 -> 4', 'm: absent -> 1',
    'moved: still holds, measured values moved', 'turned: holds -> fails', 'fresh: new, holds', 'gone: gone (it was: fails)',
  ]);
});

test('claims.json has values, bands, settings and versions', () => {
  writeClaims(output, [result([claim('a', 0.1)], { settings: { seeds: [0, 1] }, versions: { node: '20' } })]);
  expect(JSON.parse(readFileSync(places(output).claims, 'utf8'))).toMatchObject({
    notebooks: [{ name: 'chen2022', status: 'done', profile: 'quick', settings: { seeds: [0, 1] }, versions: { node: '20' }, claims: [{ id: 'a', measured: 0.1, expect: { above: 0 }, verdict: 'holds' }] }],
  });
});

test('a run passes when all cells ran and only claims fail that the committed notebook shows as failing', () => {
  const claims = [claim('a', 1), claim('b', -1, 'fails')];
  expect(passes(result(claims))).toBe(false);
  expect(passes(result(claims, { known: ['b'] }))).toBe(true);
  expect(passes(result(claims, { known: ['a'] }))).toBe(false);
  expect(passes(result([claim('a', 1)], { status: 'failed' }))).toBe(false);
});

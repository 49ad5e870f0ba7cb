import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { isBatch, isResumed, notice, repository, requestedParameters } from '../../src/notebook/runner';
import { requestedProfile, rowsFolder } from '../../src/notebook/runner';

afterEach(() => vi.unstubAllEnvs());

test('without a runner: the quick profile, no parameters, nothing taken up', () => {
  for (const name of ['BATCH', 'PROFILE', 'SET', 'RESUME', 'ROWS']) vi.stubEnv(`WIDENET_${name}`, undefined);
  expect([isBatch(), requestedProfile(), requestedParameters(), isResumed()]).toEqual([false, 'quick', {}, false]);
});

test('what the runner sets is read at the call', () => {
  vi.stubEnv('WIDENET_BATCH', '1');
  vi.stubEnv('WIDENET_PROFILE', 'full');
  vi.stubEnv('WIDENET_SET', '{"n": 3}');
  vi.stubEnv('WIDENET_RESUME', '1');
  expect([isBatch(), requestedProfile(), requestedParameters(), isResumed()]).toEqual([true, 'full', { n: 3 }, true]);
});

test.each(['{"n": 1', '[1]', 'null', '3'])('WIDENET_SET of %s is refused', text => {
  vi.stubEnv('WIDENET_SET', text);
  expect(requestedParameters).toThrow(`params: WIDENET_SET is ${text} but must be a JSON object`);
});

test.each([
  ['notebooks/chen2022.ipynb', 'output/rows/chen2022'],
  ['notebooks/forks/wider.ipynb', 'output/rows/forks/wider'],
  ['../elsewhere/mine.ipynb', 'output/rows/mine'],
])('the rows of %s lie in %s', (notebook, folder) => {
  vi.stubEnv('WIDENET_ROWS', undefined);
  vi.stubEnv('JPY_SESSION_NAME', path.join(repository, notebook));
  expect(rowsFolder()).toBe(path.join(repository, folder));
  vi.stubEnv('WIDENET_ROWS', '/given');
  expect(rowsFolder()).toBe('/given');
});

test('a notice goes to the file of the runner, or else to stderr', () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'notices-')), 'notices');
  vi.stubEnv('WIDENET_NOTICES', file);
  notice('3 of 4 cases');
  expect([readFileSync(file, 'utf8'), warn.mock.calls]).toEqual(['3 of 4 cases\n', []]);
  vi.stubEnv('WIDENET_NOTICES', undefined);
  notice('none');
  expect(warn.mock.calls).toEqual([['none']]);
});

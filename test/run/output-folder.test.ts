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
import { afterEach, beforeEach, expect, test } from 'vitest';
import { outputPaths, prepareOutput, settle } from '../../kernel-setup/run/output-folder.mjs';
import { root } from '../support/root';

let output: string;
beforeEach(() => {
  output = mkdtempSync(path.join(tmpdir(), 'widenet-output-'));
});
afterEach(() => rmSync(output, { recursive: true }));

test('an output folder that cannot be written is refused with what to do', () => {
  const file = path.join(output, 'file');
  writeFileSync(file, '');
  expect(() => prepareOutput(root, path.join(file, 'inside'))).toThrow(
    /^cannot write to the output folder .*\(E\w+\)\n {2}make it writable, or name another one: --output <folder>$/,
  );
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

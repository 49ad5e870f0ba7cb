/** Which files beside a notebook decide its results. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importedFiles } from '../../kernel-setup/run/imports.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'widenet-imports-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each<[string, string, string[]]>([
  ["import { f } from './helper';", 'helper.ts', []],
  ["import { f } from './helper.js';", 'helper.ts', []],
  ["import { f } from './helper.mjs';", 'helper.mts', []],
  ["import { f } from './helper';", 'helper.tsx', []],
  ["const { f } = require('./helper.mjs');", 'helper.mjs', []],
  ["const { f } = await import('./folder');", 'folder/index.mjs', []],
  ["import { f } from '.';", 'index.ts', []],
  ["import data from './data.json';", 'data.json', []],
  ["import { f } from './helper';", 'helper.ts', ['inner.mjs']],
  ["import { tf } from 'widenet';", 'widenet.ts', ['widenet.ts']],
])('%s is of %s', (code, file, others) => {
  for (const name of [file, ...others]) mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  for (const name of others) writeFileSync(path.join(folder, name), '');
  writeFileSync(path.join(folder, file), others.map(name => `import './${name}';`).join());
  const expected = code.includes("'widenet'") ? [] : [file, ...others].sort();
  expect(importedFiles(folder, [code]).map(found => path.relative(folder, found))).toEqual(expected);
});

import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashOf, replace, writeWhole } from '../../kernel-setup/shared/files.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'widenet-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file is written with its folders; who has the earlier one open still reads that whole', () => {
  const file = path.join(folder, 'a', 'b', 'file');
  writeWhole(file, 'first');
  const reader = openSync(file, 'r');
  writeWhole(file, 'second');
  expect([readFileSync(reader, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['first', 'second']);
  closeSync(reader);
  expect(readdirSync(path.dirname(file))).toEqual(['file']);
});

test('what cannot be written leaves the earlier content, and nothing half-made', () => {
  const file = path.join(folder, 'file');
  writeWhole(file, 'first');
  expect(() => writeWhole(file, 3 as any)).toThrow(/must be of type string/);
  expect(readFileSync(file, 'utf8')).toBe('first');
  mkdirSync(`${file}.part`);
  expect(() => writeWhole(file, 'second')).toThrow(/EISDIR/);
  expect(readFileSync(file, 'utf8')).toBe('first');
});

test('a folder is replaced with all that was in it', () => {
  const at = (...parts: string[]) => path.join(folder, ...parts);
  for (const [name, file] of [
    ['target', 'old'],
    ['part', 'new'],
  ])
    writeWhole(at(name, file), '');
  replace(at('target'), at('part'));
  expect([readdirSync(at('target')), existsSync(at('part'))]).toEqual([['new'], false]);
});

test('the hash of a file larger than what is read at once', () => {
  const content = Buffer.alloc(3_000_001, 'widenet');
  writeFileSync(path.join(folder, 'large'), content);
  expect(hashOf(path.join(folder, 'large'))).toBe(createHash('sha256').update(content).digest('hex'));
});

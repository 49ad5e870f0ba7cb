import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isInPlace, removeStamp, writeStamp } from '../../kernel-setup/setup/stamp.mjs';
import { scratchRepository, write } from '../support/scratch';

function part() {
  const root = scratchRepository();
  const input = { version: '1', absent: undefined };
  write(path.join(root, 'made', 'library'), 'content');
  fs.symlinkSync('library', path.join(root, 'made', 'link'));
  return {
    root,
    input,
    part: {
      stamp: 'made/stamp.json',
      outputs: ['made/library', 'made/link'],
      files: [],
      madeFrom: () => ({ ...input }),
    },
  };
}

test('a part is in place once stamped, and not before', () => {
  const { root, part: made } = part();
  expect(isInPlace(root, made)).toBe(false);
  writeStamp(root, made);
  expect(isInPlace(root, made)).toBe(true);
  removeStamp(root, made);
  expect(isInPlace(root, made)).toBe(false);
});

test.each<[string, (root: string, input: { version: string }) => void]>([
  [
    'other inputs',
    (_, input) => {
      input.version = '2';
    },
  ],
  ['a truncated output', root => fs.truncateSync(path.join(root, 'made/library'), 3)],
  ['a missing output', root => fs.rmSync(path.join(root, 'made/library'))],
  [
    'a link that leads elsewhere',
    root => {
      write(path.join(root, 'made/other'), 'content');
      fs.rmSync(path.join(root, 'made/link'));
      fs.symlinkSync('other', path.join(root, 'made/link'));
    },
  ],
  [
    'an input that is gone',
    (root, input) => {
      Object.defineProperty(input, 'file', { enumerable: true, get: () => fs.readFileSync(path.join(root, 'gone')) });
    },
  ],
  ['a damaged stamp', root => fs.truncateSync(path.join(root, 'made/stamp.json'), 20)],
])('not in place with %s', (_, damage) => {
  const { root, input, part: made } = part();
  writeStamp(root, made);
  damage(root, input);
  expect(isInPlace(root, made)).toBe(false);
});

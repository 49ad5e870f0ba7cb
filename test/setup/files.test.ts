import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { compareFiles, damageRefusal, toRepair } from '../../kernel-setup/setup/damage.mjs';
import { failureText } from '../../kernel-setup/setup/diagnosis.mjs';
import { compareWithList, writeList } from '../../kernel-setup/setup/files.mjs';
import { writeStamp } from '../../kernel-setup/setup/stamp.mjs';
import type { Step } from '../../kernel-setup/setup/steps.mjs';
import { hashOf } from '../../kernel-setup/shared/files.mjs';
import { scratchRepository, write } from '../support/scratch';

const part = (folder: string, madeAnewWith?: string): Step => ({
  title: `the ${folder}`,
  needs: [],
  bytes: 0,
  stamp: `${folder}/widenet.json`,
  outputs: [],
  files: [folder],
  madeFrom: () => ({}),
  make: async () => '',
  madeAnewWith,
});

/** A part with a library, a program, a package of two files, a compiled Python file and two links. */
function made(folder = 'made') {
  const root = scratchRepository();
  const at = (name: string) => path.join(root, folder, name);
  write(at('library.so'), 'library'.repeat(1000));
  write(at('bin/program'), '#!/bin/sh\n', 0o755);
  for (const name of ['one', 'two']) write(at(`ünï pack/inner/${name}.js`), name);
  write(at('cache.pyc'), 'compiled');
  fs.symlinkSync('library.so', at('link'));
  fs.symlinkSync('ünï pack', at('folder link'));
  writeList(root, part(folder));
  return { root, at, lines: () => compareWithList(root, part(folder)).differences };
}

const flip = (file: string) => {
  const content = fs.readFileSync(file);
  content[Math.floor(content.length / 2)] ^= 1;
  const { atime, mtime } = fs.statSync(file);
  fs.writeFileSync(file, content);
  fs.utimesSync(file, atime, mtime);
};

test('what is as it was listed has no differences, and new files beside it are no matter', () => {
  const { root, at, lines } = made();
  write(at('written later'), '');
  fs.rmSync(at('cache.pyc'));
  expect(lines()).toEqual([]);
  expect(compareWithList(root, part('made')).count).toBe(7);
});

test.each<[string, (at: (name: string) => string) => void, string]>([
  ['one bit', at => flip(at('library.so')), 'made/library.so has changed'],
  ['a bit of a compiled file', at => flip(at('cache.pyc')), 'made/cache.pyc has changed'],
  ['the end cut off', at => fs.truncateSync(at('library.so'), 10), 'made/library.so has changed'],
  ['a file', at => fs.rmSync(at('ünï pack/inner/one.js')), 'made/ünï pack/inner/one.js is missing'],
  [
    'a folder',
    at => fs.rmSync(at('ünï pack/inner'), { recursive: true }),
    'made/ünï pack/inner is missing, with 2 files',
  ],
  ['a link', at => fs.rmSync(at('link')), 'made/link is missing'],
  [
    'what a link leads to',
    at => fs.renameSync(at('library.so'), at('elsewhere')),
    'made/link is a link that leads nowhere',
  ],
  [
    'where a link leads',
    at => {
      fs.rmSync(at('link'));
      fs.symlinkSync('bin/program', at('link'));
    },
    'made/link has changed',
  ],
  [
    'a link, for a copy',
    at => {
      fs.rmSync(at('link'));
      fs.copyFileSync(at('library.so'), at('link'));
    },
    'made/link has changed',
  ],
  ['the right to execute', at => fs.chmodSync(at('bin/program'), 0o644), 'made/bin/program has changed'],
  [
    'a file, for a folder',
    at => {
      fs.rmSync(at('library.so'));
      fs.mkdirSync(at('library.so'));
    },
    'made/library.so has changed',
  ],
  [
    'a folder, for a file',
    at => {
      fs.rmSync(at('bin'), { recursive: true });
      write(at('bin'), '');
    },
    'made/bin/program is missing',
  ],
  ['the list', at => fs.rmSync(at('widenet.files')), 'made/widenet.files, the list of its files, cannot be read'],
  ['the sense of the list', at => flip(at('widenet.files')), 'made/'],
])('a difference in %s is told', (_, damage, expected) => {
  const { at, lines } = made();
  damage(at);
  expect(lines().join('\n')).toContain(expected);
});

test('of many differences a few are shown', () => {
  const root = scratchRepository();
  for (let i = 0; i < 30; i++) write(path.join(root, 'made', `file ${i}`), String(i));
  writeList(root, part('made'));
  for (let i = 0; i < 30; i++) write(path.join(root, 'made', `file ${i}`), 'changed');
  const { differences } = compareWithList(root, part('made'));
  expect(differences).toHaveLength(6);
  expect(differences.at(-1)).toBe('and 25 more');
});

test('a hash is that of the whole file, also beyond one buffer', () => {
  const file = write(path.join(scratchRepository(), 'large'), 'x'.repeat(2.5 * (1 << 20)));
  const before = hashOf(file);
  fs.appendFileSync(file, 'x');
  expect(before).toBe('8cdc524a0e8319aad10e40d6beaf80db9f2acdd168be5f2015367f04713c00ff');
  expect(hashOf(file)).not.toBe(before);
});

test('only damaged parts are made anew, with what is made anew with them, and the failure names the command', () => {
  const { root, at } = made();
  const whole = part('whole');
  write(path.join(root, 'whole', 'file'), 'whole');
  writeList(root, whole);
  const steps = [{ ...part('ground'), files: [] }, whole, part('made', 'the ground'), part('not there')];
  steps.slice(0, 3).forEach(step => writeStamp(root, step));
  expect(toRepair(root, steps)).toEqual([]);
  flip(at('library.so'));
  expect(toRepair(root, steps).map(step => step.title)).toEqual(['the ground', 'the made']);
  const { files, damaged } = compareFiles(root, steps);
  expect(files).toBe(8);
  expect(failureText(damageRefusal(damaged))).toMatch(
    /^set-up stopped: not as installed: the made\n {2}made\/library.so has changed\n {2}.*: npm run setup -- --repair$/,
  );
});

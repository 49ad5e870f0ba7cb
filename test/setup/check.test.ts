import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkedSetup } from '../../kernel-setup/setup/check.mjs';
import { scratchRepository, repository } from '../support/scratch';

const renderer = '.venv/share/jupyter/labextensions/widenet-plotly/widenet.json';

test('of this set-up it is told that every file is as installed, and what was trained', async () => {
  expect(await checkedSetup(repository)).toEqual([
    expect.stringMatching(
      /^the set-up was checked and is in order: \d{5} files are as they were installed; 10 training steps, risk .*, JupyterLab 4\./,
    ),
  ]);
});

test('of a clone that lost nearly all of it, what is missing', async () => {
  const root = scratchRepository();
  for (const name of ['package-lock.json', 'kernel-setup'])
    fs.cpSync(path.join(repository, name), path.join(root, name), { recursive: true });
  // It was made from an npm package that is not there.
  fs.cpSync(path.join(repository, renderer), path.join(root, renderer));
  expect(await checkedSetup(root)).toEqual([
    expect.stringMatching(
      /^the set-up was checked: not in place: npm packages, Python environment, JupyterLab, .*, self-check$/,
    ),
    '  make what is missing: npm run setup',
  ]);
});

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { notebookText } from '../../kernel-setup/run/notebook-text.mjs';
import { readNotebook } from '../../kernel-setup/run/notebooks.mjs';
import { root, writeNotebook } from '../support/notebooks';

/** A notebook whose second cell showed a figure and a line. */
function ran(folder: string, source: string, y: number) {
  const { file } = writeNotebook(folder, 'a', ['# Title', { source, tags: ['parameters'] }]);
  const notebook = JSON.parse(readFileSync(file, 'utf8'));
  notebook.cells[1].outputs = [
    { output_type: 'stream', name: 'stdout', text: ['one\n', 'two\n'] },
    {
      output_type: 'display_data',
      metadata: {},
      data: {
        'application/vnd.plotly.v1+json': { data: [{ y: [y] }] },
        'text/plain': `last ${y}`,
        'image/png': 'iVBO',
      },
    },
  ];
  writeFileSync(file, JSON.stringify(notebook));
  return file;
}

test('a notebook as text holds its cells, what they printed, and a line for each figure and picture', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'widenet-text-'));
  try {
    const text = notebookText(readNotebook(ran(folder, 'const a = 1;\na', 1)));
    expect(text).toMatch(
      /^# ---- markdown\n# Title\n\n# ---- code parameters\nconst a = 1;\na\n {4}one\n {4}two\n {4}last 1\n {4}<application\/vnd\.plotly\.v1\+json \w{8}>\n {4}<image\/png \w{8}>\n\n\{"kernelspec"/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('git shows what changed in a cell and in its outputs, by the documented command, in a clone as it comes', () => {
  const clone = mkdtempSync(path.join(tmpdir(), 'widenet-diff-'));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: clone, encoding: 'utf8' });
  try {
    mkdirSync(path.join(clone, 'notebooks'));
    // Nothing is set up here: there is no node_modules.
    for (const room of ['run', 'shared'])
      cpSync(path.join(root, 'kernel-setup', room), path.join(clone, 'kernel-setup', room), { recursive: true });
    cpSync(path.join(root, '.gitattributes'), path.join(clone, '.gitattributes'));
    ran(path.join(clone, 'notebooks'), 'const a = 1;', 1);
    git('init', '-q');
    git('add', 'notebooks', '.gitattributes');
    const command = /git config (diff\.\w+\.textconv) "(.*)"/.exec(
      readFileSync(path.join(root, '.gitattributes'), 'utf8'),
    )!;
    git('config', command[1], command[2]);
    ran(path.join(clone, 'notebooks'), 'const a = 2;', 2);
    const changes = () =>
      git('diff', '-U0')
        .split('\n')
        .filter(line => /^[-+](?![-+])/.test(line));
    const changed = changes();
    const marks = expect.stringMatching(/^[-+] {4}<application\/vnd\.plotly\.v1\+json \w{8}>$/);
    expect(changed).toEqual(['-const a = 1;', '+const a = 2;', '-    last 1', marks, '+    last 2', marks]);
    writeFileSync(path.join(clone, 'notebooks', 'a.ipynb'), '<<<<<<< HEAD\n');
    expect(changes()).toContain('+<<<<<<< HEAD');
  } finally {
    rmSync(clone, { recursive: true });
  }
});

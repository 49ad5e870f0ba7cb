import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  allNotebooks,
  codeHash,
  findNotebooks,
  readNotebook,
  sourceOf,
  writeNotebook,
} from '../../kernel-setup/run/notebooks.mjs';
import { venvPython } from '../../kernel-setup/shared/jupyter.mjs';
import { root, writeNotebook as make } from '../support/notebooks';

let clone: string;

beforeAll(() => {
  clone = mkdtempSync(path.join(tmpdir(), 'widenet-clone-'));
  const notebooks = path.join(clone, 'notebooks');
  for (const name of ['zhang2022', 'chen2022', 'forks/wider']) make(notebooks, name, ['# Title', 'const a = 1;']);
  mkdirSync(path.join(clone, 'src', 'inner'), { recursive: true });
  writeFileSync(path.join(clone, 'src', 'inner', 'a.ts'), 'export const a = 1;\n');
  cpSync(path.join(root, 'package-lock.json'), path.join(clone, 'package-lock.json'));
});

afterAll(() => rmSync(clone, { recursive: true }));

const names = (found: { name: string }[]) => found.map(n => n.name);

test('papers come before forks; without names all papers', () => {
  expect(names(allNotebooks(clone))).toEqual(['chen2022', 'zhang2022', 'forks/wider']);
  expect(names(findNotebooks(clone, []))).toEqual(['chen2022', 'zhang2022']);
});

test("a notebook that was never given a name is nobody's: it is not run, checked or reported", () => {
  const folder = path.join(clone, 'notebooks');
  for (const name of ['Untitled', 'Untitled3', 'forks/Untitled']) make(folder, name, ['# Draft']);
  make(folder, 'Untitled work', ['# Title']);
  expect(names(allNotebooks(clone))).toEqual(['Untitled work', 'chen2022', 'zhang2022', 'forks/wider']);
  for (const name of ['Untitled', 'Untitled3', 'forks/Untitled', 'Untitled work'])
    rmSync(path.join(folder, `${name}.ipynb`));
});

test('a notebook is found by its name, its file, and a fork without its folder', () => {
  expect(names(findNotebooks(clone, ['wider', 'zhang2022.ipynb', 'notebooks/zhang2022.ipynb']))).toEqual([
    'zhang2022',
    'forks/wider',
  ]);
});

test('a notebook that does not exist is refused with those that do', () => {
  expect(() => findNotebooks(clone, ['chen2023'])).toThrow(
    /^there is no notebook 'chen2023'\n {2}notebooks are: chen2022, zhang2022, forks\/wider$/,
  );
});

test('what is no notebook is refused', () => {
  const file = path.join(clone, 'broken.ipynb');
  writeFileSync(file, '{"cells": [');
  expect(() => readNotebook(file)).toThrow(/broken\.ipynb: is not a notebook: .*JSON/);
  writeFileSync(file, '{"worksheets": [], "nbformat": 3}');
  expect(() => readNotebook(file)).toThrow(/is not a notebook: it has no cells of nbformat 4\n/);
});

test('a notebook is written byte for byte as nbformat writes it', () => {
  const file = path.join(clone, 'written.ipynb');
  const notebook = readNotebook(path.join(clone, 'notebooks', 'chen2022.ipynb'));
  notebook.cells[1].source = 'const a = 1;\n\nconst b = 2;\n';
  notebook.metadata = {
    zeta: [1, -2.5e-7, 0.0001, 0.00001234, 1e-5, 1e-100, 1e21, 1.5e300, 2 ** 53, 0.1, -3, null, true],
    texts: ['[\n 1\n]', 'λ → 0 "quoted" \\ \u001b[1m \u2028', ''],
    keys: { 10: 'a', 9: 'b', '-': 'c', é: 'd', B: 'e', a: 'f' },
    empty: [[], {}],
  };
  writeNotebook(file, notebook);
  const ours = readFileSync(file, 'utf8');
  const script = 'import nbformat, sys; nbformat.write(nbformat.read(sys.argv[1], as_version=4), sys.argv[1])';
  execFileSync(venvPython(root), ['-c', script, file]);
  expect(readFileSync(file, 'utf8')).toBe(ours);
  expect(readNotebook(file).metadata).toEqual(notebook.metadata);
  expect(sourceOf(readNotebook(file).cells[1])).toBe(notebook.cells[1].source);
});

test('the hash follows code, library and packages, not comments, outputs or prose', () => {
  const notebook = readNotebook(path.join(clone, 'notebooks', 'chen2022.ipynb'));
  const before = codeHash(clone, notebook);
  const changed = (change: (n: typeof notebook) => void) => {
    const copy = structuredClone(notebook);
    change(copy);
    return codeHash(clone, copy) !== before;
  };
  expect(
    changed(n => {
      n.cells[0].source = '# Other title';
    }),
  ).toBe(false);
  expect(
    changed(n => {
      n.cells[1].outputs = [{ output_type: 'stream' }];
    }),
  ).toBe(false);
  expect(
    changed(n => {
      n.cells[1].source = 'const a = 2;';
    }),
  ).toBe(true);
  const source = path.join(clone, 'src', 'inner', 'a.ts');
  writeFileSync(source, '/** Said otherwise. */\nexport const a   = 1;\n');
  expect(codeHash(clone, notebook)).toBe(before);
  writeFileSync(source, 'export const a = 2;\n');
  expect(codeHash(clone, notebook)).not.toBe(before);
});

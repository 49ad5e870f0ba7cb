import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { kernelspec } from '../../kernel-setup/kernel/kernelspec.mjs';
import { sources } from '../../kernel-setup/plotly-renderer/install.mjs';
import { dataFolder, register, unregister } from '../../kernel-setup/setup/registration.mjs';
import { venvPython } from '../../kernel-setup/shared/jupyter.mjs';
import { root } from '../support/root';

let data: string;
beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), 'jupyter data-'));
});
afterEach(() => rmSync(data, { recursive: true }));

const files = () =>
  readdirSync(data, { recursive: true, encoding: 'utf8' })
    .filter(f => /\.\w+$/.test(f))
    .sort();

test('Jupyter itself looks in the same folder, for each of the variables that move it', () => {
  const asks = 'import jupyter_core.paths as p; print(p.jupyter_data_dir(), end="")';
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME, JUPYTER_PLATFORM_DIRS, ...bare } = process.env;
  for (const env of [{}, { JUPYTER_DATA_DIR: data }, { XDG_DATA_HOME: data }, { HOME: data }]) {
    const all = { ...bare, ...env };
    const theirs = execFileSync(venvPython(root), ['-c', asks], { env: all, encoding: 'utf8' });
    expect(dataFolder(all)).toBe(theirs);
  }
});

test('what is registered is the kernel and the whole renderer, twice the same, and all of it is taken back', () => {
  writeFileSync(path.join(data, 'own.txt'), '');
  const folders = register(root, data);
  const written = files();
  expect(written).toContain('kernels/tslab/kernel.json');
  expect(readdirSync(folders[1]).sort()).toEqual(
    sources(root)
      .map(file => path.basename(file))
      .sort(),
  );
  expect(JSON.parse(readFileSync(path.join(folders[0], 'kernel.json'), 'utf8'))).toEqual(kernelspec(root));
  expect(register(root, data)).toEqual(folders);
  expect(files()).toEqual(written);
  expect(unregister(data)).toEqual(folders);
  expect(files()).toEqual(['own.txt']);
  expect(unregister(data)).toEqual([]);
});

test.each(['{"argv": ["tslab", "kernel"]}', '{', undefined])(
  'a kernel of the same name that is not ours, %s, is left',
  content => {
    const other = path.join(data, 'kernels', 'tslab');
    mkdirSync(other, { recursive: true });
    if (content !== undefined) writeFileSync(path.join(other, 'kernel.json'), content);
    expect(() => register(root, data)).toThrow(/tslab is a kernel of another program\n[^]*kernelspec remove tslab$/);
    expect(existsSync(path.join(data, 'labextensions'))).toBe(false);
    expect(unregister(data)).toEqual([]);
    expect(existsSync(other)).toBe(true);
  },
);

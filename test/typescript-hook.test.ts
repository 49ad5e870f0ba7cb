import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from './support/root';

const folder = mkdtempSync(path.join(os.tmpdir(), 'widenet-hook-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Loads every module of the folder, in threads that begin each of them at the same moment. */
const script = (modules: number) => `
const { Worker, isMainThread, workerData } = require('node:worker_threads');
if (isMainThread) {
  const shared = new SharedArrayBuffer(4 * ${modules});
  for (let i = 0; i < 2; i++) new Worker(__filename, { workerData: shared });
} else {
  const arrived = new Int32Array(workerData);
  for (let i = 0; i < ${modules}; i++) {
    Atomics.add(arrived, i, 1);
    while (Atomics.load(arrived, i) < 2);
    if (require('./module-' + i + '.ts').value !== i) throw new Error('module ' + i);
  }
}`;

const hook = path.join(folder, 'kernel-setup', 'typescript-hook.cjs');
const cache = path.join(folder, 'node_modules', '.cache', 'widenet-typescript');

/** A repository of the hook alone. */
function repository() {
  rmSync(folder, { recursive: true });
  for (const name of ['kernel-setup', 'node_modules']) mkdirSync(path.join(folder, name), { recursive: true });
  copyFileSync(path.join(root, 'kernel-setup', 'typescript-hook.cjs'), hook);
  symlinkSync(path.join(root, 'node_modules', 'typescript'), path.join(folder, 'node_modules', 'typescript'));
}

const run = (file: string) =>
  spawnSync(process.execPath, ['--require', hook, path.join(folder, file)], { encoding: 'utf8' });

test('threads of one process that load the same modules for the first time do not disturb each other', () => {
  repository();
  const modules = 60,
    long = 'x'.repeat(1e6);
  for (let i = 0; i < modules; i++)
    writeFileSync(
      path.join(folder, `module-${i}.ts`),
      `export const value: number = ${i}; export const long = "${long}";`,
    );
  writeFileSync(path.join(folder, 'main.cjs'), script(modules));
  const { status, stderr } = run('main.cjs');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(readdirSync(cache)).toHaveLength(modules);
});

test.each<[string, (code: string) => string]>([
  ['changed', code => code.replace('right', 'wrong')],
  ['cut', code => code.slice(0, code.length / 2)],
  ['empty', () => ''],
])('what was transpiled earlier is not run when it was %s since', (_, damage) => {
  repository();
  writeFileSync(path.join(folder, 'main.ts'), 'const text: string = "right"; console.log(text);');
  expect(run('main.ts').stdout).toBe('right\n');
  const cached = path.join(cache, readdirSync(cache)[0]),
    code = readFileSync(cached, 'utf8');
  writeFileSync(cached, damage(code));
  expect(run('main.ts').stdout).toBe('right\n');
  expect(readFileSync(cached, 'utf8')).toBe(code);
});

test('where nothing can be written, modules load all the same', () => {
  repository();
  writeFileSync(path.join(folder, 'main.ts'), 'const text: string = "right"; console.log(text);');
  writeFileSync(
    path.join(folder, 'full.cjs'),
    `
    const fs = require('node:fs');
    fs.writeFileSync = () => { throw Object.assign(new Error('full'), { code: 'ENOSPC' }); };
    require('./main.ts');`,
  );
  const { stdout, stderr } = run('full.cjs');
  expect(stdout + stderr).toBe('right\n');
});

test('where the cache cannot be made, modules load all the same', () => {
  repository();
  writeFileSync(path.join(folder, 'node_modules', '.cache'), 'a file in its place');
  writeFileSync(path.join(folder, 'main.ts'), 'const text: string = "right"; console.log(text);');
  const { stdout, stderr } = run('main.ts');
  expect(stdout + stderr).toBe('right\n');
});

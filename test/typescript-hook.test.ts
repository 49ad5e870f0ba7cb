import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = path.join(__dirname, '..');
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

test('threads of one process that load the same modules for the first time do not disturb each other', () => {
  const setup = path.join(folder, 'kernel-setup'), packages = path.join(folder, 'node_modules');
  mkdirSync(setup);
  mkdirSync(packages);
  copyFileSync(path.join(root, 'kernel-setup', 'typescript-hook.cjs'), path.join(setup, 'typescript-hook.cjs'));
  symlinkSync(path.join(root, 'node_modules', 'typescript'), path.join(packages, 'typescript'));
  const modules = 60, long = 'x'.repeat(1e6);
  for (let i = 0; i < modules; i++) writeFileSync(path.join(folder, `module-${i}.ts`), `export const value: number = ${i}; export const long = "${long}";`);
  writeFileSync(path.join(folder, 'main.cjs'), script(modules));
  const run = spawnSync(process.execPath, ['--require', path.join(setup, 'typescript-hook.cjs'), path.join(folder, 'main.cjs')], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  expect(readdirSync(path.join(packages, '.cache', 'widenet-typescript'))).toHaveLength(modules);
});

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { takeLock } from '../../kernel-setup/setup/lock.mjs';
import { holdUntil, scratchRepository, repository } from '../support/scratch';

const module = path.join(repository, 'kernel-setup', 'setup', 'lock.mjs');
const lockFile = () => path.join(scratchRepository(), 'lock');
const never = () => {
  throw new Error('nobody should hold the lock');
};

/** A process that takes the lock and does `then`; resolves once it holds it. */
async function holder(file: string, then: string) {
  const program = `
    import { spawn } from 'node:child_process';
    import { takeLock } from ${JSON.stringify(module)};
    const lock = await takeLock(${JSON.stringify(file)}, 'python3', () => {});
    ${then}
    console.log('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise(resolve => child.stdout.once('data', resolve));
  return child;
}

test('the second waits, told who holds it, until the first lets go', async () => {
  const file = lockFile();
  const first = await takeLock(file, 'python3', never);
  let told = '';
  const second = takeLock(file, 'python3', (by: string) => {
    told = by;
    fs.closeSync(first);
  });
  fs.closeSync(await second);
  expect(told).toBe(String(process.pid));
});

test('nothing stale remains of a killed process', async () => {
  const file = lockFile();
  const child = await holder(file, '');
  const ended = new Promise(resolve => child.once('close', resolve));
  child.kill('SIGKILL');
  await ended;
  fs.closeSync(await takeLock(file, 'python3', never));
});

test('the lock outlives a killed process until what it started has ended', async () => {
  const file = lockFile();
  const go = path.join(path.dirname(file), 'go');
  const child = await holder(file, holdUntil(go, 'lock'));
  const ended = new Promise(resolve => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  let told = '';
  fs.closeSync(
    await takeLock(file, 'python3', (by: string) => {
      told = by;
      fs.writeFileSync(go, '');
    }),
  );
  expect(told).toBe(String(child.pid));
});

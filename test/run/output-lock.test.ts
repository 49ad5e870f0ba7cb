import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from '../support/root';
import { holdUntil } from '../support/scratch';

let output: string;
beforeEach(() => {
  output = mkdtempSync(path.join(tmpdir(), 'widenet-lock-'));
});
afterEach(() => rmSync(output, { recursive: true }));

const module = (name: string) =>
  JSON.stringify(pathToFileURL(path.join(root, 'kernel-setup', 'run', `${name}.mjs`)).href);
const take = (then: string) => `
  import { lockOutput, runEnvironment } from ${module('output-lock')};
  import { spawn, spawnSync } from 'node:child_process';
  try { const run = await lockOutput(process.env.LOCKED, 'python3'); ${then}; console.log('taken ' + run.id); }
  catch (error) { console.log('refused ' + error.message.replace('\\n', ' |')); }`;
const environment = (more = {}) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^WIDENET_(RUN|LOCK)$/.test(name))),
  LOCKED: output,
  ...more,
});
/** Takes the lock in a process of its own and says how that went. */
const attempt = (more = {}) =>
  spawnSync(process.execPath, ['--input-type=module', '-e', take('')], {
    encoding: 'utf8',
    env: environment(more),
  }).stdout.trim();

/** A process that holds the lock and does `then`; resolves once it has printed a line. */
async function holder(then = '') {
  const child = spawn(process.execPath, ['--input-type=module', '-e', take(`${then}; setInterval(() => {}, 1000);`)], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<string>(resolve => child.stdout.once('data', data => resolve(String(data).trim())));
  return { child, id: said.split(' ')[1], ended: new Promise(resolve => child.once('exit', resolve)) };
}

test('a second run is refused at once, with the process that holds the folder; a killed one leaves nothing behind', async () => {
  const { child, ended } = await holder();
  expect(attempt()).toBe(
    `refused another run writes to ${output}: process ${child.pid} |  wait until it has ended, or give this ` +
      `run a folder of its own: --output <folder>`,
  );
  child.kill('SIGKILL');
  await ended;
  expect(attempt()).toMatch(/^taken [0-9a-f-]{36}$/);
});

test('a process of the same run joins it; one of another run does not', async () => {
  const { child, id, ended } = await holder();
  expect(attempt({ WIDENET_RUN: id })).toBe(`taken ${id}`);
  expect(attempt({ WIDENET_RUN: 'another' })).toMatch(/^refused another run writes to/);
  child.kill('SIGKILL');
  await ended;
});

test('the lock outlives a killed run until what it started has ended, and waits for that', async () => {
  const go = path.join(output, 'go');
  const { child, ended } = await holder(holdUntil(go, 'run.lock'));
  child.kill('SIGKILL');
  await ended;
  expect(attempt()).toMatch(
    new RegExp(`^refused another run writes to .*: process ${child.pid} has ended, but not what it started`),
  );
  writeFileSync(go, '');
  expect(attempt()).toMatch(/^taken/);
});

test('a joined process hands on the very lock that it was started with', async () => {
  const go = path.join(output, 'go');
  const inner = path.join(output, 'inner.mjs');
  const script = take(`${holdUntil(go, 'run.lock')}.unref(); process.exit(0)`);
  writeFileSync(inner, script);
  const { child, ended } = await holder(`
    const env = { ...process.env, ...runEnvironment(run, 3) };
    spawnSync(process.execPath, [${JSON.stringify(inner)}], { env, stdio: ['ignore', 'ignore', 'ignore', run.lock] });`);
  child.kill('SIGKILL');
  await ended;
  expect(attempt()).toMatch(/^refused .* has ended, but not what it started/);
  writeFileSync(go, '');
  expect(attempt()).toMatch(/^taken/);
});

test('reproduce, verify and test are refused while another run writes to their folder', async () => {
  const folder = path.join(root, 'output', 'test', `lock-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const held = spawn(process.execPath, ['--input-type=module', '-e', take('setInterval(() => {}, 1000);')], {
    env: environment({ LOCKED: folder }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise(resolve => held.stdout.once('data', resolve));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'kernel-setup', 'reproduce.mjs'), 'zhang2022', '--output', folder],
    { cwd: root, encoding: 'utf8', env: environment() },
  );
  held.kill('SIGKILL');
  expect(stdout + stderr).toMatch(new RegExp(`^another run writes to ${folder}: process ${held.pid}\n`));
  expect(status).toBe(2);
  expect(existsSync(path.join(folder, 'notebooks'))).toBe(false);
  rmSync(folder, { recursive: true });
  for (const command of ['verify', 'test'])
    expect(readFileSync(path.join(root, 'kernel-setup', `${command}.mjs`), 'utf8')).toMatch(/await lockOutput\(/);
});

/** What the runner knows of the processes that execute one notebook together, and does for them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTeam, type Team } from '../../kernel-setup/run/team.mjs';

let folder: string;
let team: Team;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'widenet-team-'));
  team = openTeam(folder, 'run');
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
  team.remove();
});

const write = (file: string, value: object) => {
  const whole = path.join(folder, file);
  mkdirSync(path.dirname(whole), { recursive: true });
  writeFileSync(whole, JSON.stringify(value));
  return whole;
};
const dead = 2 ** 22 - 1;
const member = (name: string, pid: number, host = os.hostname(), started = '') =>
  write(`members/${name}-0123abcd.json`, { name, host, pid, started });

/** A process that waits to be killed. */
async function sleeping() {
  const child = spawn('sleep', ['1000']);
  await once(child, 'spawn');
  return { pid: child.pid!, ended: once(child, 'exit'), end: () => child.kill() };
}

test('a process is told its team, where it begins, and whether the team is on several machines', () => {
  const told = JSON.parse(openTeam(folder, 'run', true).environment('one', 0.25).WIDENET_TEAM);
  const progress = path.join(folder, 'one.progress');
  expect(told).toEqual({ folder, run: 'run', isSpread: true, member: 'one', begin: 0.25, progress });
  writeFileSync(progress, 'squares 3/9');
  expect([team.progress('one'), team.progress('other')]).toEqual(['squares 3/9', '']);
});

test('what a member computes is counted by its name, and let go by it', () => {
  const links = ['a.1', 'b.1'].map(name => write(`cases/key/${name}`, { name: 'one' }));
  const other = write('cases/other/a.1', { name: 'one-more' });
  write('cases/key/a.1.late', {});
  expect(['one', 'one-more', 'none'].map(team.held)).toEqual([2, 1, 0]);
  team.release('one');
  expect([...links, other].map(existsSync)).toEqual([false, false, true]);
  write('sweeps/key.json', { sweep: 's', cases: 3, rows: '/rows' });
  expect(team.sweeps()).toEqual([{ sweep: 's', cases: 3, rows: '/rows' }]);
});

test('the file of a member that lives is touched, of no other, until nobody watches', async () => {
  const { pid, ended, end } = await sleeping();
  const files = [member('one', pid), member('gone', dead), member('far', pid, 'elsewhere'), member('later', pid)];
  write('members/later-0123abcd.json', { name: 'later', host: os.hostname(), pid, started: 'before' });
  const age = () => {
    for (const file of files) utimesSync(file, 1, 1);
  };
  age();
  const touched = () => files.map(file => statSync(file).mtimeMs > 1000);
  const stops = ['one', 'gone', 'far', 'later'].map(team.watch);
  vi.advanceTimersByTime(1000);
  expect(touched()).toEqual([true, false, false, false]);
  for (const stop of stops) stop();
  age();
  vi.advanceTimersByTime(5000);
  expect(touched()).toEqual([false, false, false, false]);
  end();
  await ended;
});

test('a process that is over the limit of its case is killed and its case marked, one within it lives', async () => {
  const { pid, ended } = await sleeping();
  const [file, gone] = [member('one', pid), member('gone', dead)];
  const late = write('cases/key/a.1', { name: 'one' });
  const limit = (of: string, until: number) =>
    writeFileSync(`${of}.limit`, JSON.stringify({ until, late: `${late}.late` }));
  limit(file, Date.now() + 60_000);
  limit(gone, 1);
  const stops = ['one', 'gone'].map(team.watch);
  vi.advanceTimersByTime(1000);
  expect([existsSync(`${late}.late`), existsSync(`${gone}.limit`)]).toEqual([false, false]);
  process.kill(pid, 0);
  limit(file, Date.now() - 1);
  vi.advanceTimersByTime(1000);
  expect((await ended)[1]).toBe('SIGKILL');
  expect(existsSync(`${late}.late`)).toBe(true);
  for (const stop of stops) stop();
});

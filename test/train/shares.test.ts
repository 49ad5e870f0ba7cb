/** Who computes which case, when several processes work on one sweep. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sharesOf } from '../../src/train/shares';
import { root } from '../support/notebooks';

let folder: string;
const about = { sweep: 's', cases: 3, rows: '/rows' };
const shares = (member: string, from = folder) => sharesOf({ folder: from, run: 'r', member, begin: 0 }, 'key', about);
const links = () => readdirSync(path.join(folder, 'cases', 'key')).sort();

/** A case as another process took it. */
const takenBy = (id: string, member: object) => {
  const file = path.join(folder, 'cases', 'key', id);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ name: 'other', host: 'elsewhere', pid: 1, started: '1', ...member }));
  return file;
};

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'widenet-team-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test('a case is taken once, until it is let go', () => {
  const one = shares('a');
  expect([one.take('x'), one.take('x'), one.take('y')]).toEqual([{}, undefined, {}]);
  expect(links()).toEqual(['x.1', 'y.1']);
  one.release('x');
  expect([links(), one.take('x')]).toEqual([['y.1'], {}]);
  expect(JSON.parse(readFileSync(path.join(folder, 'sweeps', 'key.json'), 'utf8'))).toEqual(about);
});

test('what a dead process of this machine took is taken anew, and given up when three have died of it', () => {
  const { hostname } = require('node:os');
  const dead = { host: hostname(), pid: 2 ** 22 - 1, started: '1' };
  const one = shares('a');
  const living = { host: hostname(), pid: process.pid };
  takenBy('x.1', dead);
  takenBy('y.1', { ...living, started: 'another process of this number' });
  expect([one.take('x'), one.take('y')]).toEqual([{}, {}]);
  expect(links()).toEqual(['x.1', 'x.2', 'y.1', 'y.2']);
  one.release('x');
  for (const n of [2, 3]) takenBy(`x.${n}`, dead);
  expect(one.take('x')).toEqual({
    hopeless: { status: 'failed', message: expect.stringMatching(/^3 processes ended/) },
  });
  for (const n of [1, 2]) for (const kind of ['', '.late']) takenBy(`z.${n}${kind}`, dead);
  expect(one.take('z')).toEqual({ hopeless: { status: 'late', message: expect.stringMatching(/, 2 times$/) } });
});

test('a time limit is told with the case that it is for, until the case has ended', () => {
  const one = shares('a');
  one.take('x');
  const before = Date.now();
  one.limit('x', 7);
  const [file] = readdirSync(path.join(folder, 'members')).filter(name => name.endsWith('.limit'));
  const { until, late } = JSON.parse(readFileSync(path.join(folder, 'members', file), 'utf8'));
  expect(until - before).toBeGreaterThanOrEqual(7000);
  expect(until).toBeLessThanOrEqual(Date.now() + 7000);
  expect(late).toBe(path.join(folder, 'cases', 'key', 'x.1.late'));
  one.limit('x', undefined);
  expect(readdirSync(path.join(folder, 'members'))).toEqual([file.replace('.limit', '')]);
});

test('on another machine a member lives as long as its file is touched, whatever its clock says', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  const one = shares('a');
  const file = takenBy('x.1', {});
  const touchAt = (seconds: number) => utimesSync(file, seconds, seconds);
  touchAt(1000);
  for (const now of [0, 59_000]) {
    clock.mockReturnValue(now);
    expect(one.take('x')).toBe(undefined);
  }
  touchAt(1001);
  for (const now of [61_000, 120_000]) {
    clock.mockReturnValue(now);
    expect(one.take('x')).toBe(undefined);
  }
  clock.mockReturnValue(122_000);
  expect(one.take('x')).toEqual({});
  takenBy('y.1', { name: 'a' });
  expect(one.take('y')).toEqual({});
});

test('processes that share a sweep compute each case once, also where one is killed', async () => {
  const noted = path.join(folder, 'noted');
  const script = `
    globalThis[Symbol.for('widenet.cells')] = () => ({ code: ['cell'], again: false });
    const { sweep } = require(${JSON.stringify(path.join(root, 'src', 'train', 'sweep.ts'))});
    const note = k => require('node:fs').appendFileSync(${JSON.stringify(noted)}, k + ' ' + process.pid + '\\n');
    sweep('s', Array.from({ length: 60 }, (_, k) => ({ k })), async ({ k }) => {
      note(k);
      await new Promise(resolve => setTimeout(resolve, 20));
      if (k === 30) process.kill(process.pid, 'SIGKILL');
      return { y: k * k };
    }).then(rows => console.log(JSON.stringify(rows)));`;
  const started = [0, 1, 2, 3].map(i => {
    const team = JSON.stringify({ folder, run: 'r', member: `m${i}`, begin: i / 4 });
    const child = spawn(
      process.execPath,
      ['--require', path.join(root, 'kernel-setup', 'typescript-hook.cjs'), '--eval', script],
      {
        env: { ...process.env, WIDENET_TEAM: team, WIDENET_ROWS: path.join(folder, 'rows') },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    let told = '';
    child.stdout.on('data', text => {
      told += text;
    });
    return new Promise<string>(resolve => child.once('close', () => resolve(told)));
  });
  const told = (await Promise.all(started)).filter(Boolean);
  expect(told.length).toBe(1);
  const rows = Array.from({ length: 60 }, (_, k) => ({ k, y: k === 30 ? null : k * k }));
  expect(JSON.parse(told[0])).toMatchObject(rows);
  const counts = new Map<string, number>();
  for (const line of readFileSync(noted, 'utf8').trim().split('\n')) {
    const [k] = line.split(' ');
    counts.set(k, (counts.get(k) ?? 0) + 1);
  }
  expect([...counts].filter(([, n]) => n > 1)).toEqual([['30', 3]]);
  expect(counts.size).toBe(60);
});

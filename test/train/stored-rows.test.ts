/** Rows of sweeps that have run, as one table. */
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as runner from '../../src/notebook/runner';
import { readCSV, toCSV } from '../../src/notebook/csv';
import { dataFrame } from '../../src/notebook/table';
import { openRowFile } from '../../src/train/row-files';
import { storedRows } from '../../src/train/stored-rows';

vi.mock('../../src/notebook/runner', async original => ({ ...(await original<typeof runner>()), repository: '' }));

let folder: string;
const said: string[] = [];
const key = (digit: string) => digit.repeat(32);

function store(sweep: string, cases: Record<string, unknown>[], { digit = 'a', profile = 'quick', run = '' } = {}) {
  const file = openRowFile('test', path.join(folder, 'output', run && `runs/${run}`, 'rows', sweep, key(digit)));
  for (const [i, { failure, k, ...row }] of cases.entries())
    file.append({
      id: `${i}`.padStart(32, '0'),
      settings: { k },
      rows: failure ? [] : [row],
      ...(failure ? { failure: { status: 'failed' as const, message: String(failure) } } : {}),
      seconds: 0,
      parameters: { profile, settings: {} },
      versions: {},
    });
  file.close();
  return file.file;
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'widenet-stored-'));
  Object.assign(runner, { repository: folder });
  said.length = 0;
  vi.spyOn(console, 'warn').mockImplementation(line => void said.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test('sweeps of notebooks, forks and runs are one table, for a DataFrame and for CSV', async () => {
  store('paper/map', [
    { k: 1, y: 0.1 + 0.2 },
    { k: 2, failure: 'Error: boom' },
  ]);
  store('paper/other', [{ k: 5, z: 1 }], { profile: 'full' });
  store('forks/mine/map', [{ k: 1, y: 7 }]);
  store('paper/map', [{ k: 1, y: 3 }], { run: 'm=64' });
  const rows = await storedRows('paper', 'forks/mine/map');
  expect(rows).toEqual([
    { notebook: 'paper', sweep: 'map', run: 'plain', profile: 'quick', k: 1, y: 0.1 + 0.2 },
    { notebook: 'paper', sweep: 'map', run: 'plain', profile: 'quick', k: 2, status: 'failed', message: 'Error: boom' },
    { notebook: 'paper', sweep: 'other', run: 'plain', profile: 'full', k: 5, z: 1 },
    { notebook: 'paper', sweep: 'map', run: 'm=64', profile: 'quick', k: 1, y: 3 },
    { notebook: 'forks/mine', sweep: 'map', run: 'plain', profile: 'quick', k: 1, y: 7 },
  ]);
  expect(dataFrame(rows).y.values.filter((v: number) => v > 0.5)).toEqual([3, 7]);
  toCSV(path.join(folder, 'rows.csv'), rows);
  expect(readCSV(path.join(folder, 'rows.csv'))[0]).toMatchObject({ notebook: 'paper', k: 1, y: 0.1 + 0.2 });
  expect(await storedRows('runs/m=64/paper')).toEqual(rows.filter(row => row.run === 'm=64'));
  expect(await storedRows('runs/plain/paper/map')).toEqual(rows.slice(0, 2));
  await expect(storedRows('runs/m=32/paper')).rejects.toThrow(
    /^storedRows: 'runs\/m=32\/paper' is of the run 'm=32', but the runs are plain, m=64$/,
  );
  await expect(storedRows('runs/m=64/forks')).rejects.toThrow(/^storedRows: 'runs\/m=64\/forks' is no notebook/);
  await expect(storedRows('nothing')).rejects.toThrow(/^storedRows: 'nothing' is no notebook and no sweep with rows/);
  await expect(storedRows()).rejects.toThrow(/^storedRows: no names/);
});

test('of each case the newest row counts, of each set of parameters the newest code, and damage costs its line', async () => {
  store('paper/map', [
    { k: 1, y: 1 },
    { k: 2, y: NaN },
  ]);
  expect((await storedRows('paper/map'))[1]).toMatchObject({ k: 2, status: 'not finite', message: 'y is NaN' });
  await new Promise(resolve => setTimeout(resolve, 5));
  const file = store(
    'paper/map',
    [
      { k: 1, y: 10 },
      { k: 2, failure: 'late in the day' },
    ],
    { digit: 'b' },
  );
  await new Promise(resolve => setTimeout(resolve, 5));
  store('paper/map', [{ k: 1, y: 20 }], { digit: 'b' });
  appendFileSync(file, 'broken\n');
  expect((await storedRows('paper/map')).map(({ k, y, message }) => [k, y, message])).toEqual([
    [1, 20, undefined],
    [2, undefined, 'late in the day'],
  ]);
  expect(said).toEqual([
    expect.stringMatching(/^storedRows: left out: .*line 3 is no line of rows$/),
    "storedRows: 'paper/map': rows of 1 older version of the code are left out",
  ]);
  expect(readdirSync(path.dirname(file)).length).toBe(2);
});

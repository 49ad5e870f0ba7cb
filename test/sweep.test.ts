import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sweep } from '../src/sweep';

let folder: string;
const file = () => path.join(folder, 'squares.jsonl');
const written = () => readFileSync(file(), 'utf8').trimEnd().split('\n').map(text => JSON.parse(text));
const settings = [{ k: 1, seed: 0 }, { k: 2, seed: 0 }, { k: 3, seed: 0 }];
const interrupt = Symbol.for('widenet.interrupt');

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'widenet-rows-'));
  process.env.WIDENET_ROWS = folder;
});
afterEach(() => {
  for (const name of ['WIDENET_ROWS', 'WIDENET_RESUME', 'WIDENET_CODE']) delete process.env[name];
  delete (globalThis as any)[interrupt];
  rmSync(folder, { recursive: true });
});

test('each case is on disk, with its settings, before the next one starts', async () => {
  const seen: number[] = [];
  const rows = await sweep('squares', settings, ({ k }) => {
    seen.push(k === 1 ? 0 : written().length);
    return { square: k * k };
  });
  expect(seen).toEqual([0, 1, 2]);
  expect(rows).toEqual([{ k: 1, seed: 0, square: 1 }, { k: 2, seed: 0, square: 4 }, { k: 3, seed: 0, square: 9 }]);
  expect(written()[2]).toMatchObject({ settings: { k: 3, seed: 0 }, rows: [{ square: 9 }], versions: { widenet: '0.1.0', node: process.versions.node }, seconds: expect.any(Number), code: expect.any(String) });
});

test('a case may give several rows; what is not finite comes back as null', async () => {
  expect(await sweep('squares', [{ k: 1 }], async () => [{ t: 0, v: NaN }, { t: 1, v: 2 }])).toEqual([{ k: 1, t: 0, v: null }, { k: 1, t: 1, v: 2 }]);
});

test('a resumed sweep runs only what is missing, also after a kill in the middle of a line', async () => {
  const ran: number[] = [];
  const run = (fail: boolean) => ({ k }: { k: number }) => {
    if (fail && k === 3) throw new Error('killed');
    ran.push(k);
    return { square: k * k };
  };
  const first = run(true), again = first;
  await expect(sweep('squares', settings, first)).rejects.toThrow(/^killed$/);
  appendFileSync(file(), '{"settings":{"k":3,"se');
  process.env.WIDENET_RESUME = '1';
  await expect(sweep('squares', settings, again)).rejects.toThrow(/^killed$/);
  expect(ran).toEqual([1, 2]);
  const rows = await sweep('squares', settings.slice(0, 2), again);
  expect(ran).toEqual([1, 2]);
  expect(rows.map(r => r.square)).toEqual([1, 4]);
});

test('other code is not resumed, nor is anything without asking', async () => {
  let ran = 0;
  const run = ({ k }: { k: number }) => { ran++; return { square: k }; };
  await sweep('squares', settings, run);
  await sweep('squares', settings, run);
  expect([ran, written().length]).toEqual([6, 3]);
  process.env.WIDENET_RESUME = '1';
  process.env.WIDENET_CODE = 'other';
  await sweep('squares', settings, run);
  expect(ran).toBe(9);
});

test('a case that was interrupted is not written', async () => {
  const controller = new AbortController();
  (globalThis as any)[interrupt] = controller.signal;
  const run = ({ k }: { k: number }) => { if (k === 2) controller.abort(); return { square: k }; };
  await expect(sweep('squares', settings, run)).rejects.toThrow(expect.objectContaining({ name: 'Interrupted' }));
  expect(written().map(line => line.settings.k)).toEqual([1]);
});

test('a name that is no file name, and settings that come twice, are refused', async () => {
  await expect(sweep('a/b', settings, () => ({}))).rejects.toThrow(/^sweep: name is 'a\/b' but must be letters, digits and dashes$/);
  await expect(sweep('a', [{ k: 1 }, { k: 1 }], () => ({}))).rejects.toThrow(/^sweep: settings \{"k":1\} come twice$/);
});

/** Files of rows: when a writer waits for the disk, and what a reader takes of files that grow. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openRowFile, openRows, readAllCases } from '../../src/train/row-files';

const disk = vi.hoisted(() => ({ waits: 0, error: undefined as Error | undefined }));
vi.mock('node:fs', async original => ({
  ...(await original<typeof import('node:fs')>()),
  fsyncSync() {
    disk.waits++;
    if (disk.error) throw disk.error;
  },
}));

let folder: string;
const one = (k: number) => ({
  ...{ id: `${k}`.padStart(32, '0'), settings: { k }, rows: [{ y: k }] },
  ...{ seconds: 0, parameters: { profile: 'quick' }, versions: {} },
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'widenet-row-files-'));
  Object.assign(disk, { waits: 0, error: undefined });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Writes cases that end at these milliseconds; tells after each how often the disk was waited for, and at the end. */
async function waits(ends: number[], isSpread?: boolean) {
  const clock = vi.spyOn(performance, 'now');
  const file = openRowFile('test', folder, isSpread);
  const counted = ends.map((end, k) => {
    clock.mockReturnValue(end);
    file.append(one(k));
    return disk.waits;
  });
  expect((await readAllCases(folder, () => expect.unreachable())).length).toBe(ends.length);
  file.close();
  return [...counted, disk.waits];
}

test('what takes a tenth of a second is on the disk before the next case, and all of it at the end', async () => {
  expect(await waits([0, 10, 50, 101, 150, 400, 410])).toEqual([1, 1, 1, 2, 2, 3, 3, 4]);
});

test('where other machines read, each case is on the disk at once', async () => {
  expect(await waits([0, 10, 20], true)).toEqual([1, 2, 3, 4]);
});

test('a disk that fails at the end is no success', () => {
  const file = openRowFile('test', folder);
  file.append(one(1));
  disk.error = new Error('EIO: i/o error, fsync');
  expect(() => file.close()).toThrow(
    /^test: cannot write .*: EIO: i\/o error, fsync; what was written before is kept$/,
  );
});

test('of a file that grows, half a line is left for the next time, and nothing is read twice', async () => {
  const damages: string[] = [];
  const reader = openRows(folder, () => true, { report: damage => damages.push(damage) });
  const writer = openRowFile('test', folder);
  for (const k of [1, 2]) writer.append(one(k));
  const text = readFileSync(writer.file, 'utf8');
  truncateSync(writer.file, text.length - 20);
  await reader.read(true);
  expect([...reader.found.keys()].map(Number)).toEqual([1]);
  appendFileSync(writer.file, text.slice(-20));
  await reader.read(true);
  expect([[...reader.found.keys()].map(Number), damages]).toEqual([[1, 2], []]);
  appendFileSync(writer.file, 'no row\n');
  for (let k = 0; k < 2; k++) await reader.read(true);
  expect(damages).toEqual([expect.stringMatching(/line 3 is no line of rows$/)]);
  const [of1, own] = [[...reader.found.values()][0], openRows(folder, () => true, { report: expect.unreachable })];
  await own.read(false, writer.file);
  expect([of1.rows, own.found.size]).toEqual([[{ y: 1 }], 0]);
  writer.close();
});

test('a case with rows is not given up for one that failed later, and a later failure tells more than an earlier', async () => {
  const failed = (k: number, message: string) => ({
    ...one(k),
    rows: [],
    failure: { status: 'failed' as const, message },
  });
  const file = openRowFile('test', folder);
  for (const each of [one(1), failed(1, 'later'), failed(2, 'first'), failed(2, 'second'), failed(3, 'no'), one(3)]) {
    file.append(each);
    await new Promise(resolve => setTimeout(resolve, 3));
  }
  file.close();
  const found = await readAllCases(folder, () => expect.unreachable());
  expect(found.map(({ rows, failure }) => failure?.message ?? rows)).toEqual([[{ y: 1 }], 'second', [{ y: 3 }]]);
});

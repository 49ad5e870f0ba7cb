/** When a process that helps with a notebook is started again, and what it leaves. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { executeAsMember, help, mayShare } from '../../kernel-setup/run/shared-run.mjs';

const execute = vi.hoisted(() => vi.fn());
vi.mock('../../kernel-setup/run/execute.mjs', () => ({ execute }));

let folder: string;
let held: number;
let watched: number;
const died = { name: 'DeadKernel', message: 'killed', cell: 1, traceback: [] };
const deaths: string[] = [];
const controller = { current: new AbortController() };
const team = {
  held: () => held,
  environment: (member: string, begin: number) => ({ WIDENET_TEAM: `${member} ${begin}` }),
  watch() {
    watched++;
    return () => watched--;
  },
} as any;
const options = () => ({
  ...{ member: 'helper', begin: 0.5, onDeath: ({ message }: { message: string }) => deaths.push(message) },
  execution: { file: path.join(folder, 'copy.ipynb'), signal: controller.current.signal, env: { A: '1' } } as any,
});
const code = (source: string) => ({ cell_type: 'code', source, metadata: {}, outputs: [] });
const notebook = { metadata: {}, nbformat: 4, nbformat_minor: 5 };

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'widenet-shared-'));
  [held, watched, deaths.length] = [0, 0, 0];
  controller.current = new AbortController();
  execute.mockReset();
});
afterEach(() => {
  expect(watched).toBe(0);
  rmSync(folder, { recursive: true });
});

test('a process that dies while it computes no case is started again once', async () => {
  execute.mockResolvedValue(died);
  expect(await executeAsMember('root', team, options())).toBe(died);
  expect([execute.mock.calls.length, deaths]).toEqual([2, ['killed']]);
  expect(execute.mock.calls[0][1].env).toEqual({ A: '1', WIDENET_TEAM: 'helper 0.5' });
});

test('one that dies while it computes is started again each time, whatever the way', async () => {
  for (const name of ['DeadKernel', 'Ended', 'DeadKernel', 'Ended'])
    execute.mockImplementationOnce(async () => {
      held++;
      return { ...died, name };
    });
  execute.mockResolvedValueOnce(undefined);
  expect(await executeAsMember('root', team, options())).toBe(undefined);
  expect([execute.mock.calls.length, deaths.length]).toEqual([5, 4]);
});

test('an error of a cell is no reason to start again', async () => {
  const failure = { ...died, name: 'TypeError' };
  execute.mockResolvedValue(failure);
  expect(await executeAsMember('root', team, options())).toBe(failure);
  expect(execute.mock.calls.length).toBe(1);
});

test('who helps executes the cells up to the last sweep, and leaves no file, also when it is ended', async () => {
  const cells = [
    code('a'),
    code('await sweep ("one", [], f)'),
    code('b'),
    code('await sweep("two", [], f)'),
    code('c'),
  ];
  const source = { ...notebook, cells } as any;
  const { file } = options().execution;
  let seen: string[] = [];
  execute.mockImplementation(async () => {
    seen = JSON.parse(readFileSync(file, 'utf8')).cells.map((cell: any) => [cell.source].flat().join(''));
    writeFileSync(`${file}.part`, '');
  });
  expect(await help('root', team, source, options())).toBe(undefined);
  expect(seen).toEqual(cells.slice(0, 4).map(cell => cell.source));
  expect(readdirSync(folder)).toEqual([]);
  execute.mockImplementation(async () => {
    controller.current.abort();
    throw new Error('ended');
  });
  expect(await help('root', team, source, options())).toBe(undefined);
  expect(readdirSync(folder)).toEqual([]);
  controller.current = new AbortController();
  execute.mockRejectedValue(new Error('no disk'));
  await expect(help('root', team, source, options())).rejects.toThrow(/^no disk$/);
  expect(existsSync(file)).toBe(false);
  const words = { ...notebook, cells: [code('a'), { ...code('a sweep (of widths)'), cell_type: 'markdown' }] } as any;
  expect([source, words].map(mayShare)).toEqual([true, false]);
});

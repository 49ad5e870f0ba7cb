import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { createHistory } from '../../../kernel-setup/kernel/sockets/history';

const { readdirSync } = vi.hoisted(() => ({ readdirSync: vi.fn<(folder: string) => string[]>() }));
vi.mock('node:fs', async original => ({ ...(await original<typeof import('node:fs')>()), readdirSync }));

test('a session that another kernel begins between the look into the folder and the file is left to that', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'widenet-history-'));
  const file = (session: number) => path.join(folder, `${session}.jsonl`);
  try {
    writeFileSync(file(1), '[1,"of the other"]\n');
    readdirSync.mockReturnValue([]);
    const history = createHistory({ WIDENET_HISTORY: folder });
    history.add({ line: 1, input: 'own' });
    expect(readFileSync(file(1), 'utf8')).toBe('[1,"of the other"]\n');
    expect(readFileSync(file(2), 'utf8')).toBe('[1,"own"]\n');
    const own = { hist_access_type: 'range', session: 0, start: null, stop: null, output: false };
    expect(history.reply(own)).toEqual({ status: 'ok', history: [[2, 1, 'own']] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

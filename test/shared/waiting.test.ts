import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { root } from '../support/root';

/** What a process says that does this work, and how the work ended. */
function said(work: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'widenet-waiting-'));
  const file = path.join(folder, 'said');
  const module = pathToFileURL(path.join(root, 'kernel-setup', 'shared', 'waiting.mjs')).href;
  const script = `
    import { statSync, writeSync } from 'node:fs';
    import { saying } from ${JSON.stringify(module)};
    const isSilent = () => statSync(${JSON.stringify(file)}).size === 0;
    const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    try { writeSync(1, String(await saying('looking ...', ${work}))); } catch (error) { writeSync(1, error.message); }`;
  try {
    spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', openSync(file, 'w'), 2],
      timeout: 60_000,
    });
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('work that takes long is named while it goes on, also where it leaves its thread no time; short work is not', () => {
  expect(said('() => { while (isSilent()) pause(); return 1; }')).toBe('looking ...\n1');
  expect(said('() => 2')).toBe('2');
  expect(said('async () => { throw new Error("refused"); }')).toBe('refused');
});

import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { ended, listen } from '../../kernel-setup/shared/child.mjs';

const child = (code: string) => spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });

test('lines are told whole, however they come, and a last line without its end is not', async () => {
  const process = child(`
    const parts = [...Buffer.from('first\\nzwö').values()].map(byte => Buffer.of(byte));
    (async () => {
      for (const part of [...parts, 'lf\\n\\nlast']) {
        await new Promise(resolve => globalThis.process.stdout.write(part, resolve));
        await new Promise(resolve => setTimeout(resolve, 5));
      }
    })();`);
  const [lines, texts]: [string[], string[]] = [[], []];
  listen(process.stdout, { onLine: line => lines.push(line), onText: text => texts.push(text) });
  expect(await ended(process)).toEqual({ code: 0, killedBy: null });
  expect(lines).toEqual(['first', 'zwölf', '']);
  expect(texts.join('')).toBe('first\nzwölf\n\nlast');
});

test('how a process ended is its code, or the signal that killed it, or why it could not be started', async () => {
  expect(await ended(child('process.exit(3)'))).toEqual({ code: 3, killedBy: null });
  expect(await ended(child("process.kill(process.pid, 'SIGKILL')"))).toEqual({ code: null, killedBy: 'SIGKILL' });
  await expect(ended(spawn('no-such-program'))).rejects.toThrow(/ENOENT/);
});

/** Folders and commands of their own for tests of the set-up. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

export { root as repository } from './root';

/** The root of an empty repository, in a path with a space and letters beyond ASCII. */
export function scratchRepository(): string {
  const parent = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'widenet-')));
  onTestFinished(() => fs.rmSync(parent, { recursive: true, force: true }));
  const root = path.join(parent, 'some dir', 'ünï');
  fs.mkdirSync(path.join(root, '.native', 'log'), { recursive: true });
  return root;
}

export function write(file: string, content: string, mode = 0o644): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content, { mode });
  return file;
}

/** A PATH that finds these commands only, each a shell script. */
export function commands(root: string, scripts: Record<string, string>): string {
  const bin = path.join(root, 'bin');
  fs.rmSync(bin, { recursive: true, force: true });
  fs.mkdirSync(bin, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) write(path.join(bin, name), `#!/bin/sh\n${script}\n`, 0o755);
  return bin;
}

/**
 * Code that starts a process which holds the descriptor `lock`, a variable of that code, until the file `go` is there.
 */
export const holdUntil = (go: string, lock: string) => `spawn(
  'sh',
  ['-c', 'while [ ! -e "$0" ]; do sleep 0.05; done', ${JSON.stringify(go)}],
  { stdio: ['ignore', 'ignore', 'ignore', ${lock}] },
)`;

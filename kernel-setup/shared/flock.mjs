/**
 * A lock on a file, which the operating system keeps (flock). It belongs to the open file, so Python can take it for
 * this process, and children that inherit the descriptor hold it too. When all of them have ended, however they ended,
 * it is free: no stale lock is left behind.
 */
import { spawn } from 'node:child_process';
import { ended, listen } from './child.mjs';
import { Refusal } from './refusal.mjs';

const taken = 9;
const take = {
  now: `import fcntl, sys
try: fcntl.flock(3, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError: sys.exit(${taken})`,
  later: 'import fcntl; fcntl.flock(3, fcntl.LOCK_EX)',
};

/**
 * Locks the file of an open descriptor: `now` gives false when another process holds it, `later` waits for that.
 * @param {keyof typeof take} when @param {number} descriptor @param {string} python
 * @returns {Promise<boolean>}
 */
export async function lockFile(when, descriptor, python) {
  const child = spawn(python, ['-c', take[when]], { stdio: ['ignore', 'ignore', 'pipe', descriptor] });
  let printed = '';
  listen(child.stderr, {
    onText: text => {
      printed += text;
    },
  });
  const { code } = await ended(child);
  if (code !== 0 && code !== taken)
    throw new Refusal(`a lock cannot be taken with ${python}: ${printed.trim().split('\n').at(-1)}`);
  return code === 0;
}

/** One set-up at a time in one clone. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';

const takeNow = 'import fcntl; fcntl.flock(3, fcntl.LOCK_EX | fcntl.LOCK_NB)';
const takeLater = 'import fcntl; fcntl.flock(3, fcntl.LOCK_EX)';

/**
 * Holds the lock file until the returned descriptor and every copy of it is closed.
 * The lock is the kernel's (flock): it belongs to the open file, so Python can take it for this process, children that
 * inherit the descriptor share it, and nothing stale remains when all of them are dead.
 * @param {string} file
 * @param {string} python
 * @param {(holder: string) => void} onWait called once when another process holds it, with that process's id
 * @returns {Promise<number>}
 */
export async function takeLock(file, python, onWait) {
  const descriptor = fs.openSync(file, 'a+');
  if ((await exitCode(python, takeNow, descriptor)) !== 0) {
    onWait(fs.readFileSync(file, 'utf8').trim());
    const code = await exitCode(python, takeLater, descriptor);
    if (code !== 0) throw new Error(`lock: ${python} could not lock ${file}, exit code ${code}`);
  }
  fs.ftruncateSync(descriptor);
  fs.writeSync(descriptor, `${process.pid}\n`);
  return descriptor;
}

/** @param {string} python @param {string} code @param {number} descriptor @returns {Promise<number | null>} */
function exitCode(python, code, descriptor) {
  const child = spawn(python, ['-c', code], { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
}

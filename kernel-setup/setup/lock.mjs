/** One set-up at a time in one clone. */
import fs from 'node:fs';
import { lockFile } from '../shared/flock.mjs';

/**
 * Holds the lock file until the returned descriptor and every copy of it is closed.
 * @param {string} file @param {string} python
 * @param {(holder: string) => void} onWait called once when another process holds it, with that process's id
 * @returns {Promise<number>}
 */
export async function takeLock(file, python, onWait) {
  const descriptor = fs.openSync(file, 'a+');
  if (!(await lockFile('now', descriptor, python))) {
    onWait(fs.readFileSync(file, 'utf8').trim());
    await lockFile('later', descriptor, python);
  }
  fs.ftruncateSync(descriptor);
  fs.writeSync(descriptor, `${process.pid}\n`);
  return descriptor;
}

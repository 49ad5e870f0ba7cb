/** One run at a time in one output folder. */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockFile } from '../shared/flock.mjs';
import { Refusal } from '../shared/refusal.mjs';

/** The milliseconds to wait for the children of a run that has ended itself. */
const patience = 5000;

/**
 * A run: its id, which its processes find in WIDENET_RUN, and the descriptor of its lock.
 * @typedef {{ id: string, lock: number }} Run
 */

/**
 * Takes the output folder for this run, or joins the run that holds it when this process belongs to it (WIDENET_RUN).
 * The lock lies on <output>/.lock, and every process that inherits its descriptor holds it.
 * @param {string} output @param {string} python
 * @returns {Promise<Run>}
 * @throws Refusal, which names the process that holds the folder
 */
export async function lockOutput(output, python) {
  const file = path.join(output, '.lock');
  const lock = fs.openSync(file, 'a+');
  const own = process.env.WIDENET_RUN;
  for (let waited = 0; !(await lockFile('now', lock, python)); waited += 250) {
    const { pid, id } = holder(file);
    if (own && own === id) return { id, lock: inherited(file) ?? lock };
    if (isAlive(pid) || waited >= patience) {
      fs.closeSync(lock);
      throw new Refusal(
        `another run writes to ${output}: process ${pid || 'unknown'}` +
          (isAlive(pid) ? '' : ' has ended, but not what it started'),
        'wait until it has ended, or give this run a folder of its own: --output <folder>',
      );
    }
    await sleep(250);
  }
  const id = own ?? randomUUID();
  fs.ftruncateSync(lock);
  fs.writeSync(lock, `${process.pid} ${id}\n`);
  return { id, lock };
}

/**
 * The variables that make a child a process of this run. It has the lock as descriptor `at`.
 * @param {Run} run @param {number} at
 */
export const runEnvironment = ({ id }, at) => ({ WIDENET_RUN: id, WIDENET_LOCK: String(at) });

/** @param {string} file */
function holder(file) {
  const [pid, id] = fs.readFileSync(file, 'utf8').trim().split(' ');
  return { pid: Number(pid), id };
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** The descriptor of the run's lock that this process was started with. @param {string} file */
function inherited(file) {
  const lock = Number(process.env.WIDENET_LOCK ?? NaN);
  try {
    return Number.isInteger(lock) && fs.fstatSync(lock).ino === fs.statSync(file).ino ? lock : undefined;
  } catch {
    return undefined;
  }
}

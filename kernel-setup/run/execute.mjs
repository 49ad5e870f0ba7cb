/** One notebook's execution by nbclient, in a process of its own. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkedSetup } from '../setup/check.mjs';
import { ended, listen } from '../shared/child.mjs';
import { jupyterEnvironment, venvPython } from '../shared/jupyter.mjs';

const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'execute.py');
const keptText = 20_000;
/** The milliseconds that a process may take to end before it is killed. */
const patience = 2500;

/**
 * @typedef {{ cell: number, name: string, message: string, traceback: string[] }} Failure
 * @typedef {{ cell: number, of?: number, seconds?: number }} Progress
 */

/** Where a notebook failed. @param {Failure} failure */
export const whereFailed = ({ cell }) => (cell > 0 ? `in code cell ${cell}` : 'before its first cell');

/**
 * Executes the notebook in `file`, whose cells run in `folder`, and writes it anew after each cell. Resolves with the
 * failure of the cell that failed, or undefined. The process ends, with its kernel, when its stdin does: on an abort,
 * and also when this process is killed. It and the kernel hold a copy of the descriptor `lock`.
 * @param {string} root
 * @param {{
 *   file: string, folder: string, profile: string, set: Record<string, unknown>, env?: Record<string, string>,
 *   lock?: number, signal: AbortSignal, onProgress: (progress: Progress) => void,
 * }} options
 * @returns {Promise<Failure | undefined>}
 */
export async function execute(root, { file, folder, profile, set, env = {}, lock, signal, onProgress }) {
  signal.throwIfAborted();
  const child = spawn(venvPython(root), [script, file, folder], {
    stdio: ['pipe', 'pipe', 'pipe', ...(lock === undefined ? [] : [lock])],
    detached: true,
    env: {
      ...jupyterEnvironment(root),
      ...env,
      WIDENET_BATCH: '1',
      WIDENET_HISTORY: '',
      WIDENET_PROFILE: profile,
      WIDENET_SET: JSON.stringify(set),
      PYTHONWARNINGS: 'ignore',
      WIDENET_PASS: lock === undefined ? '' : '3',
    },
  });
  const stop = endOf(child);
  signal.addEventListener('abort', stop, { once: true });
  const told = follow(child, onProgress);
  const end = await ended(child);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  const { last, cell, printed } = told();
  if (last?.ended === 'done') return undefined;
  const failure = last ?? {
    cell,
    name: 'Ended',
    message: endMessage(end),
    traceback: printed.trimEnd().split('\n').slice(-14),
  };
  if (failure.cell === 0) failure.traceback.unshift(...(await checkedSetup(root)));
  return failure;
}

/**
 * Ends the process: by its stdin, and by force when that takes too long.
 * @param {import('node:child_process').ChildProcess} child
 */
const endOf = child => () => {
  child.stdin?.end();
  const kill = setTimeout(() => {
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
  }, patience);
  child.once('exit', () => clearTimeout(kill));
};

/** @param {{ code: number | null, killedBy: NodeJS.Signals | null }} end */
function endMessage({ code, killedBy }) {
  const how = killedBy
    ? `was killed by ${killedBy}${killedBy === 'SIGKILL' ? ', probably out of memory' : ''}`
    : `ended with exit code ${code}`;
  return `the process that executes the notebook ${how}; what its cells showed until then is not a result`;
}

/**
 * Follows what the process tells, one JSON object a line. The returned function gives the last object, the cell that
 * was running, and the last part of all other output.
 * @param {import('node:child_process').ChildProcess} child @param {(progress: Progress) => void} onProgress
 */
function follow(child, onProgress) {
  let printed = '';
  let cell = 0;
  /** @type {(Failure & { ended: string }) | undefined} */
  let last;
  const print = (/** @type {string} */ text) => {
    printed = (printed + text).slice(-keptText);
  };
  listen(child.stderr, { onText: print });
  listen(child.stdout, {
    onLine: line => {
      const event = parsed(line);
      if (!event) print(`${line}\n`);
      else if (event.ended) last = event;
      else {
        cell = event.cell;
        onProgress(event);
      }
    },
  });
  return () => ({ last, cell, printed });
}

/** @param {string} line */
function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

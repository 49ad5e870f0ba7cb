/** One notebook's execution by nbclient, in a process of its own. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { selfCheckReport } from '../setup/check.mjs';
import { jupyterEnvironment, venvPython } from '../setup/jupyter.mjs';

const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'execute.py');

/**
 * @typedef {{ cell: number, name: string, message: string, traceback: string[] }} Failure
 * @typedef {{ cell: number, of?: number, seconds?: number }} Progress
 */

/** Where a notebook failed. @param {Failure} failure */
export const placeOf = ({ cell }) => cell > 0 ? `in code cell ${cell}` : 'before its first cell';

/**
 * Executes `file` and writes what came out to `result`. Resolves with the failure of the cell that failed, or undefined.
 * The process ends, with its kernel, when its stdin does: on an abort, and also when this process is killed.
 * @param {string} root
 * @param {{ file: string, result: string, profile: string, set: Record<string, unknown>, env?: Record<string, string>, signal: AbortSignal, onProgress: (progress: Progress) => void }} options
 * @returns {Promise<Failure | undefined>}
 */
export async function execute(root, { file, result, profile, set, env = {}, signal, onProgress }) {
  const child = spawn(venvPython(root), [script, file, result], {
    stdio: ['pipe', 'pipe', 'pipe'], detached: true,
    env: { ...jupyterEnvironment(root), ...env, WIDENET_BATCH: '1', WIDENET_PROFILE: profile, WIDENET_SET: JSON.stringify(set), PYTHONWARNINGS: 'ignore' },
  });
  const stop = () => child.stdin.end();
  signal.addEventListener('abort', stop, { once: true });
  let printed = '', pending = '';
  /** @type {(Failure & { ended: string }) | undefined} */
  let last;
  child.stderr.setEncoding('utf8').on('data', text => { printed += text; });
  child.stdout.setEncoding('utf8').on('data', text => {
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line);
      if (event.ended) last = event;
      else onProgress(event);
    }
  });
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (last?.ended === 'done') return undefined;
  const failure = last ?? { cell: 0, name: 'Error', message: 'the notebook could not be executed', traceback: printed.trimEnd().split('\n').slice(-14) };
  if (failure.cell === 0) failure.traceback.unshift(...await selfCheckReport(root));
  return failure;
}

/** Running one command of the set-up: its output goes to a log, a failure becomes one message. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ended, listen } from '../shared/child.mjs';
import { Refusal } from '../shared/refusal.mjs';
import { diagnose } from './diagnosis.mjs';

const tailLines = 12;

/**
 * What a set-up passes to its steps.
 * `lock` is the descriptor of the held lock: every child inherits it, so the lock lasts until the last of them has
 * ended, even when the set-up itself is killed.
 * @typedef {{ root: string, python: string, compiler: string[], lock: number, signal: AbortSignal }} Session
 */

/**
 * Runs a command in the repository, under this environment or `env`, and waits for it. `onLine` gets the lines of its
 * stdout; all that it printed is kept in .native/log once it has ended.
 * @param {Session} session
 * @param {{ name: string, command: string[], env?: NodeJS.ProcessEnv, onLine?: (line: string) => void }} options
 * @throws Refusal with the likely cause and its remedy, or with the end of the output
 */
export async function run({ root, lock, signal }, { name, command: [program, ...args], env, onLine }) {
  signal.throwIfAborted();
  const child = spawn(program, args, {
    cwd: root,
    detached: true,
    env: childEnvironment(root, name, env),
    stdio: ['ignore', 'pipe', 'pipe', lock],
  });
  const stop = () => {
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
    } catch {
      /* it has ended already */
    }
  };
  signal.addEventListener('abort', stop, { once: true });
  let output = '';
  const onText = (/** @type {string} */ text) => {
    output += text;
  };
  listen(child.stderr, { onText });
  listen(child.stdout, { onText, onLine });
  const end = await ended(child).catch((/** @type {Error} */ error) => ({ code: null, killedBy: null, error }));
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if ('error' in end) output += end.error.message;
  if (end.killedBy) output += `ended by ${end.killedBy}`;
  const log = saveLog(root, name, output);
  if (end.code !== 0) throw commandFailure(name, output, log);
}

/**
 * A full disk must not hide what the command said.
 * @param {string} root @param {string} name @param {string} output
 */
function saveLog(root, name, output) {
  const log = path.join('.native', 'log', `${name}.log`);
  try {
    fs.writeFileSync(path.join(root, log), output);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOSPC') throw error;
  }
  return log;
}

/**
 * What a failed command's output says: the likely cause with its remedy, else its last lines.
 * @param {string} name @param {string} output @param {string} [log] where all of it is kept
 */
export function commandFailure(name, output, log) {
  const full = log ? [`full log: ${log}`] : [];
  const cause = diagnose(output);
  if (cause) return new Refusal(`${name}: ${cause.message}`, [...cause.remedy, ...full]);
  const tail = output.trimEnd().split('\n').slice(-tailLines);
  return new Refusal(`${name} failed; its log ends with`, [...tail.map(line => `| ${line}`), ...full]);
}

/**
 * The environment, without variables that would lead pip outside the repository or Python to other packages.
 * @param {string} root @param {string} name @param {NodeJS.ProcessEnv} [environment]
 */
function childEnvironment(root, name, environment = process.env) {
  const { PYTHONPATH, PYTHONHOME, ...env } = environment;
  return { ...env, TMPDIR: temporaryFolder(root, name), PIP_USER: '0' };
}

/** @param {string} root @param {string} name */
export function temporaryFolder(root, name) {
  const folder = path.join(root, '.native', 'tmp', name);
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

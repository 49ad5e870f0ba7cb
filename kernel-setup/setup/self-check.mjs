/** The self-check: child processes that train on the native libraries and load JupyterLab. */
import { execFile } from 'node:child_process';
import { jupyterEnvironment, venvPython } from '../shared/jupyter.mjs';
import { commandFailure, run } from './command.mjs';
import { compareFiles, damageRefusal } from './damage.mjs';

const here = 'kernel-setup/setup';

/** @param {string} root */
const checks = root => [
  {
    name: 'self-check',
    command: [process.execPath, '--require', './kernel-setup/typescript-hook.cjs', `${here}/self-check.cjs`],
  },
  { name: 'self-check of JupyterLab', command: [venvPython(root), `${here}/self-check.py`] },
];

/**
 * The self-check as the last step of a set-up. When it fails and files are damaged, the damage is reported instead.
 * @param {string} root @param {import('./steps.mjs').Step[]} parts
 * @returns {import('./steps.mjs').Step}
 */
export function selfCheckStep(root, parts) {
  return {
    title: 'self-check',
    needs: parts.map(part => part.title),
    bytes: 0,
    stamp: '.native/self-check.json',
    outputs: [],
    files: [],
    madeFrom: () => ({
      root,
      node: process.versions.node,
      parts: Object.fromEntries(parts.map(part => [part.title, part.madeFrom()])),
    }),
    async make(session) {
      /** @type {string[]} */
      const results = [];
      try {
        const env = jupyterEnvironment(root);
        await Promise.all(
          checks(root).map((check, i) =>
            run(session, {
              ...check,
              env,
              onLine: line => {
                results[i] = line;
              },
            }),
          ),
        );
      } catch (error) {
        session.signal.throwIfAborted();
        const { damaged } = compareFiles(root, parts);
        throw damaged.length ? damageRefusal(damaged) : error;
      }
      return results.join(', ');
    },
  };
}

/**
 * The self-check of a set-up that is in place. It writes nothing into the repository.
 * @param {string} root
 * @returns {Promise<string>} what it did
 * @throws Refusal with what is wrong
 */
export async function selfCheck(root) {
  const one = (/** @type {string} */ name, /** @type {string[]} */ [program, ...args]) =>
    new Promise((resolve, reject) => {
      execFile(program, args, { cwd: root, env: jupyterEnvironment(root) }, (error, stdout, stderr) => {
        const end = error?.signal ? `ended by ${error.signal}` : '';
        if (error) reject(commandFailure(name, `${stdout}${stderr}${end}` || error.message));
        else resolve(stdout.trim());
      });
    });
  return (await Promise.all(checks(root).map(({ name, command }) => one(name, command)))).join(', ');
}

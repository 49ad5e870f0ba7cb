/** The Python environment in the repository, and JupyterLab with all it needs, at pinned versions and hashes. */
import fs from 'node:fs';
import path from 'node:path';
import { venvPython } from '../shared/jupyter.mjs';
import { run, temporaryFolder } from './command.mjs';
import { folderSize, megabytes, watchSize } from './size.mjs';
import { sha256 } from './stamp.mjs';

const installing = '.venv/installing';

/**
 * A fresh virtual environment. It is made anew when the folder was moved, its Python is gone or another one, the pinned
 * packages changed, or an installation into it was cut off.
 * @param {string} root @returns {import('./steps.mjs').Step}
 */
export function environmentStep(root) {
  return {
    title: 'Python environment',
    needs: [],
    bytes: 20e6,
    stamp: '.venv/widenet.json',
    outputs: ['.venv/pyvenv.cfg', '.venv/bin/python', '.venv/bin/pip'],
    files: [], // JupyterLab, which is installed into it, lists them
    madeFrom: () => ({
      root,
      requirements: requirementsHash(root),
      wholly: !fs.existsSync(path.join(root, installing)),
    }),
    async make(session) {
      await fs.promises.rm(path.join(root, '.venv'), { recursive: true, force: true });
      await run(session, { name: 'Python environment', command: [session.python, '-m', 'venv', '.venv'] });
      return session.python;
    },
  };
}

/** @param {string} root @returns {import('./steps.mjs').Step} */
export function jupyterStep(root) {
  return {
    title: 'JupyterLab',
    needs: ['Python environment'],
    bytes: 260e6,
    stamp: '.venv/jupyter.json',
    outputs: ['.venv/bin/jupyter-lab', '.venv/share/jupyter/lab/static/index.html'],
    files: ['.venv'],
    madeAnewWith: 'Python environment',
    madeFrom: () => ({ requirements: requirementsHash(root) }),
    async make(session, progress) {
      const folder = temporaryFolder(root, 'JupyterLab');
      let installs = false;
      const watch = watchSize(folder, bytes => progress(installs ? 'installing' : `${megabytes(bytes)} downloaded`));
      fs.writeFileSync(path.join(root, installing), '');
      await run(session, {
        name: 'JupyterLab',
        command: [
          venvPython(root),
          '-m',
          'pip',
          'install',
          '--no-deps',
          '--require-hashes',
          '--only-binary=:all:',
          ...pipOptions(),
          '--requirement',
          'kernel-setup/requirements.txt',
        ],
        onLine: line => {
          installs ||= line.startsWith('Installing collected packages');
        },
      }).finally(watch.stop);
      fs.rmSync(path.join(root, installing));
      return `${megabytes(folderSize(path.join(root, '.venv')))} on disk`;
    },
  };
}

/** pip keeps no copies outside the repository, unless the user names a folder for them. */
export const pipOptions = () => [
  '--disable-pip-version-check',
  '--no-input',
  ...(process.env.PIP_CACHE_DIR ? [] : ['--no-cache-dir']),
];

/** @param {string} root */
const requirementsHash = root => sha256(path.join(root, 'kernel-setup', 'requirements.txt'));

/** The kernel and the Plotly renderer in the Jupyter data of a user, where every Jupyter of that user looks. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { kernelspec } from '../kernel/kernelspec.mjs';
import { folder as rendererFolder, install } from '../plotly-renderer/install.mjs';
import { writeWhole } from '../shared/files.mjs';
import { Refusal } from '../shared/refusal.mjs';

/**
 * The user's folder of Jupyter's data, as jupyter_core finds it.
 * @param {NodeJS.ProcessEnv} env @param {NodeJS.Platform} system
 */
export function dataFolder(env = process.env, system = process.platform) {
  const home = env.HOME ?? os.homedir();
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  if (system === 'darwin') return path.join(home, 'Library', 'Jupyter');
  return path.join(env.XDG_DATA_HOME || path.join(home, '.local', 'share'), 'jupyter');
}

/** Notebooks name their kernel: it has tslab's name. @param {string} data */
const kernelFolder = data => path.join(data, 'kernels', 'tslab');

/**
 * Writes both, over those of another copy of this repository. Gives the folders.
 * @param {string} root @param {string} data
 * @throws Refusal when there is a kernel tslab that is not ours
 */
export function register(root, data) {
  const kernel = kernelFolder(data);
  if (fs.existsSync(kernel) && !isOurs(kernel))
    throw new Refusal(`${kernel} is a kernel of another program`, [
      'the notebooks name their kernel tslab, so both cannot be registered',
      'take that one back first: jupyter kernelspec remove tslab',
    ]);
  install(root, data);
  writeWhole(path.join(kernel, 'kernel.json'), `${JSON.stringify(kernelspec(root), null, 1)}\n`);
  return [kernel, path.join(data, rendererFolder)];
}

/**
 * Takes back what `register` wrote, and gives the folders that are gone.
 * @param {string} data
 */
export function unregister(data) {
  const kernel = kernelFolder(data);
  const found = [...(isOurs(kernel) ? [kernel] : []), path.join(data, rendererFolder)].filter(fs.existsSync);
  for (const folder of found) fs.rmSync(folder, { recursive: true });
  return found;
}

/** Whether a kernel is that of a copy of this repository. @param {string} folder */
function isOurs(folder) {
  try {
    const { argv } = JSON.parse(fs.readFileSync(path.join(folder, 'kernel.json'), 'utf8'));
    return argv.some((/** @type {unknown} */ arg) => /kernel-setup[\\/]kernel[\\/]main\.ts$/.test(String(arg)));
  } catch {
    return false;
  }
}

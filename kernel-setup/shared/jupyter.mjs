/** The variables under which Jupyter runs from the repository's own environment and keeps its files inside it. */
import path from 'node:path';
import { writeWhole } from './files.mjs';

/** @param {string} root @returns {NodeJS.ProcessEnv} */
export function jupyterEnvironment(root) {
  const { JUPYTER_PATH, JUPYTER_CONFIG_PATH, PYTHONPATH, PYTHONHOME, ...env } = process.env;
  const own = path.join(root, '.native', 'jupyter');
  return {
    ...env,
    PATH: [path.join(root, '.venv', 'bin'), env.PATH].join(path.delimiter),
    VIRTUAL_ENV: path.join(root, '.venv'),
    JUPYTER_CONFIG_DIR: path.join(own, 'config'),
    JUPYTER_DATA_DIR: path.join(own, 'data'),
    JUPYTER_RUNTIME_DIR: path.join(own, 'runtime'),
    IPYTHONDIR: path.join(own, 'ipython'),
  };
}

/**
 * JupyterLab of that environment fetches no news, nor asks whether to, unless its user sets so.
 * @param {string} root
 */
export const writeQuietDefaults = root =>
  writeWhole(
    path.join(root, '.native', 'jupyter', 'config', 'labconfig', 'default_setting_overrides.json'),
    JSON.stringify({ '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false } }),
  );

/** @param {string} root */
export const venvPython = root => path.join(root, '.venv', 'bin', 'python');

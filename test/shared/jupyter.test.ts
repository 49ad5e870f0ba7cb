import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { jupyterEnvironment, venvPython, writeQuietDefaults } from '../../kernel-setup/shared/jupyter.mjs';
import { root as repository } from '../support/root';

test('Jupyter keeps its files inside the repository and runs from its environment', () => {
  const root = path.join(path.sep, 'some dir', 'ünï');
  const environment = jupyterEnvironment(root);
  for (const name of ['JUPYTER_CONFIG_DIR', 'JUPYTER_DATA_DIR', 'JUPYTER_RUNTIME_DIR', 'IPYTHONDIR'])
    expect(environment[name]).toMatch(new RegExp(`^${path.join(root, '.native', 'jupyter')}/`));
  expect(environment.PATH?.split(path.delimiter)[0]).toBe(path.join(root, '.venv', 'bin'));
});

test('JupyterLab takes the defaults that keep it from asking about news', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'quiet lab-'));
  writeQuietDefaults(root);
  const asks = [
    'import json',
    'from jupyterlab_server.settings_utils import _get_overrides',
    "print(json.dumps(_get_overrides('/nowhere')[0]['@jupyterlab/apputils-extension:notification']))",
  ].join('\n');
  const said = execFileSync(venvPython(repository), ['-c', asks], { env: jupyterEnvironment(root), encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual({ fetchNews: 'false', checkForUpdates: false });
  rmSync(root, { recursive: true });
});

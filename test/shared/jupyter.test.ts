import path from 'node:path';
import { expect, test } from 'vitest';
import { jupyterEnvironment } from '../../kernel-setup/shared/jupyter.mjs';

test('Jupyter keeps its files inside the repository and runs from its environment', () => {
  const root = path.join(path.sep, 'some dir', 'ünï');
  const environment = jupyterEnvironment(root);
  for (const name of ['JUPYTER_CONFIG_DIR', 'JUPYTER_DATA_DIR', 'JUPYTER_RUNTIME_DIR', 'IPYTHONDIR'])
    expect(environment[name]).toMatch(new RegExp(`^${path.join(root, '.native', 'jupyter')}/`));
  expect(environment.PATH?.split(path.delimiter)[0]).toBe(path.join(root, '.venv', 'bin'));
});

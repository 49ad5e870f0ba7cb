/** The TypeScript kernel, registered in the repository's own environment under tslab's standard name. */
import path from 'node:path';
import { kernelspec } from '../kernel/kernelspec.mjs';
import { writeWhole } from '../shared/files.mjs';

const folder = '.venv/share/jupyter/kernels/tslab';

/** @param {string} root @returns {import('./steps.mjs').Step} */
export function kernelStep(root) {
  const specification = `${JSON.stringify(kernelspec(root), null, 1)}\n`;
  return {
    title: 'tslab kernel',
    needs: ['npm packages', 'JupyterLab', 'output addon'],
    bytes: 0,
    stamp: `${folder}/widenet.json`,
    outputs: [`${folder}/kernel.json`],
    files: [`${folder}/kernel.json`],
    madeFrom: () => ({ specification }),
    async make() {
      writeWhole(path.join(root, folder, 'kernel.json'), specification);
      return `Node ${process.versions.node}`;
    },
  };
}

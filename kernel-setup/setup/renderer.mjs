/** The JupyterLab renderer for Plotly figures, in the repository's own environment. */
import path from 'node:path';
import { folder, install, sources } from '../plotly-renderer/install.mjs';
import { sha256 } from './stamp.mjs';

const data = '.venv/share/jupyter';
const target = `${data}/${folder}`;

/**
 * @param {string} root
 * @returns {import('./steps.mjs').Step}
 */
export function rendererStep(root) {
  return {
    title: 'Plotly renderer',
    needs: ['npm packages', 'JupyterLab'],
    bytes: 6e6,
    stamp: `${target}/widenet.json`,
    outputs: sources(root).map(file => `${target}/${path.basename(file)}`),
    files: [target],
    madeFrom: () => ({ sources: sha256(...sources(root)) }),
    async make() {
      install(root, path.join(root, data));
      return 'plotly.js-dist';
    },
  };
}

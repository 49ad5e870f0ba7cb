/** Puts the Plotly renderer, with the project's own plotly.js, where a JupyterLab finds it. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { replace } from '../shared/files.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = ['renderer', 'drawing', 'saving', 'picture', 'text', 'fit', 'contexts'];
const files = ['package.json', 'remoteEntry.js', ...modules.map(name => `${name}.mjs`)];

/** The renderer's place in a folder of Jupyter's data, such as share/jupyter of a virtual environment. */
export const folder = 'labextensions/widenet-plotly';

/**
 * What the installed renderer is made from.
 * @param {string} root
 */
export const sources = root => [
  ...files.map(name => path.join(here, name)),
  path.join(root, 'node_modules', 'plotly.js-dist', 'plotly.js'),
];

/**
 * Copies the renderer into a folder of Jupyter's data, package.json last: JupyterLab ignores a folder without one.
 * @param {string} root @param {string} data
 */
export function install(root, data) {
  const target = path.join(data, folder);
  fs.rmSync(target, { recursive: true, force: true });
  fs.mkdirSync(target, { recursive: true });
  for (const source of sources(root).reverse()) {
    const copy = path.join(target, path.basename(source));
    fs.copyFileSync(source, `${copy}.part`);
    replace(copy, `${copy}.part`);
  }
}

/**
 * A Python package of one module by which papermill writes parameters as TypeScript, once the user has installed
 * papermill itself into the repository's environment.
 */
import fs from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../shared/files.mjs';
import { sha256 } from './stamp.mjs';

const name = 'widenet_papermill';
const information = `${name}-0.1.0.dist-info`;

/** @param {string} root @returns {import('./steps.mjs').Step} */
export function papermillStep(root) {
  const module = path.join(root, 'kernel-setup', 'papermill', `${name}.py`);
  const target = () => packagesFolder(root);
  return {
    title: 'papermill translator',
    needs: ['JupyterLab'],
    bytes: 0,
    stamp: '.venv/papermill.json',
    get outputs() {
      return Object.keys(contents(module)).map(file => path.join(target(), file));
    },
    get files() {
      return this.outputs;
    },
    madeFrom: () => ({ module: sha256(module) }),
    async make() {
      for (const [file, content] of Object.entries(contents(module)))
        writeWhole(path.join(root, target(), file), content);
      return '-p for TypeScript';
    },
  };
}

/**
 * Where the environment keeps its packages, as a path from the repository: it has the version of Python in it.
 * @param {string} root
 */
function packagesFolder(root) {
  const library = path.join('.venv', 'lib');
  const versions = fs.existsSync(path.join(root, library)) ? fs.readdirSync(path.join(root, library)) : [];
  return path.join(library, versions.find(version => version.startsWith('python')) ?? 'python', 'site-packages');
}

/** The files of an installed package, by their paths. @param {string} module @returns {Record<string, string>} */
function contents(module) {
  const files = {
    [`${name}.py`]: fs.readFileSync(module, 'utf8'),
    [`${information}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 0.1.0\n`,
    // papermill loads what is entered here when it starts.
    [`${information}/entry_points.txt`]: `[papermill.engine]\nwidenet = ${name}:NBClientEngine\n`,
  };
  const record = `${information}/RECORD`;
  return { ...files, [record]: [...Object.keys(files), record].map(file => `${file},,\n`).join('') };
}

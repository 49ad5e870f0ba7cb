/**
 * A copy of the repository that may be broken: its own notebooks, output and git history; set up by links to the
 * original's packages.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeNotebookFile } from './notebook-file.mjs';

const original = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const unlinked = ['widenet', '.cache', '.package-lock.json'];

/**
 * @param {Record<string, string[]>} notebooks code cells by the notebook's name. A cell that calls params is tagged.
 * @returns {{
 *   root: string, git: (...args: string[]) => string, write: (name: string, cells: string[]) => string,
 *   remove: () => void,
 * }}
 */
export function repositoryCopy(notebooks) {
  const root = fs.mkdtempSync(path.join(fs.realpathSync(tmpdir()), 'widenet-repository-'));
  for (const part of ['package.json', 'package-lock.json', 'src', 'kernel-setup'])
    fs.cpSync(path.join(original, part), path.join(root, part), { recursive: true });
  for (const part of ['.venv', '.native']) fs.symlinkSync(path.join(original, part), path.join(root, part));
  fs.mkdirSync(path.join(root, 'node_modules'));
  for (const name of fs.readdirSync(path.join(original, 'node_modules')))
    if (!unlinked.includes(name))
      fs.symlinkSync(path.join(original, 'node_modules', name), path.join(root, 'node_modules', name));
  fs.symlinkSync('..', path.join(root, 'node_modules', 'widenet'));
  // The set-up would take the links for those of a moved folder and make everything anew.
  fs.writeFileSync(
    path.join(root, 'kernel-setup', 'setup.mjs'),
    `export const root = ${JSON.stringify(root)};\nexport async function setup() {}\n`,
  );
  fs.writeFileSync(path.join(root, '.gitignore'), 'output/\nnode_modules\n.venv\n.native\n');
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: root, encoding: 'utf8' }).trim();
  const write = (/** @type {string} */ name, /** @type {string[]} */ cells) =>
    writeNotebookFile(
      path.join(root, 'notebooks', `${name}.ipynb`),
      cells.map(source => ({ source, tags: source.includes('params({') ? ['parameters'] : [] })),
    );
  for (const [name, cells] of Object.entries(notebooks)) write(name, cells);
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'first');
  return { root, git, write, remove: () => fs.rmSync(root, { recursive: true, force: true, maxRetries: 5 }) };
}

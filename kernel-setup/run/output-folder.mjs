/** The output folder: where it may be, and what lies where in it. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { replace } from '../shared/files.mjs';
import { Refusal } from '../shared/refusal.mjs';

/** Folders of the repository in which no run may write. */
const taken = ['.', '.ci', '.git', '.native', '.venv', 'kernel-setup', 'node_modules', 'notebooks', 'src', 'test'];

/**
 * Makes the folder. Refuses one that cannot be written, a folder of the repository itself, and one in which results
 * would overwrite committed files.
 * @param {string} root @param {string} output
 */
export function prepareOutput(root, output) {
  try {
    const real = realFolder(output);
    const [top] = path.relative(fs.realpathSync(root), real).split(path.sep);
    if (taken.includes(top || '.'))
      throw new Refusal(
        `--output is ${output}, a folder of the repository itself`,
        'name one for results only, such as output',
      );
    const committed = committedFiles(real);
    if (committed.length > 0)
      throw new Refusal(
        `--output is ${output}, where results would overwrite committed files: ${committed.slice(0, 3).join(', ')}`,
        'name another folder',
      );
    makeFolder(output);
    fs.writeFileSync(path.join(output, '.writable'), '');
    fs.rmSync(path.join(output, '.writable'));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      `cannot write to the output folder ${output} (${/** @type {NodeJS.ErrnoException} */ (error).code})`,
      'make it writable, or name another one: --output <folder>',
    );
  }
}

/** Where a folder is, or will be, links followed. @param {string} folder @returns {string} */
function realFolder(folder) {
  if (fs.existsSync(folder)) return fs.realpathSync(folder);
  const parent = path.dirname(folder);
  return parent === folder ? folder : path.join(realFolder(parent), path.basename(folder));
}

/** One folder at a time: Node.js's recursive way never ends under /proc. @param {string} folder */
function makeFolder(folder) {
  if (fs.existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  fs.mkdirSync(folder);
}

/** The committed files that results would overwrite. @param {string} output */
function committedFiles(output) {
  if (!fs.existsSync(output)) return [];
  try {
    const git = ['ls-files', '-z', '--', 'notebooks', 'figures', 'results', 'rows', 'report', 'claims.json'];
    return execFileSync('git', git, {
      cwd: output,
      encoding: 'utf8',
      maxBuffer: 1e8,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .split('\0')
      .filter(Boolean);
  } catch {
    return [];
  }
}

/**
 * What lies where in an output folder.
 * @param {string} output
 */
export const outputPaths = output => ({
  notebook: (/** @type {string} */ name) => path.join(output, 'notebooks', `${name}.ipynb`),
  figures: (/** @type {string} */ name) => path.join(output, 'figures', name),
  result: (/** @type {string} */ name) => path.join(output, 'results', `${name}.json`),
  rows: path.join(output, 'rows'),
  /** What the processes say to each other that share the sweeps of a notebook, while they run. */
  teams: path.join(output, '.teams'),
  claims: path.join(output, 'claims.json'),
  report: path.join(output, 'report', 'index.html'),
  /** A result with its notebook and figures, complete, before they are moved to where they belong. */
  staged: (/** @type {string} */ name) => path.join(output, '.staged', encodeURIComponent(name)),
});

/**
 * Moves what is staged to where it belongs. It is called again after a kill, whenever that came: the folder in `staged`
 * appears as a whole, so that the files outside it are all of the old result, or all become those of the new one.
 * @param {string} output @param {string} name
 */
export function settle(output, name) {
  const paths = outputPaths(output);
  const staged = paths.staged(name);
  fs.rmSync(`${staged}.part`, { recursive: true, force: true });
  for (const [part, target] of [
    ['figures', paths.figures(name)],
    ['notebook.ipynb', paths.notebook(name)],
    ['result.json', paths.result(name)],
  ])
    if (fs.existsSync(path.join(staged, part))) replace(target, path.join(staged, part));
  fs.rmSync(staged, { recursive: true, force: true });
}

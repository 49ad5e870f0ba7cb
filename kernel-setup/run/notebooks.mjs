/** The notebooks of the repository: found by name, read, written, and hashed by the code that they hold. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { writeWhole } from '../shared/files.mjs';
import { Refusal } from '../shared/refusal.mjs';
import { library } from './library.mjs';

const require = createRequire(import.meta.url);

/**
 * A notebook of nbformat 4, as far as it is used here.
 * @typedef {{ output_type: string, data?: Record<string, any>, [key: string]: any }} Output
 * @typedef {{
 *   cell_type: string, source: string | string[], metadata: { tags?: string[] }, outputs?: Output[],
 *   [key: string]: any,
 * }} Cell
 * @typedef {{ cells: Cell[], metadata: Record<string, any>, nbformat: number, nbformat_minor: number }} Notebook
 */

/**
 * Every notebook's name and file, papers first, then forks ('forks/<name>'). One that was never given a name, Untitled,
 * is somebody's draft and does not count.
 * @param {string} root
 */
export function allNotebooks(root) {
  const folder = path.join(root, 'notebooks');
  const named = (/** @type {string} */ inside) =>
    fs.existsSync(path.join(folder, inside))
      ? fs
          .readdirSync(path.join(folder, inside))
          .filter(file => file.endsWith('.ipynb') && !/^Untitled\d*\.ipynb$/.test(file))
          .sort()
          .map(file => path.posix.join(inside, file.slice(0, -6)))
      : [];
  return [...named(''), ...named('forks')].map(name => ({ name, file: path.join(folder, `${name}.ipynb`) }));
}

/**
 * The notebooks of these names, in the order of `allNotebooks`; no names: all papers. A fork may be named without
 * 'forks/'.
 * @param {string} root @param {string[]} names
 */
export function findNotebooks(root, names) {
  const all = allNotebooks(root);
  if (names.length === 0) return all.filter(({ name }) => !name.startsWith('forks/'));
  const wanted = new Set(
    names.map(given => {
      const name = given.replace(/\.ipynb$/, '').replace(/^(\.\/)?notebooks\//, '');
      const found = all.find(n => n.name === name) ?? all.find(n => n.name === `forks/${name}`);
      if (!found)
        throw new Refusal(`there is no notebook '${given}'`, `notebooks are: ${all.map(n => n.name).join(', ')}`);
      return found.name;
    }),
  );
  return all.filter(({ name }) => wanted.has(name));
}

/** @param {string} file @returns {Notebook} */
export const readNotebook = file => parseNotebook(file, fs.readFileSync(file, 'utf8'));

/**
 * The notebook in a text. `where` names it in a refusal, and `remedy` says what to do when it is not a notebook.
 * @param {string} where @param {string} text @returns {Notebook}
 */
export function parseNotebook(where, text, remedy = 'restore it: git checkout -- <file>') {
  const stored = library('notebook/stored-results');
  try {
    return /** @type {Notebook} */ (stored.parseNotebook(where, text));
  } catch (error) {
    throw new Refusal(/** @type {Error} */ (error).message, remedy);
  }
}

/**
 * The notebook as before it ran: no outputs, no counts.
 * @param {Notebook} notebook @returns {Notebook}
 */
export const cleared = notebook => ({
  ...notebook,
  cells: notebook.cells.map(cell =>
    cell.cell_type === 'code' ? { ...cell, outputs: [], execution_count: null } : cell,
  ),
});

/**
 * The notebook with the outputs of an executed one that has the same code cells: its texts, and the rest of what it
 * holds, may be others. Undefined when the code cells are not the same.
 * @param {Notebook} executed @param {Notebook} notebook @returns {Notebook | undefined}
 */
export function withOutputsOf(executed, notebook) {
  const isCode = (/** @type {Cell} */ { cell_type }) => cell_type === 'code';
  const ran = executed.cells.filter(isCode);
  const code = notebook.cells.filter(isCode);
  if (ran.length !== code.length || ran.some((cell, i) => sourceOf(cell) !== sourceOf(code[i]))) return undefined;
  const cells = notebook.cells.map(cell => {
    const { outputs, execution_count } = ran[code.indexOf(cell)] ?? {};
    return isCode(cell) ? { ...cell, outputs, execution_count } : cell;
  });
  const { code: hash, profile } = executed.metadata.widenet ?? {};
  const widenet = { ...notebook.metadata.widenet, code: hash, profile };
  return { ...notebook, cells, metadata: { ...executed.metadata, ...notebook.metadata, widenet } };
}

/**
 * Writes a notebook whole, byte for byte as Python's nbformat does and with it JupyterLab: a file differs only where
 * the notebook does, whoever saves it.
 * @param {string} file @param {Notebook} notebook
 */
export function writeNotebook(file, notebook) {
  const lines = (/** @type {Cell} */ cell) => sourceOf(cell).match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const cells = notebook.cells.map(cell => ({ ...cell, source: lines(cell) }));
  writeWhole(file, `${pythonJson({ ...notebook, cells }, '')}\n`);
}

/**
 * JSON as Python writes it: keys sorted, one value a line, and numbers in Python's notation.
 * @param {any} value @param {string} margin @returns {string}
 */
function pythonJson(value, margin) {
  if (typeof value === 'number') return pythonNumber(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${margin} `;
  const [start, end] = Array.isArray(value) ? '[]' : '{}';
  const items = Array.isArray(value)
    ? value.map(item => pythonJson(item, inner))
    : Object.keys(value)
        .filter(key => value[key] !== undefined)
        .sort()
        .map(key => `${JSON.stringify(key)}: ${pythonJson(value[key], inner)}`);
  return items.length === 0 ? start + end : `${start}\n${inner}${items.join(`,\n${inner}`)}\n${margin}${end}`;
}

/** A number below 0.0001 has an exponent, of two digits at least. @param {number} value */
function pythonNumber(value) {
  const text = Number.isInteger(value) || Math.abs(value) >= 1e-4 ? JSON.stringify(value) : value.toExponential();
  return text.replace(/e-(\d)$/, 'e-0$1');
}

/** @param {Cell} cell */
export const sourceOf = ({ source }) => (Array.isArray(source) ? source.join('') : source);

/**
 * What decides a notebook's results besides its settings: its code cells, the library's sources without comments and
 * layout, and the pinned packages.
 * @param {string} root @param {Notebook} notebook
 */
export function codeHash(root, notebook) {
  const hash = createHash('sha256');
  for (const cell of notebook.cells) if (cell.cell_type === 'code') hash.update(sourceOf(cell)).update('\0');
  return hash.update(libraryHash(root)).digest('hex').slice(0, 16);
}

/** @param {string} root */
function libraryHash(root) {
  const ts = /** @type {typeof import('typescript')} */ (require('typescript'));
  const printer = ts.createPrinter({ removeComments: true });
  const hash = createHash('sha256');
  const folder = path.join(root, 'src');
  const files = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .sort();
  for (const file of files)
    hash
      .update(file)
      .update(
        printer.printFile(
          ts.createSourceFile(file, fs.readFileSync(path.join(folder, file), 'utf8'), ts.ScriptTarget.ES2022),
        ),
      );
  return hash.update(fs.readFileSync(path.join(root, 'package-lock.json'))).digest('hex');
}

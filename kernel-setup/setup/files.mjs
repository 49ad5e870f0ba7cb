/** Every file of a part with its hash: listed once the part is made, and compared when the set-up is checked. */
import fs from 'node:fs';
import path from 'node:path';
import { hashOf, writeWhole } from '../shared/files.mjs';
import { listFile } from './stamp.mjs';

const shown = 5;

/** @typedef {import('./stamp.mjs').Part} Part */

/** @param {string} root @param {Part} part */
export function writeList(root, part) {
  const list = listFile(part);
  const files = part.files
    .flatMap(file => filesBelow(root, file))
    .filter(file => file !== list)
    .sort();
  writeWhole(path.join(root, list), files.map(file => `${fingerprint(path.join(root, file))}\t${file}\n`).join(''));
}

/**
 * Compares a part with its list: how many files it has, and a few lines that say which of them are not as they were.
 * A compiled Python file may be missing: Python makes it anew.
 * @param {string} root @param {Part} part
 * @returns {{ count: number, differences: string[] }}
 */
export function compareWithList(root, part) {
  const list = listFile(part);
  const lines = readLines(path.join(root, list));
  if (!lines?.every(line => line.includes('\t')))
    return { count: 0, differences: [`${list}, the list of its files, cannot be read`] };
  /** @type {Map<string, number>} */
  const missing = new Map();
  const changed = [];
  for (const [expected, file] of lines.map(line => line.split('\t'))) {
    const found = fingerprint(path.join(root, file));
    if (found === expected) continue;
    if (found !== 'missing') changed.push(`${file} ${deviation(found)}`);
    else if (!file.endsWith('.pyc')) count(missing, topmostMissing(root, file));
  }
  const gone = [...missing].map(([file, files]) => `${file} is missing${files > 1 ? `, with ${files} files` : ''}`);
  const all = [...gone, ...changed];
  const differences = all.length > shown + 1 ? [...all.slice(0, shown), `and ${all.length - shown} more`] : all;
  return { count: lines.length, differences };
}

/** @param {Map<string, number>} counts @param {string} key */
const count = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1);

/** @param {string} found a fingerprint that is not the listed one */
function deviation(found) {
  if (found.startsWith('unreadable')) return `cannot be read (${found.split(' ')[1]})`;
  return found === 'dangling' ? 'is a link that leads nowhere' : 'has changed';
}

/**
 * A file's hash, with an x when it can be executed, or the target of a link; or a word that says why there is none.
 * @param {string} file
 */
function fingerprint(file) {
  try {
    const state = fs.lstatSync(file, { throwIfNoEntry: false });
    if (!state) return 'missing';
    if (state.isSymbolicLink()) return fs.existsSync(file) ? `-> ${fs.readlinkSync(file)}` : 'dangling';
    if (!state.isFile()) return 'no file';
    return `${hashOf(file)}${state.mode & 0o100 ? ' x' : ''}`;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    return code === 'ENOTDIR' ? 'missing' : `unreadable ${code}`;
  }
}

/** @param {string} root @param {string} file @returns {string[]} */
function filesBelow(root, file) {
  const state = fs.lstatSync(path.join(root, file));
  if (!state.isDirectory()) return [file];
  return fs.readdirSync(path.join(root, file)).flatMap(name => filesBelow(root, `${file}/${name}`));
}

/** The outermost folder that is gone with a file. @param {string} root @param {string} file */
function topmostMissing(root, file) {
  const parts = file.split('/');
  const at = parts.findIndex((_, i) => !fs.existsSync(path.join(root, ...parts.slice(0, i + 1))));
  return parts.slice(0, at + 1).join('/');
}

/** @param {string} file */
function readLines(file) {
  try {
    return fs.readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return undefined;
  }
}

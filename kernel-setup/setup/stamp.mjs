/** A stamp says what a part of the set-up was made from. It is written last, so a part without one is not trusted. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { writeWhole } from '../shared/files.mjs';

/**
 * Paths are relative to the repository. `outputs` are looked at by every command; `files`, files and whole folders, are
 * listed with their hashes once the part is made.
 * @typedef {{ stamp: string, outputs: string[], files: string[], madeFrom: () => Record<string, unknown> }} Part
 */

/** Where the list of a part's files is kept: beside its stamp. @param {Part} part */
export const listFile = ({ stamp }) => stamp.replace(/\.json$/, '.files');

/**
 * Whether the part was made from the sources as they are now, and its outputs have not changed since.
 * @param {string} root
 * @param {Part} part
 */
export function isInPlace(root, part) {
  const stamp = readJson(path.join(root, part.stamp));
  try {
    return stamp !== undefined && isDeepStrictEqual(stamp, asJson(describe(root, part)));
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(String(/** @type {NodeJS.ErrnoException} */ (error).code))) throw error;
    return false; // what it was made from is gone
  }
}

/** @param {string} root @param {Part} part */
export function writeStamp(root, part) {
  writeWhole(path.join(root, part.stamp), `${JSON.stringify(describe(root, part), null, 1)}\n`);
}

/** @param {string} root @param {Part} part */
export function removeStamp(root, part) {
  fs.rmSync(path.join(root, part.stamp), { force: true });
}

/** @param {string[]} files */
export function sha256(...files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(fs.readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** @param {string} root @param {Part} part */
function describe(root, part) {
  const looked = part.files.length ? [...part.outputs, listFile(part)] : part.outputs;
  const outputs = looked.map(output => [output, outputState(path.join(root, output))]);
  return { madeFrom: part.madeFrom(), outputs: Object.fromEntries(outputs) };
}

/**
 * A file's size, or where a link leads.
 * @param {string} file
 */
function outputState(file) {
  try {
    return fs.lstatSync(file).isSymbolicLink() ? fs.realpathSync(file) : fs.statSync(file).size;
  } catch {
    return 'missing';
  }
}

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {unknown} value */
const asJson = value => JSON.parse(JSON.stringify(value));

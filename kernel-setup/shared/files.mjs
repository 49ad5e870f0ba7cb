/** Files that are replaced as a whole, and their hashes. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Writes a file under another name first, so that nobody ever reads half of it. When that fails, nothing of it is left.
 * @param {string} file @param {string | Buffer} content
 */
export function writeWhole(file, content) {
  const part = `${file}.part`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  try {
    fs.writeFileSync(part, content);
    replace(file, part);
  } catch (error) {
    fs.rmSync(part, { force: true });
    throw error;
  }
}

/**
 * Gives the file or folder `by` the name `target`. An earlier file gives way in the same moment; an earlier folder is
 * removed before.
 * @param {string} target @param {string} by
 */
export function replace(target, by) {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  if (fs.lstatSync(target, { throwIfNoEntry: false })?.isDirectory()) fs.rmSync(target, { recursive: true });
  fs.renameSync(by, target);
}

/** The sha256 of a file of any size. @param {string} file */
export function hashOf(file) {
  const hash = createHash('sha256');
  const descriptor = fs.openSync(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(fs.fstatSync(descriptor).size + 1, 1 << 20));
    const read = () => fs.readSync(descriptor, buffer);
    for (let n = read(); n > 0; n = read()) hash.update(buffer.subarray(0, n));
  } finally {
    fs.closeSync(descriptor);
  }
  return hash.digest('hex');
}

/** How many bytes a folder holds, for the progress of commands that do not tell theirs. */
import fs from 'node:fs';
import path from 'node:path';

/** @param {number} bytes */
export const megabytes = bytes => `${Math.round(bytes / 1e6)} MB`;

/**
 * The bytes of all files below a folder. A file that vanishes meanwhile does not count.
 * @param {string} folder
 * @returns {number}
 */
export function folderSize(folder) {
  let bytes = 0;
  try {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      bytes += entry.isDirectory() ? folderSize(file) : fs.lstatSync(file).size;
    }
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
  }
  return bytes;
}

/**
 * Calls `tell` with a folder's size each second until it is stopped.
 * @param {string} folder
 * @param {(bytes: number) => void} tell
 */
export function watchSize(folder, tell) {
  const timer = setInterval(() => tell(folderSize(folder)), 1000);
  return { stop: () => clearInterval(timer) };
}

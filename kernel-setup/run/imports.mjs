/** The files beside a notebook that its code imports. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const endings = ['', '.ts', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js'];

const isFile = (/** @type {string} */ file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/**
 * The files that these texts of code import by path, and those that these import, in the order of their names.
 * @param {string} folder @param {readonly string[]} codes
 * @returns {string[]}
 */
export function importedFiles(folder, codes) {
  const ts = /** @type {typeof import('typescript')} */ (require('typescript'));
  /** @type {Set<string>} */
  const found = new Set();
  const follow = (/** @type {string} */ from, /** @type {string} */ code) => {
    const named = ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName);
    for (const name of named.filter(name => /^\.{0,2}\//.test(name))) {
      const file = endings.map(ending => path.resolve(from, name) + ending).find(isFile);
      if (!file || found.has(file)) continue;
      found.add(file);
      follow(path.dirname(file), fs.readFileSync(file, 'utf8'));
    }
  };
  codes.forEach(code => follow(folder, code));
  return [...found].sort();
}

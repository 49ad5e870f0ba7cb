/** The files beside a notebook that its code imports. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const written = ['', '.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];
const endings = [...written, '/package.json', ...written.slice(1).map(ending => `/index${ending}`)];

/**
 * All files that a path in an import may mean. Which of them it means depends on the tool that resolves it, so each
 * counts.
 * @param {string} name
 */
const candidates = name =>
  [name, name.replace(/\.([mc]?)js(x?)$/, '.$1ts$2')].flatMap(stem => endings.map(ending => stem + ending));

const isFile = (/** @type {string} */ file) => fs.existsSync(file) && fs.statSync(file).isFile();

/**
 * The files that these texts of code import by a literal path, and those that these files import, in the order of
 * their names.
 * @param {string} folder @param {readonly string[]} codes
 * @returns {string[]}
 */
export function importedFiles(folder, codes) {
  const ts = /** @type {typeof import('typescript')} */ (require('typescript'));
  /** @type {Set<string>} */
  const found = new Set();
  const follow = (/** @type {string} */ from, /** @type {string} */ code) => {
    const named = ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName);
    const paths = named.filter(name => /^(?:\.{0,2}\/|\.{1,2}$)/.test(name)).map(name => path.resolve(from, name));
    for (const file of paths.flatMap(candidates).filter(isFile)) {
      if (found.has(file)) continue;
      found.add(file);
      follow(path.dirname(file), fs.readFileSync(file, 'utf8'));
    }
  };
  codes.forEach(code => follow(folder, code));
  return [...found].sort();
}

/**
 * Which modules were loaded, and a hash of each: those of the library and those beside the notebook, but no packages
 * and nothing of the kernel.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as TypeScript from 'typescript';

const others = ['kernel-setup', '.native'].map(folder => path.join(__dirname, '..', '..', folder) + path.sep);
let loaded: ReadonlyMap<string, string> = new Map();

/** The files, each with the hash of its content when it was loaded last. */
export const loadedModules = () => loaded;

const isWatched = (file: string) =>
  !/[\\/]node_modules[\\/]/.test(file) && !others.some(folder => file.startsWith(folder));

function enter(file: string, content: string | Buffer): void {
  loaded = new Map(loaded).set(file, createHash('sha256').update(content).digest('hex'));
}

/** Enters what an ECMAScript module imports by path: Node.js loads that without the hooks below. */
function enterImports(file: string): void {
  const ts = createRequire(require.resolve('tslab'))('@tslab/typescript-for-tslab') as typeof TypeScript;
  const names = ts
    .preProcessFile(readFileSync(file, 'utf8'), true, false)
    .importedFiles.map(({ fileName }) => fileName);
  for (const name of names.filter(name => /^(?:\.{0,2}\/|file:)/.test(name))) {
    const imported = name.startsWith('file:') ? fileURLToPath(name) : path.resolve(path.dirname(file), name);
    if (loaded.has(imported) || !isWatched(imported) || !existsSync(imported)) continue;
    enter(imported, readFileSync(imported));
    enterImports(imported);
  }
}

/**
 * From here on modules are recorded. Files beside the notebook that a cell imports are compiled by tslab from memory
 * and not loaded.
 */
export function watchModules(): void {
  type Hooks = { load(file: string): void; _compile(code: string, file: string): unknown };
  const prototype = Module.prototype as unknown as Hooks;
  const { load, _compile: compile } = prototype;
  prototype.load = function (file) {
    if (isWatched(file)) {
      enter(file, readFileSync(file));
      if (file.endsWith('.mjs')) enterImports(file);
    }
    return load.call(this, file);
  };
  prototype._compile = function (code, file) {
    if (isWatched(file)) enter(file, code);
    return compile.call(this, code, file);
  };
}

/**
 * Which modules were loaded, as what: the library's and those beside the notebook; no packages, nothing of the
 * kernel.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Module from 'node:module';
import path from 'node:path';

const others = ['kernel-setup', '.native'].map(folder => path.join(__dirname, '..', '..', folder) + path.sep);
let loaded: ReadonlyMap<string, string> = new Map();

/** The files, each with the hash of its content when it was loaded last. */
export const loadedModules = () => loaded;

const isWatched = (file: string) =>
  !/[\\/]node_modules[\\/]/.test(file) && !others.some(folder => file.startsWith(folder));

function enter(file: string, content: string | Buffer): void {
  loaded = new Map(loaded).set(file, createHash('sha256').update(content).digest('hex'));
}

/**
 * From here on modules are entered. What a cell imports from files beside it tslab compiles from memory and does not
 * load.
 */
export function watchModules(): void {
  type Hooks = { load(file: string): void; _compile(code: string, file: string): unknown };
  const prototype = Module.prototype as unknown as Hooks;
  const { load, _compile: compile } = prototype;
  prototype.load = function (file) {
    if (isWatched(file)) enter(file, readFileSync(file));
    return load.call(this, file);
  };
  prototype._compile = function (code, file) {
    if (isWatched(file)) enter(file, code);
    return compile.call(this, code, file);
  };
}

/**
 * Lets an import in a cell load the library as it stands on disk, when its files have changed since they were loaded.
 */
import { statSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');
const library = path.join(root, 'src') + path.sep;
const loaded = new Map<string, number>();

const modified = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** From here on it is known which library files were loaded as of when. */
export function watchLibrary(): void {
  const load = require.extensions['.ts']!;
  require.extensions['.ts'] = (module, file) => {
    if (file.startsWith(library)) loaded.set(file, modified(file));
    load(module, file);
  };
}

/**
 * To be called before compiled code runs. When the code imports something and a loaded file of src/ has changed, all
 * modules of src/ are dropped, so that the import loads them anew, and one line on stderr says so. Values that were
 * made before keep their old classes.
 */
export function refreshLibrary(code: string): void {
  if (!/\brequire\(/.test(code)) return;
  const changed = [...loaded]
    .filter(([file, time]) => modified(file) !== time)
    .map(([file]) => path.relative(root, file));
  if (changed.length === 0) return;
  for (const file of loaded.keys()) delete require.cache[file];
  loaded.clear();
  console.warn(`Loading the library anew: ${changed.join(', ')} changed. What was made before keeps the old code.`);
}

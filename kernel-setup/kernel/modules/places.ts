/** Whose a file is. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Places {
  /** The folder of the notebook. */
  cwd: string;
  /** The repository of the kernel and the library. */
  root: string;
  /** A file of the library, which the hook of the process compiles. */
  isLibrary(file: string): boolean;
  /** A file of the user's: not a package's, the library's or the kernel's. Only such files are compiled here. */
  isLocal(file: string): boolean;
}

export function createPlaces({ cwd, root }: { cwd: string; root: string }): Places {
  const library = path.join(root, 'src') + path.sep;
  const kernel = ['kernel-setup', '.native'].map(folder => path.join(root, folder) + path.sep);
  const isLibrary = (file: string) => file.startsWith(library);
  const isLocal = (file: string) =>
    path.isAbsolute(file) &&
    !/[\\/]node_modules[\\/]/.test(file) &&
    !isLibrary(file) &&
    !kernel.some(folder => file.startsWith(folder));
  return { cwd, root, isLibrary, isLocal };
}

/** A package.json, as it is now; undefined where there is none. */
export function packageJson(folder: string): Record<string, any> | undefined {
  let text: string;
  try {
    text = readFileSync(path.join(folder, 'package.json'), 'utf8');
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`${path.join(folder, 'package.json')}: ${(error as Error).message}`);
  }
}

/** The package.json that holds for a file: the nearest one above it. */
export function packageOf(file: string): Record<string, any> | undefined {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (path.basename(folder) === 'node_modules') return undefined;
    const found = packageJson(folder);
    if (found || folder === path.dirname(folder)) return found;
  }
}

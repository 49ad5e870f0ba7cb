/** What a specifier means: a file, or the URL of something else, such as `node:fs`. */
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { ResolverFactory, type NapiResolveOptions } from 'oxc-resolver';
import { isPath, packageName } from '../syntax/files';
import { packageJson, type Places } from './places';

export type Way = 'import' | 'require';

export interface Resolve {
  /** `from` is the file that imports; in a cell, `cellFile`. */
  (specifier: string, from: string, way: Way): string;
  /** Looks on disk again. */
  refresh(): void;
}

/** The name by which imports in cells come; no such file is there. */
export const cellFile = (cwd: string) => path.join(cwd, '[cell]');

const scripts = ['.js', '.json', '.node', '.mjs', '.cjs', '.jsx'];
const typeScripts = ['.ts', '.tsx', '.mts', '.cts'];

/** Packages are made for Node.js. */
const ofPackages: NapiResolveOptions = { mainFields: ['main'], extensions: [...scripts, ...typeScripts] };

/** Beside the notebook TypeScript goes first, and may be called by the name that it would be compiled to. */
const ofPaths: NapiResolveOptions = {
  ...ofPackages,
  extensions: [...typeScripts, ...scripts],
  extensionAlias: {
    '.js': ['.js', '.ts', '.tsx'],
    '.jsx': ['.jsx', '.tsx'],
    '.mjs': ['.mjs', '.mts'],
    '.cjs': ['.cjs', '.cts'],
  },
};

const conditions = (way: Way) => ({
  conditionNames: ['node', way, ...((process.features as any).require_module ? ['module-sync'] : [])],
});

/** With the codes that Node.js gives, so that code which knows them goes on to. */
function failure(specifier: string, from: string, way: Way, reason: string): Error {
  const isCell = path.basename(from) === path.basename(cellFile(''));
  const where = isCell ? `a cell in ${path.dirname(from)}` : from;
  const isMissing = reason.startsWith('Cannot find module');
  const what = isPath(specifier) ? 'module' : 'package';
  const message = isMissing ? `Cannot find ${what} '${specifier}'` : `Cannot import '${specifier}': ${reason};`;
  const missing = way === 'import' ? 'ERR_MODULE_NOT_FOUND' : 'MODULE_NOT_FOUND';
  const code = isMissing ? missing : 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  return Object.assign(new Error(`${message} imported from ${where}`), { code });
}

export function createResolve({ root }: Places): Resolve {
  const resolvers = (options: NapiResolveOptions) => ({
    import: new ResolverFactory({ ...options, ...conditions('import') }),
    require: new ResolverFactory({ ...options, ...conditions('require') }),
  });
  const [packages, paths] = [resolvers(ofPackages), resolvers(ofPaths)];
  const refresh = () => {
    for (const { import: a, require: b } of [packages, paths]) for (const resolver of [a, b]) resolver.clearCache();
  };
  const own = new Set(['widenet', 'tslab', ...Object.keys(packageJson(root)?.dependencies ?? {})]);

  /** Also packages that offer themselves to `require` only. */
  function find(specifier: string, folder: string, way: Way): { path?: string; error?: string } {
    const by = isPath(specifier) ? paths : packages;
    const found = by[way].sync(folder, specifier);
    const other = found.error && way === 'import' ? by.require.sync(folder, specifier) : undefined;
    return other?.path ? other : found;
  }

  const resolve = (specifier: string, from: string, way: Way): string => {
    if (isBuiltin(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
    if (!isPath(specifier) && /^[a-z][a-z0-9+.-]+:/i.test(specifier)) return specifier;
    const name = packageName(specifier);
    // What tslab shows goes through the kernel's own copy of it.
    const folder = name === 'tslab' ? root : path.dirname(from);
    let found = find(specifier, folder, way);
    if (found.error) {
      refresh();
      found = find(specifier, folder, way);
    }
    if (found.error && own.has(name)) found = find(specifier, root, way);
    if (found.path === undefined) throw failure(specifier, from, way, found.error!);
    return found.path;
  };
  return Object.assign(resolve, { refresh });
}

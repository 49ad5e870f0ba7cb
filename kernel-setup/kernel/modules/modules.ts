/** What cells import. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Modules {
  import(specifier: string, attributes?: Record<string, string>): Promise<Record<string, unknown>>;
  require: NodeRequire;
  meta: ImportMeta;
  loaded(): ReadonlyMap<string, string>;
  refresh(): void;
}

export function createModules({ cwd, root }: { cwd: string; root: string }): Modules {
  const here = createRequire(path.join(cwd, 'cell.js'));
  const kernels = createRequire(path.join(root, 'package.json'));
  const load = (name: string) => (name === 'widenet' || name === 'tslab' ? kernels(name) : here(name));
  return {
    async import(specifier) {
      const module = load(specifier);
      return module?.__esModule ? module : { default: module, ...module };
    },
    require: here,
    meta: { url: pathToFileURL(path.join(cwd, 'cell.ts')).href } as ImportMeta,
    loaded: () =>
      new Map(
        Object.keys(require.cache)
          .filter(file => !file.includes('node_modules') && path.isAbsolute(file))
          .map(file => [file, createHash('sha256').update(readFileSync(file)).digest('hex')]),
      ),
    refresh() {},
  };
}

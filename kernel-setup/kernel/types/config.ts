/** How cells are compiled: a tsconfig.json that the language server is given, and that is written nowhere. */
import { existsSync } from 'node:fs';
import path from 'node:path';

/** What the document of a cell is called. */
export const documentName = (id: number | string) => `__widenet_cell_${id}__`;
export const globalsFile = '__widenet_globals__.d.ts';

/** The newest library of JavaScript that this Node.js has as a whole. */
function library(): string {
  const major = Number(process.versions.node.split('.')[0]);
  return major >= 24 ? 'es2025' : major >= 22 ? 'es2024' : 'es2023';
}

export function config(cwd: string, root: string): string {
  const modules = path.join(root, 'node_modules');
  // A folder with its own types of Node.js or of other global things keeps them; elsewhere there are the project's.
  const own = path.join(cwd, 'node_modules', '@types');
  return JSON.stringify({
    compilerOptions: {
      target: 'esnext',
      lib: [library(), 'esnext.disposable', 'esnext.decorators'],
      module: 'preserve',
      moduleResolution: 'bundler',
      moduleDetection: 'force',
      paths: { widenet: [path.join(root, 'src', 'index.ts')], tslab: [path.join(modules, 'tslab')] },
      types: ['node'],
      typeRoots: [...(existsSync(path.join(own, 'node')) ? [own] : []), path.join(modules, '@types')],
      strict: false,
      allowJs: true,
      allowImportingTsExtensions: true,
      resolveJsonModule: true,
      skipLibCheck: true,
      noEmit: true,
    },
    // The configuration is a file of its own project, or the server would make another one for it.
    files: ['tsconfig.json'],
    include: ['__widenet_cell_*__.ts', globalsFile],
  });
}

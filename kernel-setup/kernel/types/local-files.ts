/**
 * The files that cells import by path, with what these import in turn, and the packages by name. The language server
 * reads a file once; what has changed since, has come or has gone, it is told before a cell that imports.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { isPath, languageOf, packageName, pathOfUrl, stampOf } from '../syntax/files';
import type { FileEvent } from './session';

const endings = ['', '.ts', '.tsx', '.d.ts', '.js', '.jsx', '.mjs', '.cjs', '.mts', '.cts', '.json'];
/** `./x.js` may mean `./x.ts`. */
const written: Record<string, string[]> = {
  '.js': ['.ts', '.tsx', '.d.ts'],
  '.mjs': ['.mts', '.d.mts'],
  '.cjs': ['.cts', '.d.cts'],
};

/** What a text imports, in any of the ways there are. */
function requests(file: string, text: string): string[] {
  const lang = /x$/.test(file) ? 'tsx' : 'ts';
  const { module } = parseSync(`file.${lang}`, text, { sourceType: 'module', lang });
  return [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.flatMap(entry => entry.moduleRequest?.value ?? [])),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => text.slice(start + 1, end - 1)),
    ...Array.from(text.matchAll(/\brequire\(\s*(['"])([^'"]+)\1\s*\)/g), match => match[2]!),
  ];
}

/** The files that an import by path may mean. */
function candidates(base: string): string[] {
  const ending = path.extname(base);
  const other = (written[ending] ?? []).map(replaced => base.slice(0, -ending.length) + replaced);
  const inside = ['package.json', ...endings.slice(1).map(extension => `index${extension}`)];
  return [...endings.map(extension => base + extension), ...other, ...inside.map(name => path.join(base, name))];
}

/** The folders from which a package may come, nearest first. */
function above(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}

export const isPackage = (file: string) => file.includes(`${path.sep}node_modules${path.sep}`);

export type LocalFiles = ReturnType<typeof createLocalFiles>;

export function createLocalFiles({ cwd, root }: { cwd: string; root: string }) {
  const library = path.join(root, 'src');
  /** What was looked at, with the state that the server knows. */
  const known = new Map<string, string | undefined>();
  let hasLibrary = false;

  const watch = (file: string) => void (known.has(file) || known.set(file, stampOf(file)));

  function watchPackage(specifier: string, folder: string): void {
    if (specifier === 'widenet' && !hasLibrary) {
      hasLibrary = true;
      for (const file of readdirSync(library, { recursive: true })) watch(path.join(library, String(file)));
    }
    const name = packageName(specifier);
    for (const place of above(folder))
      for (const owner of [name, `@types/${name.replace(/^@/, '').replace('/', '__')}`])
        watch(path.join(place, 'node_modules', owner, 'package.json'));
  }

  /** Enters what a text imports, and gives the local files among them that TypeScript checks. */
  function follow(file: string, text: string, found: Set<string>): Set<string> {
    const folder = path.dirname(file);
    for (const specifier of requests(file, text)) {
      if (!isPath(specifier)) {
        if (!specifier.startsWith('node:')) watchPackage(specifier, folder);
        continue;
      }
      for (const candidate of candidates(path.resolve(folder, pathOfUrl(specifier) ?? specifier))) {
        watch(candidate);
        if (known.get(candidate) === undefined || found.has(candidate) || !languageOf(candidate)) continue;
        if (candidate.startsWith(library + path.sep) || isPackage(candidate)) continue;
        found.add(candidate);
        follow(candidate, readFileSync(candidate, 'utf8'), found);
      }
    }
    return found;
  }

  /** What has changed on disk since the server was told last. */
  function changes(): FileEvent[] {
    const events: FileEvent[] = [];
    for (const [file, before] of known) {
      const now = stampOf(file);
      if (now === before) continue;
      known.set(file, now);
      events.push({ file, type: before === undefined ? 'created' : now === undefined ? 'deleted' : 'changed' });
    }
    return events;
  }

  return {
    changes,
    /** The local files that a cell's text imports, directly or not. */
    imports: (source: string) =>
      /\b(?:import|export|require)\b/.test(source) ? [...follow(path.join(cwd, 'cell.ts'), source, new Set())] : [],
  };
}

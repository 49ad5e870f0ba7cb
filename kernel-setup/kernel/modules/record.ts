/** Which files were loaded, with which content, and which of them import which. */
import { contentOf, isPath } from '../syntax/files';
import type { Places } from './places';
import type { Resolve } from './resolve';

export type Record = ReturnType<typeof createRecord>;

interface Import {
  specifier: string;
  way: 'import' | 'require';
  /** Undefined when there was nothing. */
  target?: string;
}

interface Loaded {
  hash: string;
  imports: Map<string, Import>;
}

/** A module is a file, or a file with a query behind it. */
export const fileOf = (module: string) => module.replace(/[?#].*$/s, '');

export function createRecord({ isLibrary }: Places, resolve: Resolve) {
  const loaded = new Map<string, Loaded>();
  /** What `loaded` was, files included that are dropped and not loaded again. */
  let hashes: ReadonlyMap<string, string> = new Map();

  const isChanged = (file: string, { hash }: Loaded) => contentOf(file)?.hash !== hash;

  /** Whether a path now means another file: one was made or deleted. A package is looked for if it was missing. */
  function isElsewhere(file: string, { specifier, way, target }: Import): boolean {
    if (!isPath(specifier) && target !== undefined) return false;
    try {
      return resolve(specifier, file, way) !== target;
    } catch {
      return target !== undefined;
    }
  }

  return {
    /** A file is about to be loaded. */
    enter(file: string, hash: string): void {
      loaded.set(file, { hash, imports: new Map() });
      hashes = new Map(hashes).set(file, hash);
    },
    /** One file imports another. */
    link(from: string, specifier: string, way: Import['way'], target: string | undefined): void {
      loaded.get(from)?.imports.set(`${way} ${specifier}`, { specifier, way, target });
    },
    /** The files that have changed since they were loaded, and all that import one of them. */
    stale(): { changed: string[]; stale: Set<string> } {
      const changed = [...loaded].filter(([file, entry]) => isChanged(file, entry)).map(([file]) => file);
      const stale = new Set(changed);
      // The library's files are one: what one of them exports, others may have taken over.
      if (changed.some(isLibrary)) for (const file of loaded.keys()) if (isLibrary(file)) stale.add(file);
      for (const [file, { imports }] of loaded)
        for (const each of isLibrary(file) ? [] : imports.values())
          if (isElsewhere(file, each)) stale.add(file).add(fileOf(each.target ?? ''));
      for (let size = -1; size !== stale.size; ) {
        size = stale.size;
        for (const [file, { imports }] of loaded)
          if ([...imports.values()].some(({ target }) => stale.has(fileOf(target ?? '')))) stale.add(file);
      }
      return { changed, stale };
    },
    drop(file: string): void {
      loaded.delete(file);
    },
    hashes: () => hashes,
  };
}

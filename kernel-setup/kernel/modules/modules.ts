/** What cells import, resolved from the notebook's folder as Node.js and bundlers do. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { dropUnfinished, installCommonJs } from './commonjs';
import { checkAttributes, EsModules, isNativeEs, metaOf, type Environment } from './es-modules';
import { namespaceOf, type Namespace } from './interop';
import { createIsLive } from './live';
import { createPlaces } from './places';
import { createRecord } from './record';
import { cellFile, createResolve, type Way } from './resolve';

export interface Modules {
  /** A module's namespace; that of CommonJS too has `default` and names. */
  import(specifier: string, attributes?: object): Promise<Namespace>;
  /** Whether what a module exports by a name may change later; not for CommonJS, as in Node.js. */
  isLive(specifier: string, name: string): boolean;
  require: NodeRequire;
  meta: ImportMeta;
  /** The library's files and those beside the notebook, each with a hash of its content when it was loaded last. */
  loaded(): ReadonlyMap<string, string>;
  /** A cell begins: what has changed on disk is loaded anew when this cell imports something. */
  refresh(): void;
}

export function createModules({ cwd, root }: { cwd: string; root: string }): Modules {
  const places = createPlaces({ cwd, root });
  const cell = cellFile(cwd);
  const resolve = createResolve(places);
  const record = createRecord(places, resolve);
  const environment: Environment = {
    places,
    resolve,
    record,
    resolveFrom,
    requireFrom: from => createRequire(from),
    importFrom,
  };
  const es = new EsModules(environment);
  installCommonJs(environment, es);
  let isNewCell = false;

  function resolveFrom(from: string, specifier: string, way: Way): string {
    try {
      const target = resolve(specifier, from, way);
      record.link(from, specifier, way, target);
      return target;
    } catch (error) {
      record.link(from, specifier, way, undefined);
      throw error;
    }
  }

  async function importFrom(from: string, specifier: string, attributes: any = {}): Promise<Namespace> {
    const target = resolveFrom(from, specifier, 'import');
    checkAttributes(specifier, target, attributes.with ?? attributes);
    if (es.isOwn(target)) return es.import(target);
    if (isNativeEs(target)) return es.loadNative(target);
    return namespaceOf(createRequire(from)(target), target);
  }

  /** Drops what was changed or cut short since the last cell that imported something. */
  function loadAnew(): void {
    if (!isNewCell) return;
    isNewCell = false;
    resolve.refresh();
    dropUnfinished();
    es.dropUnfinished();
    const { changed, stale } = record.stale();
    for (const file of stale) {
      es.drop(file);
      record.drop(file);
      delete require.cache[file];
    }
    const library = changed.filter(places.isLibrary).map(file => path.relative(root, file));
    if (library.length > 0)
      console.warn(`Loading the library anew: ${library.join(', ')} changed. What was made before keeps the old code.`);
  }

  const require_ = createRequire(cell);
  return {
    async import(specifier, attributes) {
      loadAnew();
      return importFrom(cell, String(specifier), attributes);
    },
    isLive: createIsLive(environment, cell),
    require: Object.assign((specifier: string) => {
      loadAnew();
      return require_(specifier);
    }, require_),
    meta: metaOf(cell, pathToFileURL(path.join(cwd, 'cell.ts')).href, resolve),
    loaded: record.hashes,
    refresh() {
      resolve.refresh();
      isNewCell = true;
    },
  };
}

/** Loads the ES modules beside the notebook, by the rules of the language, and so that they can be loaded anew. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { addScript } from '../locations';
import { rememberTexts } from '../stop/texts';
import { compileEs, eachName, everything, refuseErrors } from './compile';
import { isTypeScript, sourceOf, type Source } from './form';
import { commonJsStandIn, nativeStandIn, asModule, type Namespace } from './interop';
import { load } from './native.cjs';
import { packageOf, type Places } from './places';
import { fileOf, type Record as Loads } from './record';
import type { Resolve } from './resolve';

export interface Environment {
  places: Places;
  resolve: Resolve;
  record: Loads;
  requireFrom(from: string): NodeRequire;
  importFrom(from: string, specifier: string, attributes?: object): Promise<Namespace>;
}

export type EsModules = ReturnType<typeof createEsModules>;

/** Node.js says once that modules made by a program are experimental; no notebook needs to hear it. */
function hushWarning(): void {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    new vm.SourceTextModule('');
  } finally {
    process.emitWarning = emitWarning;
  }
}

type Attributes = Record<string, string> | undefined;

/** What a file beside the notebook is called in stack traces: each version of it has another name. */
let versions = 0;
export const versionOf = (file: string) => `${file}?${++versions}`;

const toUrl = (target: string) => (path.isAbsolute(target) ? pathToFileURL(target).href : target);

/** Import attributes: `type: 'json'` is the one that there is. */
export function checkAttributes(specifier: string, target: string, attributes: Attributes): void {
  const type = attributes?.type;
  if (type === undefined || (type === 'json' && target.endsWith('.json'))) return;
  throw new TypeError(
    `import of '${specifier}' with { type: '${type}' }: ${type === 'json' ? 'it is no JSON file' : 'there is no such type of module'}`,
  );
}

/** Whether a file of a package, or what a URL names, is an ES module, which Node.js itself loads. */
export function isNativeEs(target: string): boolean {
  if (!path.isAbsolute(target)) return !target.startsWith('node:');
  const ending = path.extname(fileOf(target));
  return ending === '.mjs' || ending === '.wasm' || (ending === '.js' && packageOf(target)?.type === 'module');
}

/** The names that a module takes from each of the others. */
function namesTaken({ parsed }: Source): Map<string, Set<string>> {
  const taken = new Map<string, Set<string>>();
  const take = (module: string, name?: string) => {
    const names = taken.get(module) ?? new Set();
    if (name !== undefined) names.add(name);
    taken.set(module, names);
  };
  for (const { moduleRequest, entries } of parsed!.module.staticImports) {
    take(moduleRequest.value);
    for (const {
      importName: { kind, name },
    } of entries)
      take(moduleRequest.value, kind === 'Default' ? 'default' : kind === 'Name' ? name! : everything);
  }
  for (const { entries } of parsed!.module.staticExports)
    for (const {
      moduleRequest,
      importName: { kind, name },
    } of entries)
      if (moduleRequest && kind !== 'AllButDefault') take(moduleRequest.value, kind === 'Name' ? name! : everything);
  return taken;
}

export function createEsModules(environment: Environment) {
  const { places, resolve, record, requireFrom, importFrom } = environment;
  const modules = new Map<string, vm.SourceTextModule>();
  const sources = new WeakMap<vm.Module, Source>();
  /** What Node.js failed to load, and would go on to fail with. */
  const failed = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();
  hushWarning();

  /** Whether a module is loaded here. */
  function isOwn(target: string): boolean {
    const file = fileOf(target);
    if (failed.has(target)) return sourceOf(file) !== undefined;
    return places.isLocal(file) && sourceOf(file)?.form === 'es' && !(file in require.cache);
  }

  async function loadNative(target: string): Promise<Namespace> {
    try {
      return await load(toUrl(target));
    } catch (error) {
      failed.add(target);
      throw error;
    }
  }

  function meta(module: string) {
    const file = fileOf(module);
    return (meta: any) => {
      Object.assign(meta, metaOf(file, pathToFileURL(file).href + module.slice(file.length), resolve));
      if (isTypeScript(file)) Object.defineProperty(meta, 'require', { get: () => requireFrom(file) });
    };
  }

  function create(module: string): vm.SourceTextModule {
    const file = fileOf(module);
    const source = sourceOf(file);
    if (!source) throw new Error(`Cannot find module '${file}'`);
    const isLocal = places.isLocal(file);
    if (isLocal) record.enter(file, source.hash);
    const label = path.relative(places.cwd, file);
    refuseErrors(source, label);
    const isForeign = (specifier: string) => !isOwn(resolve(specifier, file, 'import'));
    const { code, clean, maps } = compileEs(source, isForeign, isLocal);
    const name = versionOf(file);
    if (isLocal) {
      addScript(name, label, source.text, code, maps);
      rememberTexts(code, clean);
    }
    const created = new vm.SourceTextModule(code, {
      identifier: name,
      initializeImportMeta: meta(module),
      importModuleDynamically: (async (specifier: string, _: vm.Module, attributes: object) =>
        asModule(await importFrom(file, specifier, attributes))) as any,
    });
    sources.set(created, source);
    modules.set(module, created);
    return created;
  }

  const moduleOf = (target: string) => modules.get(target) ?? create(target);

  /** What stands for a module that is not loaded here. */
  async function standIn(target: string, specifier: string, isEach: boolean, importer: Source): Promise<vm.Module> {
    const isTypeScripts = isTypeScript(importer.file);
    const isEs = isNativeEs(target);
    const required = () => requireFrom(importer.file)(target);
    const names = isEach
      ? Object.keys(isEs ? await loadNative(target) : required()).filter(name => name !== 'default')
      : [...(namesTaken(importer).get(specifier) ?? [])];
    const wanted = { specifier, names, isTypeScript: isTypeScripts };
    return isEs ? nativeStandIn(wanted, () => loadNative(target)) : commonJsStandIn(target, wanted, required);
  }

  async function link(request: string, from: vm.Module, { attributes }: { attributes?: object }): Promise<vm.Module> {
    const importer = sources.get(from)!;
    const isEach = request.startsWith(eachName);
    const specifier = isEach ? request.slice(eachName.length) : request;
    const target = resolve(specifier, importer.file, 'import');
    checkAttributes(specifier, target, attributes as Attributes);
    record.link(importer.file, specifier, 'import', target);
    // A package that failed is loaded here, so that what it imports, too, is tried again.
    if (!places.isLocal(importer.file) && isNativeEs(target) && !isOwn(target))
      await loadNative(target).catch(() => {});
    return isOwn(target) ? moduleOf(target) : standIn(target, specifier, isEach, importer);
  }

  function discard(statuses: readonly string[]): void {
    for (const [name, module] of modules) if (statuses.includes(module.status)) modules.delete(name);
  }

  /** Links a module and begins to evaluate it; one after another, because modules share others. */
  function begin(target: string): Promise<{ module: vm.Module; done: Promise<void> }> {
    const begun = turn.then(async () => {
      try {
        const module = moduleOf(target);
        if (module.status === 'unlinked') await module.link(link as vm.ModuleLinker);
        const done = module.evaluate();
        done.catch(() => {});
        return { module, done };
      } catch (error) {
        discard(['unlinked', 'linking', 'linked', 'errored']);
        throw error;
      }
    });
    turn = begun.catch(() => {});
    return begun;
  }

  return {
    isOwn,
    loadNative,
    /** The namespace of a module, loaded if it is not yet. What fails is tried again the next time. */
    async import(target: string): Promise<Namespace> {
      const { module, done } = await begin(target);
      try {
        await done;
      } catch (error) {
        discard(['errored']);
        throw error;
      }
      return module.namespace as Namespace;
    },
    /** The namespace, for `require`, of a module that is loaded already. */
    loaded(target: string): Namespace | undefined {
      const module = modules.get(target);
      return module && module.status !== 'unlinked' && module.status !== 'linking'
        ? (module.namespace as Namespace)
        : undefined;
    },
    drop(file: string): void {
      for (const name of modules.keys()) if (fileOf(name) === file) modules.delete(name);
    },
    /** To be called when no module is being evaluated: drops those whose evaluation was ended by force. */
    dropUnfinished(): void {
      discard(['unlinked', 'linking', 'linked', 'evaluating', 'errored']);
      turn = Promise.resolve();
    },
  };
}

/** `import.meta` */
export function metaOf(file: string, url: string, resolve: Resolve): ImportMeta {
  return {
    dirname: path.dirname(file),
    filename: file,
    resolve: (specifier: string) => {
      const target = resolve(specifier, file, 'import');
      return toUrl(target);
    },
    url,
  } as unknown as ImportMeta;
}

/** Loads the ES modules beside the notebook, by the rules of the language, and so that they can be loaded anew. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { currentCell } from '../stop/context';
import { isPath, isTypeScript, languageOf } from '../syntax/files';
import { addScript } from '../syntax/locations';
import { rememberTexts } from '../stop/texts';
import { compileEs, eachName, refuseErrors } from './compile';
import { sourceOf, type Source } from './form';
import { commonJsStandIn, nativeStandIn, asModule, type Namespace } from './interop';
import { namesTaken, withPlace } from './names';
import { load } from './native.cjs';
import { packageOf, type Places } from './places';
import { fileOf, type Record as Loads } from './record';
import type { Resolve, Way } from './resolve';

export interface Environment {
  places: Places;
  resolve: Resolve;
  record: Loads;
  /** Resolves what one file imports, and records it. */
  resolveFrom(from: string, specifier: string, way: Way): string;
  requireFrom(from: string): NodeRequire;
  importFrom(from: string, specifier: string, attributes?: object): Promise<Namespace>;
}

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

/** Whether Node.js itself loads it, as an ES module: a file of a package, what a URL names, an unknown kind of file. */
export function isNativeEs(target: string): boolean {
  if (!path.isAbsolute(target)) return !target.startsWith('node:');
  const ending = path.extname(fileOf(target));
  if (ending === '.js') return packageOf(target)?.type === 'module';
  return ending === '.mjs' || !(languageOf(target) || ['', '.json', '.node', '.cjs'].includes(ending));
}

export class EsModules {
  readonly #environment: Environment;
  readonly #modules = new Map<string, vm.SourceTextModule>();
  readonly #sources = new WeakMap<vm.Module, Source>();
  /** What Node.js failed to load, and would go on to fail with, or to wait for because a stop has cut it. */
  readonly #failed = new Set<string>();
  /** What cells wait for, and the modules made for it; or what Node.js loads. */
  readonly #waiting = new Set<{ signal?: AbortSignal; made: string[]; native?: string }>();
  #made: string[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(environment: Environment) {
    this.#environment = environment;
    hushWarning();
  }

  /** Whether a module is loaded here. */
  isOwn(target: string): boolean {
    const file = fileOf(target);
    if (this.#failed.has(target)) return sourceOf(file) !== undefined;
    return this.#environment.places.isLocal(file) && sourceOf(file)?.form === 'es' && !(file in require.cache);
  }

  async loadNative(target: string): Promise<Namespace> {
    const wait = { signal: currentCell()?.signal, made: [], native: target };
    this.#waiting.add(wait);
    try {
      return await load(toUrl(target));
    } catch (error) {
      this.#failed.add(target);
      throw error;
    } finally {
      this.#waiting.delete(wait);
    }
  }

  #meta(module: string) {
    const file = fileOf(module);
    return (meta: any) => {
      Object.assign(
        meta,
        metaOf(file, pathToFileURL(file).href + module.slice(file.length), this.#environment.resolve),
      );
      if (isTypeScript(file))
        Object.defineProperty(meta, 'require', { get: () => this.#environment.requireFrom(file) });
    };
  }

  #create(module: string): vm.SourceTextModule {
    const file = fileOf(module);
    const source = sourceOf(file);
    if (!source) throw new Error(`Cannot find module '${file}'`);
    const isLocal = this.#environment.places.isLocal(file);
    if (isLocal) this.#environment.record.enter(file, source.hash);
    const label = this.#label(file);
    refuseErrors(source, label);
    const own = (specifier: string, from: string) => {
      const target = this.#environment.resolveFrom(from, specifier, 'import');
      return this.isOwn(target) ? fileOf(target) : undefined;
    };
    const { code, clean, maps } = compileEs(source, own, isLocal);
    const name = versionOf(file);
    if (isLocal) {
      addScript(name, label, source.text, code, maps);
      rememberTexts(code, clean);
    }
    const created = new vm.SourceTextModule(code, {
      identifier: name,
      initializeImportMeta: this.#meta(module),
      importModuleDynamically: (async (specifier: string, _: vm.Module, attributes: object) =>
        asModule(await this.#environment.importFrom(file, specifier, attributes))) as any,
    });
    this.#sources.set(created, source);
    this.#modules.set(module, created);
    this.#made.push(module);
    return created;
  }

  #moduleOf(target: string): vm.SourceTextModule {
    return this.#modules.get(target) ?? this.#create(target);
  }

  /** What stands for a module that is not loaded here. */
  async #standIn(target: string, specifier: string, isEach: boolean, importer: Source): Promise<vm.Module> {
    const isTypeScripts = isTypeScript(importer.file);
    const isEs = isNativeEs(target);
    const required = () => this.#environment.requireFrom(importer.file)(target);
    const names = isEach
      ? Object.keys(isEs ? await this.loadNative(target) : required()).filter(name => name !== 'default')
      : [...(namesTaken(importer).get(specifier) ?? [])];
    const wanted = { specifier, names, isTypeScript: isTypeScripts };
    return isEs ? nativeStandIn(wanted, () => this.loadNative(target)) : commonJsStandIn(target, wanted, required);
  }

  async #link(request: string, from: vm.Module, { attributes }: { attributes?: object }): Promise<vm.Module> {
    const importer = this.#sources.get(from)!;
    const isEach = request.startsWith(eachName);
    const specifier = isEach ? request.slice(eachName.length) : request;
    const target = this.#environment.resolveFrom(importer.file, specifier, 'import');
    checkAttributes(specifier, target, attributes as Attributes);
    // A package that failed is loaded here, so that what it imports, too, is tried again.
    if (!this.#environment.places.isLocal(importer.file) && isNativeEs(target) && !this.isOwn(target))
      await this.loadNative(target).catch(() => {});
    return this.isOwn(target) ? this.#moduleOf(target) : this.#standIn(target, specifier, isEach, importer);
  }

  #label(file: string): string {
    return path.relative(this.#environment.places.cwd, file);
  }

  #unfinished(): Source[] {
    const modules = [...this.#modules.values()].filter(({ status }) => status !== 'evaluated');
    return modules.map(module => this.#sources.get(module)!);
  }

  #discard(statuses: readonly string[]): void {
    for (const [name, module] of this.#modules) if (statuses.includes(module.status)) this.#modules.delete(name);
  }

  /** Links a module and begins to evaluate it; one after another, because modules share others. */
  #begin(target: string): Promise<{ module: vm.Module; done: Promise<void> }> {
    const signal = currentCell()?.signal;
    const begun = this.#turn.then(async () => {
      try {
        this.#made = [];
        const module = this.#moduleOf(target);
        if (module.status === 'unlinked') await module.link(this.#link.bind(this) as vm.ModuleLinker);
        const done = module.evaluate();
        const wait = { signal, made: this.#made };
        this.#waiting.add(wait);
        const end = () => void this.#waiting.delete(wait);
        done.then(end, end);
        return { module, done };
      } catch (error) {
        const placed = withPlace(error, this.#unfinished(), file => this.#label(file));
        this.#discard(['unlinked', 'linking', 'linked', 'errored']);
        throw placed;
      }
    });
    this.#turn = begun.catch(() => {});
    return begun;
  }

  /** The namespace of a module, loaded if it is not yet. What fails is tried again the next time. */
  async import(target: string): Promise<Namespace> {
    const { module, done } = await this.#begin(target);
    try {
      await done;
    } catch (error) {
      this.#discard(['errored']);
      throw error;
    }
    return module.namespace as Namespace;
  }

  /** The namespace, for `require`, of a module that is loaded already. */
  loaded(target: string): Namespace | undefined {
    const module = this.#modules.get(target);
    return module && module.status !== 'unlinked' && module.status !== 'linking'
      ? (module.namespace as Namespace)
      : undefined;
  }

  drop(file: string): void {
    for (const name of this.#modules.keys()) if (fileOf(name) === file) this.#modules.delete(name);
  }

  /**
   * To be called when no module is being evaluated: drops those whose evaluation was ended by force, or waits in a
   * cell that was stopped.
   */
  dropUnfinished(): void {
    for (const wait of this.#waiting)
      if (wait.signal?.aborted) {
        this.#waiting.delete(wait);
        for (const name of wait.made) this.#modules.delete(name);
        if (wait.native !== undefined) this.#failed.add(wait.native);
      }
    this.#discard(['unlinked', 'linking', 'linked', 'evaluating', 'errored']);
    this.#turn = Promise.resolve();
  }
}

/** `import.meta` */
export function metaOf(file: string, url: string, resolve: Resolve): ImportMeta {
  return {
    dirname: path.dirname(file),
    filename: file,
    // A path has a URL whether or not there is a file.
    resolve(specifier: string) {
      try {
        return toUrl(resolve(specifier, file, 'import'));
      } catch (error) {
        if (!isPath(specifier)) throw error;
        return new URL(specifier, pathToFileURL(file)).href;
      }
    },
    url,
  } as unknown as ImportMeta;
}

/** Loads the CommonJS files beside the notebook: Node.js's own loader, with hooks. */
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { isPath } from '../syntax/files';
import { addScript } from '../syntax/locations';
import { walkOutside } from '../syntax/walk';
import { rememberTexts } from '../stop/texts';
import { compileCommonJs, refuseErrors } from './compile';
import { versionOf, type Environment, type EsModules } from './es-modules';
import { sourceOf, type Source } from './form';
import { asModule } from './interop';

interface Internals {
  _load(request: string, parent: NodeModule | undefined, ...rest: unknown[]): unknown;
  _resolveFilename(request: string, parent: NodeModule | undefined, isMain: boolean, options?: object): string;
  _nodeModulePaths(folder: string): string[];
  prototype: { load(this: NodeModule, file: string): void };
}

const isMissing = (error: unknown) => (error as { code?: string }).code === 'MODULE_NOT_FOUND';

const parameters = ['exports', 'require', 'module', '__filename', '__dirname'];

/** Runs a file beside the notebook as `module`. */
function run(module: NodeModule, source: Source, { places, importFrom }: Environment): void {
  const { file } = source;
  const label = path.relative(places.cwd, file);
  refuseErrors(source, label);
  if (source.form === 'es' && hasTopLevelAwait(source))
    throw new Error(`${label} awaits outside functions, so that it can be imported, but not required`);
  const { code, clean, maps } = compileCommonJs(source);
  const name = versionOf(file);
  addScript(name, label, source.text, code, maps);
  rememberTexts(code, clean);
  const compiled = vm.compileFunction(code, parameters, {
    filename: name,
    importModuleDynamically: (async (specifier: string, _: unknown, attributes: object) =>
      asModule(await importFrom(file, specifier, attributes))) as any,
  });
  compiled.call(module.exports, module.exports, createRequire(file), module, file, path.dirname(file));
}

/** Whether the code, as a function's, does not compile. */
function hasTopLevelAwait({ parsed }: Source): boolean {
  let found = false;
  walkOutside(parsed!.program, node => {
    found ||=
      node.type === 'AwaitExpression' ||
      (node.type === 'ForOfStatement' && node.await) ||
      (node.type === 'VariableDeclaration' && node.kind === 'await using');
  });
  return found;
}

/** From here on files beside the notebook are resolved, compiled and recorded as this kernel does it. */
export function installCommonJs(environment: Environment, es: EsModules): void {
  const { places, resolve, record, resolveFrom } = environment;
  const internals = Module as unknown as Internals;
  const { _load: loadAny, _resolveFilename: resolveAny } = internals;
  const loadFile = internals.prototype.load;
  const isLocal = (parent: NodeModule | undefined) => !!parent?.filename && places.isLocal(parent.filename);

  /** Node.js remembers which packages it has not found. */
  function installedSince(request: string, from: string, error: unknown): string {
    try {
      return resolve(request, from, 'require');
    } catch {
      throw error;
    }
  }

  internals._resolveFilename = function (request, parent, ...rest) {
    if (isLocal(parent) && rest[1] === undefined) {
      const target = resolve(request, parent!.filename, 'require');
      // Node.js calls its own modules as they are called there.
      return target.startsWith('node:') ? request : target;
    }
    try {
      return resolveAny.call(this, request, parent, ...rest);
    } catch (error) {
      if (!isMissing(error) || !parent?.filename || isPath(request)) throw error;
      return installedSince(request, parent.filename, error);
    }
  };

  internals._load = function (request, parent, ...rest) {
    if (!isLocal(parent)) return loadAny.call(this, request, parent, ...rest);
    const target = resolveFrom(parent!.filename, request, 'require');
    return es.loaded(target) ?? loadAny.call(this, target, parent, ...rest);
  };
  internals.prototype.load = function (file) {
    const source = places.isLocal(file) || places.isLibrary(file) ? sourceOf(file) : undefined;
    if (source) record.enter(file, source.hash);
    if (source?.form === 'json') refuseErrors(source, path.relative(places.cwd, file));
    if (!source || source.form === 'json' || places.isLibrary(file)) return loadFile.call(this, file);
    this.filename = file;
    this.paths = internals._nodeModulePaths(path.dirname(file));
    run(this, source, environment);
    this.loaded = true;
  };
}

/** To be called when nothing is being loaded: drops the modules whose loading was ended by force. */
export function dropUnfinished(): void {
  for (const [file, module] of Object.entries(require.cache)) if (module && !module.loaded) delete require.cache[file];
}

/** CommonJS modules as ES modules see them. */
import { types } from 'node:util';
import vm from 'node:vm';
import { everything } from './compile';

export type Namespace = Record<string, unknown>;

const namespaces = new WeakMap<object, Namespace>();

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/**
 * What `import * as all` gives: the members of what a CommonJS module exports, as they are at the time of reading, and
 * that as `default`. A module that was compiled from an ES module is its own namespace.
 */
export function namespaceOf(exports: unknown, file: string): Namespace {
  if (!isObject(exports)) return { default: exports };
  if (types.isModuleNamespaceObject(exports)) return exports as Namespace;
  if (file.endsWith('.json')) return { ...exports, default: exports };
  if ((exports as Namespace).__esModule) return exports as Namespace;
  let namespace = namespaces.get(exports);
  if (!namespace) {
    const member = (name: string) => ({
      get: () => (exports as Namespace)[name],
      enumerable: true,
      configurable: true,
    });
    const members = Object.fromEntries(Object.keys(exports).map(name => [name, member(name)]));
    namespace = Object.create(exports, { ...members, default: { value: exports, enumerable: true } }) as Namespace;
    namespaces.set(exports, namespace);
  }
  return namespace;
}

/** What a name means in an ES module that imports it from one that is none. */
interface Names {
  specifier: string;
  names: readonly string[];
  /** Whether the importing file is compiled by TypeScript's and bundlers' rules, not those of Node.js. */
  isTypeScript: boolean;
}

function memberOf(name: string, exports: unknown, file: string, { specifier, isTypeScript }: Names): unknown {
  if (name === 'module.exports') return exports;
  const isEs = types.isModuleNamespaceObject(exports);
  if (name === 'default' && !isTypeScript && !isEs) return exports;
  const namespace = namespaceOf(exports, file);
  if (name === everything) return isTypeScript || isEs ? namespace : { ...namespace, default: exports };
  // What TypeScript imports may be a type only.
  if (!(name in namespace) && !isTypeScript)
    throw new SyntaxError(`The requested module '${specifier}' does not provide an export named '${name}'`);
  return namespace[name];
}

/** Stands for a module of Node.js's `require` in ES modules; `load` gives its exports when its turn comes. */
export function commonJsStandIn(file: string, wanted: Names, load: () => unknown): vm.Module {
  return new vm.SyntheticModule([...wanted.names], function () {
    const exports = load();
    for (const name of wanted.names) this.setExport(name, memberOf(name, exports, file, wanted));
  });
}

/** Stands for an ES module that Node.js itself loads, when its turn comes; its names keep the values of that moment. */
export function nativeStandIn(wanted: Names, load: () => Promise<Namespace>): vm.Module {
  const locals = wanted.names.map((name, i) => `v${i} as ${JSON.stringify(name)}`);
  const values = wanted.names.map((_, i) => `v${i}`);
  const code = `const [${values.join()}] = await import.meta.load(); export { ${locals.join()} };`;
  return new vm.SourceTextModule(code, {
    initializeImportMeta(meta: any) {
      meta.load = async () => {
        const namespace = await load();
        return wanted.names.map(name => memberOf(name, namespace, '', wanted));
      };
    },
  });
}

const wrapped = new WeakMap<object, Promise<vm.Module>>();

/** A namespace as `import()` in a module must give it. */
export function asModule(namespace: Namespace): unknown {
  if (types.isModuleNamespaceObject(namespace)) return namespace;
  let module = wrapped.get(namespace);
  if (!module) {
    module = wrap(namespace);
    wrapped.set(namespace, module);
  }
  return module;
}

async function wrap(namespace: Namespace): Promise<vm.Module> {
  const names = [...new Set([...Object.keys(namespace), 'default'])];
  const module = new vm.SyntheticModule(names, function () {
    for (const name of names)
      this.setExport(name, name === 'default' && !('default' in namespace) ? namespace : namespace[name]);
  });
  await module.link(() => {
    throw new Error('it imports nothing');
  });
  await module.evaluate();
  return module;
}

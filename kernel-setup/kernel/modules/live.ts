/** Which exports of ES modules may change later: those that their module assigns to. */
import { Visitor } from 'oxc-parser';
import { bound } from '../syntax/analyse';
import type { BindingPattern, Node } from '../syntax/oxc';
import { isNativeEs, type Environment } from './es-modules';
import { sourceOf, type Source } from './form';
import { fileOf } from './record';
import { originOf } from './type-exports';

/** The file of the ES module that a specifier means; undefined for what is none. */
type EsTarget = (specifier: string, from: string) => string | undefined;

const assignments = new WeakMap<Source, Set<string>>();

/** The names that a module assigns to, in whichever scope. */
function assignedIn(source: Source): Set<string> {
  const known = assignments.get(source);
  if (known) return known;
  const names = new Set<string>();
  const assign = (target: Node) => {
    let inner = target;
    while ('expression' in inner) inner = inner.expression as Node;
    for (const name of bound(inner as BindingPattern)) names.add(name);
  };
  new Visitor({
    AssignmentExpression: ({ left }) => assign(left),
    UpdateExpression: ({ argument }) => assign(argument),
    ForInStatement: ({ left }) => assign(left),
    ForOfStatement: ({ left }) => assign(left),
  }).visit(source.parsed!.program);
  assignments.set(source, names);
  return names;
}

/** Whether what a file exports by a name may change after it was loaded. */
function isLive(file: string, name: string, target: EsTarget, seen = new Set<string>()): boolean {
  const source = sourceOf(file);
  if (source?.form !== 'es' || seen.has(`${file} ${name}`)) return false;
  seen.add(`${file} ${name}`);
  const isLiveIn = (specifier: string, name: string) => {
    const next = target(specifier, file);
    return next !== undefined && isLive(next, name, target, seen);
  };
  const origin = originOf(source, name);
  if (typeof origin === 'object')
    return 'local' in origin ? assignedIn(source).has(origin.local) : isLiveIn(origin.specifier, origin.name);
  if (origin || name === 'default') return false;
  return source
    .parsed!.module.staticExports.flatMap(({ entries }) => entries)
    .some(
      ({ importName, moduleRequest }) =>
        importName.kind === 'AllButDefault' && moduleRequest !== null && isLiveIn(moduleRequest.value, name),
    );
}

/** The same for what `importer` imports. */
export function createIsLive({ places, resolve }: Pick<Environment, 'places' | 'resolve'>, importer: string) {
  const target: EsTarget = (specifier, from) => {
    try {
      const found = resolve(specifier, from, 'import');
      return places.isLocal(fileOf(found)) || isNativeEs(found) ? fileOf(found) : undefined;
    } catch {
      // The import says so itself.
      return undefined;
    }
  };
  return (specifier: string, name: string): boolean => {
    const file = target(specifier, importer);
    return file !== undefined && isLive(file, name, target);
  };
}

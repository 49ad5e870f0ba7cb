/** The names that ES modules take from each other. */
import { everything, syntaxError } from './compile';
import type { Source } from './form';

/** The names that a module takes from each of the others. */
export function namesTaken({ parsed }: Source): Map<string, Set<string>> {
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

/** Where a module names something of another: the offset in its text. */
function placeOf({ parsed }: Source, request: string, name: string): number | undefined {
  const { staticImports, staticExports } = parsed!.module;
  const all = [
    ...staticImports,
    ...staticExports.flatMap(({ entries }) => entries.map(entry => ({ ...entry, entries: [entry] }))),
  ];
  for (const { moduleRequest, entries } of all)
    for (const { importName } of moduleRequest?.value === request ? entries : [])
      if ((importName.kind === 'Default' ? 'default' : importName.name) === name)
        return importName.start ?? moduleRequest!.start;
  return undefined;
}

/** V8 does not say which file asks for a name that another does not have: one of `sources` does. */
export function withPlace(error: unknown, sources: Source[], labelOf: (file: string) => string): unknown {
  const [, request, name] = /requested module '(.*)' does not .* named '(.*)'/.exec((error as Error).message) ?? [];
  if (!(error instanceof SyntaxError) || name === undefined) return error;
  for (const source of sources) {
    const start = placeOf(source, request, name);
    if (start !== undefined) return syntaxError(error.message, source.text, start, labelOf(source.file));
  }
  return error;
}

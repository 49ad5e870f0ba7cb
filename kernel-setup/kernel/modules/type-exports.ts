/**
 * TypeScript passes types on like values: `export { Settings } from './types'`, without the word `type`. One file alone
 * does not say that Settings is none, so the files that it comes from are looked at.
 */
import type MagicString from 'magic-string';
import { sourceOf, type Source } from './form';

/** The file of an ES module that is loaded here; undefined for any other. */
export type OwnTarget = (specifier: string, from: string) => string | undefined;

/** Where a name comes from that a file exports or passes on: another file, or a variable of its own. */
type Origin = { specifier: string; name: string } | { local: string } | 'type' | 'value' | undefined;

function imported({ parsed }: Source, local: string): Origin {
  for (const { moduleRequest, entries } of parsed!.module.staticImports)
    for (const { localName, importName, isType } of entries)
      if (localName.value === local) {
        if (isType) return 'type';
        if (importName.kind === 'NamespaceObject') return 'value';
        return { specifier: moduleRequest.value, name: importName.name ?? 'default' };
      }
  return undefined;
}

const typeNodes = new Set(['TSInterfaceDeclaration', 'TSTypeAliasDeclaration']);

function declared({ parsed }: Source, local: string): Origin {
  const kinds = parsed!.program.body
    .map(statement => ('declaration' in statement && statement.declaration) || statement)
    .filter(statement => 'id' in statement && (statement.id as { name?: string } | null)?.name === local)
    .map(({ type }) => typeNodes.has(type));
  return kinds.length > 0 && kinds.every(Boolean) ? 'type' : { local };
}

export function originOf(source: Source, name: string): Origin {
  for (const { entries } of source.parsed!.module.staticExports)
    for (const { exportName, importName, localName, moduleRequest, isType } of entries) {
      if ((exportName.kind === 'Default' ? 'default' : exportName.name) !== name) continue;
      if (isType) return 'type';
      if (moduleRequest)
        return importName.kind === 'Name' ? { specifier: moduleRequest.value, name: importName.name! } : 'value';
      if (localName.kind !== 'Name') return 'value';
      return imported(source, localName.name!) ?? declared(source, localName.name!);
    }
  return undefined;
}

function isType(file: string, name: string, own: OwnTarget, seen = new Set<string>()): boolean {
  const source = sourceOf(file);
  if (!source?.parsed || seen.has(`${file} ${name}`)) return false;
  seen.add(`${file} ${name}`);
  const further = (specifier: string, name: string) => {
    const target = own(specifier, file);
    return target !== undefined && isType(target, name, own, seen);
  };
  const origin = originOf(source, name);
  if (typeof origin === 'object') return 'specifier' in origin && further(origin.specifier, origin.name);
  if (origin) return origin === 'type';
  return source.parsed.module.staticExports.some(({ entries }) =>
    entries.some(
      ({ importName, moduleRequest }) =>
        importName.kind === 'AllButDefault' && moduleRequest !== null && further(moduleRequest.value, name),
    ),
  );
}

/** Writes the word `type` where a file passes a type on. */
export function markTypes(edits: MagicString, source: Source, own: OwnTarget): void {
  for (const statement of source.parsed!.program.body) {
    if (statement.type !== 'ExportNamedDeclaration' || statement.exportKind === 'type') continue;
    for (const { local, exportKind, start } of statement.specifiers) {
      const name = local.type === 'Literal' ? String(local.value) : local.name;
      const origin = statement.source ? { specifier: statement.source.value, name } : imported(source, name);
      if (exportKind === 'type' || typeof origin !== 'object' || 'local' in origin) continue;
      const target = own(origin.specifier, source.file);
      if (target !== undefined && isType(target, origin.name, own)) edits.appendLeft(start, 'type ');
    }
  }
}

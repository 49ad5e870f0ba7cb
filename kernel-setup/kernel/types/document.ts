/**
 * A cell as a document for the language server. Each is a module: it exports what it declares, and the names of earlier
 * cells that it uses stand in a line before its text.
 */
import type { Program } from 'oxc-parser';
import { declared, type Analysis, type Name } from '../syntax/analyse';
import { pathOfUrl } from '../syntax/files';
import type { Statement } from '../syntax/oxc';
import { documentName } from './config';

export type Kind = Name['kind'];

/** A cell as a document. */
export interface CellDocument {
  id: number;
  /** As its author wrote it. */
  source: string;
  text: string;
  /** How many lines stand before the cell's own text. */
  linesAbove: number;
  /** Documents that it takes names from. */
  uses: Set<number>;
  /** What it declares, each with its kinds. */
  declares: Map<string, Set<Kind>>;
  /** What it declares for all modules, with `declare global` or `declare module`. */
  globals: Set<string>;
  /** Documents with other declarations for all modules, in whose place it comes. */
  replaces: CellDocument[];
}

export interface Owner {
  id: number;
  kinds: ReadonlySet<Kind>;
}

const only = (kinds: ReadonlySet<Kind>, ...these: Kind[]) => [...kinds].every(kind => these.includes(kind));
export const isType = (kinds: ReadonlySet<Kind>) => only(kinds, 'type');
/** Variables can be assigned to, which imported names cannot. */
const isVariable = (kinds: ReadonlySet<Kind>) => only(kinds, 'let', 'var');
/** A value that a type of the same name may stand beside, as `interface Cat` beside `const Cat`. */
export const isValue = (kinds: ReadonlySet<Kind>) => only(kinds, 'let', 'var', 'const', 'function');

/** The line that brings in names of earlier cells. */
export function header(used: Iterable<[string, Owner]>, own: ReadonlyMap<string, ReadonlySet<Kind>>) {
  const imports = new Map<number, string[]>();
  const declarations: string[] = [];
  const uses = new Set<number>();
  for (const [name, { id, kinds }] of used) {
    const here = own.get(name);
    const list = imports.get(id) ?? [];
    if (!here && !isVariable(kinds)) list.push(name);
    else if (here && isType(kinds) && isValue(here)) list.push(`type ${name}`);
    else if (!here || (isType(here) && isValue(kinds)))
      declarations.push(`declare ${isVariable(kinds) ? 'let' : 'const'} ${name}: typeof ${documentName(id)}.${name};`);
    else continue;
    uses.add(id);
    imports.set(id, list);
  }
  const lines = [...imports].map(([id, names]) => {
    const from = `from './${documentName(id)}';`;
    const all = declarations.some(text => text.includes(`typeof ${documentName(id)}.`));
    return `${all ? `import * as ${documentName(id)} ${from} ` : ''}${names.length > 0 ? `import { ${names.join(', ')} } ${from}` : ''}`;
  });
  return { text: `${[...lines, ...declarations].join(' ')}\n`, uses };
}

/** The names under which a cell exports something itself. */
function exportedBy(program: Program): Set<string> {
  const names = new Set<string>();
  for (const statement of program.body)
    if (statement.type === 'ExportNamedDeclaration')
      for (const { exported } of statement.specifiers) if ('name' in exported) names.add(exported.name);
  return names;
}

/** `export default` gives a name to other modules that no cell can use. */
const isDefault = (program: Program, name: string) =>
  program.body.some(
    statement =>
      statement.type === 'ExportDefaultDeclaration' &&
      'id' in statement.declaration &&
      statement.declaration.id &&
      'name' in statement.declaration.id &&
      statement.declaration.id.name === name,
  );

/** The line behind the cell's text that makes its names visible to later cells. */
function footer({ program, names }: Analysis): string {
  const exported = exportedBy(program);
  const hidden = names.filter(name => !name.exported || isDefault(program, name.name)).map(({ name }) => name);
  return `\nexport { ${[...new Set(hidden)].filter(name => !exported.has(name)).join(', ')} };`;
}

/** The names in `declare global { ... }`, and the modules that a cell adds to. */
function globalsIn(program: Program): Set<string> {
  const names = new Set<string>();
  for (const statement of program.body) {
    if (statement.type !== 'TSModuleDeclaration') continue;
    if (statement.id.type === 'Literal') names.add(statement.id.raw!);
    else if (statement.kind === 'global')
      for (const { name } of (statement.body?.body ?? []).flatMap(inner => declared(inner as Statement)))
        names.add(name);
  }
  return names;
}

/** The text with paths in the place of `file:` URLs, which TypeScript does not resolve; all else stays where it was. */
export const withPaths = (text: string) =>
  text.replace(/(\b(?:from|import|require)\s*\(?\s*)(['"])(file:[^'"\\\n]*)\2/g, (all, before, quote, url) =>
    `${before}${quote}${pathOfUrl(url) ?? url}${quote}`.padEnd(all.length),
  );

/** A cell that uses names of earlier cells. */
export function compose(analysis: Analysis, owners: ReadonlyMap<string, Owner>): Omit<CellDocument, 'id' | 'replaces'> {
  const declares = new Map<string, Set<Kind>>();
  for (const { name, kind } of analysis.names) declares.set(name, (declares.get(name) ?? new Set()).add(kind));
  const { text, uses } = header(
    [...owners].filter(([name]) => analysis.identifiers.has(name)),
    declares,
  );
  return {
    source: analysis.source,
    text: text + withPaths(analysis.source) + footer(analysis),
    linesAbove: 1,
    uses,
    declares,
    globals: globalsIn(analysis.program),
  };
}

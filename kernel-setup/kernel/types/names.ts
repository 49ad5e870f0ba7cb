/**
 * Which document declares a name. Each cell is a document of its own, a module: it exports what it declares, and the
 * names of earlier cells that it uses stand in a line before its text. A name means its newest declaration.
 */
import type { Program } from 'oxc-parser';
import type { Analysis, Name } from '../cell/analyse';
import { cellFile } from './config';

export type Kind = Name['kind'];

/** A cell as a document. */
export interface CellDocument {
  id: number;
  /** What the user sees as the cell's number. */
  cell: number;
  text: string;
  /** How many lines stand before the cell's own text. */
  linesAbove: number;
  /** Documents that it takes names from. */
  uses: Set<number>;
  /** What it declares, each with its kinds. */
  declares: Map<string, Set<Kind>>;
  /** Whether it declares something for all cells, such as with `declare global`. */
  isGlobal: boolean;
}

export interface Owner {
  id: number;
  kinds: ReadonlySet<Kind>;
}

const only = (kinds: ReadonlySet<Kind>, ...these: Kind[]) => [...kinds].every(kind => these.includes(kind));
const isType = (kinds: ReadonlySet<Kind>) => only(kinds, 'type');
/** Variables can be assigned to, which imported names cannot. */
const isVariable = (kinds: ReadonlySet<Kind>) => only(kinds, 'let', 'var');
/** A value that a type of the same name may stand beside, as `interface Cat` beside `const Cat`. */
const isValue = (kinds: ReadonlySet<Kind>) => only(kinds, 'let', 'var', 'const', 'function');

/** The line that brings in names of earlier cells. */
function header(used: Iterable<[string, Owner]>, own: ReadonlyMap<string, ReadonlySet<Kind>>) {
  const imports = new Map<number, string[]>();
  const declarations: string[] = [];
  const uses = new Set<number>();
  for (const [name, { id, kinds }] of used) {
    const here = own.get(name);
    const list = imports.get(id) ?? [];
    if (!here && !isVariable(kinds)) list.push(name);
    else if (here && isType(kinds) && isValue(here)) list.push(`type ${name}`);
    else if (!here || (isType(here) && isValue(kinds)))
      declarations.push(`declare ${isVariable(kinds) ? 'let' : 'const'} ${name}: typeof ${cellFile(id)}.${name};`);
    else continue;
    uses.add(id);
    imports.set(id, list);
  }
  const lines = [...imports].map(([id, names]) => {
    const from = `from './${cellFile(id)}';`;
    const all = declarations.some(text => text.includes(`typeof ${cellFile(id)}.`));
    return `${all ? `import * as ${cellFile(id)} ${from} ` : ''}${names.length > 0 ? `import { ${names.join(', ')} } ${from}` : ''}`;
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

const declaresGlobally = (program: Program) =>
  program.body.some(
    statement =>
      statement.type === 'TSModuleDeclaration' && (statement.kind === 'global' || statement.id.type === 'Literal'),
  );

export function createNames() {
  const owners = new Map<string, Owner>();
  /** The documents of cells that ran. */
  const documents = new Map<number, CellDocument>();
  /** Names that cells would have declared that did not run, each with the reason. */
  const refused = new Map<string, string>();
  let last = 0;

  /** The documents that a later cell can depend on. */
  function reachable(): Set<number> {
    const seen = new Set<number>();
    const stack = [...owners.values()].map(({ id }) => id);
    for (const { id, isGlobal } of documents.values()) if (isGlobal) stack.push(id);
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      stack.push(...(documents.get(id)?.uses ?? []));
    }
    return seen;
  }

  return {
    /** A cell as a document that sees what has been declared so far. */
    compose(analysis: Analysis, cell: number): CellDocument {
      const declares = new Map<string, Set<Kind>>();
      for (const { name, kind } of analysis.names) declares.set(name, (declares.get(name) ?? new Set()).add(kind));
      const used = [...owners].filter(([name]) => analysis.identifiers.has(name));
      const { text, uses } = header(used, declares);
      return {
        id: ++last,
        cell,
        text: text + analysis.source + footer(analysis),
        linesAbove: 1,
        uses,
        declares,
        isGlobal: declaresGlobally(analysis.program),
      };
    },
    /** Text that is still being written, with all names. */
    draft(source: string): { text: string; linesAbove: number } {
      return { text: header(owners, new Map()).text + source, linesAbove: 1 };
    },
    /** A cell runs: from now on its names are the newest. Gives the documents on which nothing depends any more. */
    enter(document: CellDocument): number[] {
      documents.set(document.id, document);
      for (const [name, own] of document.declares) {
        const before = owners.get(name)?.kinds ?? new Set();
        const both = (isType(own) && isValue(before)) || (isValue(own) && isType(before));
        owners.set(name, { id: document.id, kinds: both ? new Set([...before, ...own]) : own });
        refused.delete(name);
      }
      const needed = reachable();
      const dead = [...documents.keys()].filter(id => !needed.has(id));
      for (const id of dead) documents.delete(id);
      return dead;
    },
    refuse(names: Iterable<string>, why: string): void {
      for (const name of names) if (!owners.has(name)) refused.set(name, why);
    },
    refusedIn: (name: string) => refused.get(name),
    kinds: (name: string) => owners.get(name)?.kinds,
    cellOf: (id: number) => documents.get(id)?.cell,
  };
}

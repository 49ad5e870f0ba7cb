/**
 * What a cell declares at its top level, all code in the process sees. So a cell that declares a name which means
 * something elsewhere, such as `setTimeout` or `window`, gets a variable of another name: with an invisible character
 * at its end, in this cell and in all later ones. So does a cell with an import that may change, where a variable has
 * the name.
 */
import MagicString from 'magic-string';
import { parseSync, Visitor } from 'oxc-parser';
import type { Name } from './analyse';

/** Names by which libraries tell where they run; there are none in Node.js. */
const probes = 'window document self location define module exports importScripts Deno Bun jest'.split(' ');
const invisible = '\u200c';
/** How many invisible characters the variable of a name has at its end. */
const lengths = new Map<string, number>();
/** Variables of cells, which V8 keeps for good. */
const variables = new Set<string>();
/** Members of the global object that stand for imports (live-imports.ts). */
const accessors = new Set<string>();

const suffixOf = (name: string): string => invisible.repeat(lengths.get(name) ?? 0);

/** The variable that a name of the cells stands for. */
export const variableOf = (name: string): string => name + suffixOf(name);

/**
 * The names of a cell that is about to run; `live` are those of imports that may change. Gives the names among these
 * that stood for a variable so far: no variable can follow a module, so they stand for something else from now on.
 */
export function shadow(names: readonly Name[], live: ReadonlySet<string>): string[] {
  const moved: string[] = [];
  for (const { name, kind } of names) {
    if (kind === 'type') continue;
    const isGlobal = (name in globalThis && !accessors.has(name)) || probes.includes(name);
    if (isGlobal && !lengths.has(name)) lengths.set(name, 1);
    if (live.has(name) && variables.has(variableOf(name))) {
      lengths.set(name, (lengths.get(name) ?? 0) + 1);
      moved.push(name);
    }
    (live.has(name) ? accessors : variables).add(variableOf(name));
  }
  return moved;
}

/** Compiled code with the variables of cells in the place of what they shadow; undefined when it names none. */
export function withVariables(code: string, identifiers: ReadonlySet<string>): MagicString | undefined {
  if (![...lengths.keys()].some(name => identifiers.has(name))) return undefined;
  const { program } = parseSync('cell.js', code, { sourceType: 'module', lang: 'js' });
  const edits = new MagicString(code);
  const keys = new Set<unknown>();
  const skipKey = ({ key, computed }: { key: unknown; computed: boolean }) => void (computed || keys.add(key));
  const skipLabel = ({ label }: { label: unknown }) => void keys.add(label);
  new Visitor({
    MemberExpression: ({ property, computed }) => void (computed || keys.add(property)),
    MethodDefinition: skipKey,
    PropertyDefinition: skipKey,
    AccessorProperty: skipKey,
    LabeledStatement: skipLabel,
    BreakStatement: skipLabel,
    ContinueStatement: skipLabel,
    Property: node => {
      skipKey(node);
      const { key, shorthand, start } = node;
      if (shorthand && key.type === 'Identifier' && lengths.has(key.name)) edits.appendRight(start, `${key.name}: `);
    },
    Identifier: node => {
      if (!keys.has(node) && lengths.has(node.name)) edits.appendLeft(node.end, suffixOf(node.name));
    },
  }).visit(program);
  return edits;
}

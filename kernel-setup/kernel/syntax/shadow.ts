/**
 * What a cell declares at its top level, all code in the process sees. So a cell that declares a name which means
 * something elsewhere, such as `setTimeout` or `window`, gets a variable of another name: with an invisible character
 * at its end, in this cell and in all later ones.
 */
import MagicString from 'magic-string';
import { parseSync, Visitor } from 'oxc-parser';
import type { Name } from './analyse';

/** Names by which libraries tell where they run; there are none in Node.js. */
const probes = 'window document self location define module exports importScripts Deno Bun jest'.split(' ');
const suffix = '\u200c';
const shadowing = new Set<string>();

/** The names of a cell that is about to run. */
export function shadow(names: readonly Name[]): void {
  for (const { name, kind } of names)
    if (kind !== 'type' && (name in globalThis || probes.includes(name))) shadowing.add(name);
}

/** The variable that a name of the cells stands for. */
export const variableOf = (name: string): string => (shadowing.has(name) ? name + suffix : name);

/** Compiled code with the variables of cells in the place of what they shadow; undefined when it names none. */
export function withVariables(code: string, identifiers: ReadonlySet<string>): MagicString | undefined {
  if (![...shadowing].some(name => identifiers.has(name))) return undefined;
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
      if (shorthand && key.type === 'Identifier' && shadowing.has(key.name)) edits.appendRight(start, `${key.name}: `);
    },
    Identifier: node => {
      if (!keys.has(node) && shadowing.has(node.name)) edits.appendLeft(node.end, suffix);
    },
  }).visit(program);
  return edits;
}

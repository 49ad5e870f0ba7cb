/**
 * V8 takes a later `let` or class of the same name, but no function where there was a `let`, and nothing at all where
 * there was a `const`. So every name at the top level of a cell becomes `let`, and may be declared as anything later.
 */
import MagicString from 'magic-string';
import { parseSync } from 'oxc-parser';
import { bound } from '../syntax/analyse';
import type { Program, VariableDeclaration } from '../syntax/oxc';
import { walkOutside } from '../syntax/walk';

type Position = 'statement' | 'loop' | 'each';

/** The `var` declarations of a program outside functions, and where each stands. */
function vars(program: Program): Map<VariableDeclaration, Position> {
  const found = new Map<VariableDeclaration, Position>();
  const place = (node: { type: string } | null, position: Position) => {
    if (node?.type === 'VariableDeclaration') found.set(node as VariableDeclaration, position);
  };
  walkOutside(program, node => {
    if (node.type === 'ForStatement') place(node.init, 'loop');
    else if (node.type === 'ForInStatement' || node.type === 'ForOfStatement') place(node.left, 'each');
    else if (node.type === 'VariableDeclaration' && !found.has(node)) place(node, 'statement');
  });
  for (const node of found.keys()) if (node.kind !== 'var') found.delete(node);
  return found;
}

/** Makes `x = 1, { a } = b` of `var x = 1, y, { a } = b`. */
function assign(edits: MagicString, { declarations, start, end }: VariableDeclaration, position: Position): void {
  if (position === 'each') return void edits.remove(start, declarations[0].start);
  const kept = declarations.filter(({ init }) => init);
  if (kept.length === 0) {
    if (position === 'statement') edits.overwrite(start, end, ';');
    else edits.remove(start, end);
    return;
  }
  edits.remove(start, kept[0].start);
  for (const [i, { id, start: from, end: to }] of kept.entries()) {
    if (i > 0) edits.overwrite(kept[i - 1].end, from, ', ');
    if (id.type === 'ObjectPattern') {
      edits.appendRight(from, '(');
      edits.appendLeft(to, ')');
    }
  }
  const last = kept[kept.length - 1].end;
  if (position === 'statement') edits.overwrite(last, end, ';');
  else if (last < end) edits.remove(last, end);
}

/** Compiled code with `let` for all names, functions first, in strict mode. */
interface Declared {
  edits: MagicString;
  /** The same with every function in its place. */
  inPlace: string;
}

export function declareWithLet(code: string): Declared {
  const { program } = parseSync('cell.js', code, { sourceType: 'module', lang: 'js' });
  const edits = new MagicString(code);
  const functions = new Map<string, number[]>();
  for (const node of program.body) {
    if (node.type === 'VariableDeclaration' && node.kind === 'const')
      edits.overwrite(node.start, node.start + 'const'.length, 'let');
    if (node.type !== 'FunctionDeclaration' || !node.id) continue;
    const { name, start, end } = node.id;
    const before = functions.get(name);
    edits.appendRight(node.start, before ? `${name} = ` : `let ${name} = `);
    edits.remove(start, end);
    edits.appendLeft(node.end, ';\n');
    functions.set(name, [...(before ?? []), node.start, node.end]);
  }
  const names = new Set<string>();
  for (const [node, position] of vars(program)) {
    for (const { id } of node.declarations) for (const name of bound(id)) names.add(name);
    assign(edits, node, position);
  }
  const declared = [...names].filter(name => !functions.has(name));
  edits.prepend(`'use strict';${declared.length > 0 ? ` let ${declared.join(', ')};` : ''}\n`);
  const inPlace = edits.toString();
  const ranges = [...functions.values()].flat().sort((a, b) => a - b);
  for (let i = 0; i < ranges.length; i += 2) if (ranges[i] > 0) edits.move(ranges[i], ranges[i + 1], 0);
  return { edits, inPlace };
}

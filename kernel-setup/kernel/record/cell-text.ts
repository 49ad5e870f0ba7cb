/** What the text of a cell says to the record of runs. */
import { parseSync } from 'oxc-parser';
import { declared, type Analysis, type Name } from '../syntax/analyse';
import { isPath } from '../syntax/files';
import type { Node, Statement } from '../syntax/oxc';
import { walk } from '../syntax/walk';

/** The words of a text: each variable that it names, and more. Names of members, as in `a.name`, are left out. */
export const wordsOf = (text: string): string[] =>
  text.match(/(?<!(?<!\.)\.)(?<![\p{ID_Continue}$])[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu) ?? [];

/** The code of a cell without the argument `{ resume: ... }` of `sweep`, which does not change what is computed. */
export function withoutResume({ source, program }: Pick<Analysis, 'source' | 'program'>): string {
  const cuts: [from: number, to: number][] = [];
  const textOf = ({ start, end }: Node) => source.slice(start, end);
  walk(program, node => {
    if (node.type === 'CallExpression' && textOf(node.callee) === 'sweep' && node.arguments.length === 4) {
      const [, , before, options] = node.arguments;
      const properties = options.type === 'ObjectExpression' ? options.properties : [];
      const names = properties.map(property => (property.type === 'Property' ? textOf(property.key) : '...'));
      if (names.join() === 'resume') cuts.push([before.end, node.end - 1]);
    }
    return true;
  });
  return cuts.sort(([a], [b]) => b - a).reduce((text, [from, to]) => text.slice(0, from) + text.slice(to), source);
}

/** The names that a cell imports from packages: what these hold is decided by their versions. */
export const fromPackages = ({ program }: Analysis): string[] =>
  program.body.flatMap(statement =>
    statement.type === 'ImportDeclaration' && !isPath(statement.source.value)
      ? statement.specifiers.map(({ local }) => local.name)
      : [],
  );

/** The variables that code names, each as often as it does. */
function variablesIn(code: Node): string[] {
  const names: string[] = [];
  const visit = (node: Node): boolean => {
    if (/^TS(?:Type|Interface)/.test(node.type)) return false;
    if (node.type === 'Identifier') names.push(node.name);
    // The name of a member is no variable.
    if (node.type === 'MemberExpression' && !node.computed) walk(node.object, visit);
    else if (node.type === 'Property' && !node.computed) walk(node.value, visit);
    else return true;
    return false;
  };
  walk(code, visit);
  return names;
}

/** Whether a statement that declares a name gives it a value before anything in it can have read the old one. */
function setsFirst(statement: Node, name: string, kind: Name['kind'], variables: string[]): boolean {
  if (kind === 'class') return true;
  if (statement.type !== 'VariableDeclaration') return false;
  const { declarations } = statement;
  const isFunction = /^(?:Arrow)?Function/.test(declarations[0].init?.type ?? '') && declarations.length === 1;
  return isFunction || variables.filter(variable => variable === name).length === 1;
}

/** What has a new value before anything else of the cell runs. */
const setAtOnce: readonly Name['kind'][] = ['import', 'function', 'var'];

/**
 * The names that a cell declares in such a way that its result cannot depend on what they held before. That of
 * `const rate = step()` may, when `step` is a function of this cell that names `rate`, be it defined above or hoisted.
 */
export function replacedNames({ program }: Pick<Analysis, 'program'>): Set<string> {
  const statements = program.body.map(statement => {
    const node: Node = ('declaration' in statement && statement.declaration) || statement;
    return { node, variables: variablesIn(node), names: declared(statement as Statement) };
  });
  const hoisted = statements.filter(({ node }) => node.type === 'FunctionDeclaration');
  const replaced = new Set<string>();
  const above = new Set<string>();
  for (const { node, variables, names } of statements) {
    const run = new Set([...above, ...variables]);
    const early = new Set(above);
    for (let size = -1; size < run.size; ) {
      size = run.size;
      for (const called of hoisted)
        if (called.names.some(({ name }) => run.has(name)))
          for (const variable of called.variables) run.add(variable) && early.add(variable);
    }
    for (const { name, kind } of names)
      if (setAtOnce.includes(kind) || (!early.has(name) && setsFirst(node, name, kind, variables))) replaced.add(name);
    for (const variable of variables) above.add(variable);
  }
  return replaced;
}

/** Whether a cell names the global object by `this`, which it is outside functions and classes. */
export function usesGlobalThis({ program }: Pick<Analysis, 'program'>): boolean {
  let found = false;
  walk(program, ({ type }) => {
    found ||= type === 'ThisExpression';
    return !/^(?:Function|Class)/.test(type);
  });
  return found;
}

/**
 * The texts of the functions in compiled code: `outer` of those in no other function, class, block or loop, which keep
 * nothing but the variables that they name; `inner` of all others.
 */
export function functionTexts(code: string): { outer: string[]; inner: string[] } {
  const texts: { outer: string[]; inner: string[] } = { outer: [], inner: [] };
  const collect = (root: Node, kind: 'outer' | 'inner') =>
    walk(root, node => {
      if (node === root && kind === 'inner') return true;
      const text = code.slice(node.start, node.end);
      const isMethod = node.type === 'MethodDefinition' || (node.type === 'Property' && node.method);
      const isAccessor = node.type === 'Property' && node.kind !== 'init';
      const isHidden = kind === 'inner' || (node.type === 'ArrowFunctionExpression' && /\bthis\b/.test(text));
      if (isMethod || /Function/.test(node.type)) texts[isHidden ? 'inner' : 'outer'].push(text);
      if (kind === 'inner') return true;
      if (!isMethod && !isAccessor && !/Function|Class|Block|^For|Switch/.test(node.type)) return true;
      collect(node, 'inner');
      return false;
    });
  collect(parseSync('cell.js', code, { sourceType: 'module' }).program, 'outer');
  return texts;
}

/** What a cell's text says before it is run: the names that it declares, those that it uses, its last expression. */
import { parseSync, Visitor } from 'oxc-parser';
import type { BindingPattern, Expression, OxcError, Program, Statement } from './oxc';
import { walkOutside } from './walk';

/** A name declared at the top level of a cell. */
export interface Name {
  name: string;
  kind: 'let' | 'const' | 'var' | 'function' | 'class' | 'enum' | 'namespace' | 'import' | 'type';
  /** Whether the cell says `export` before it. */
  exported: boolean;
}

export interface Analysis {
  source: string;
  /** Offsets count UTF-16 units. */
  program: Program;
  /** What is not TypeScript's syntax. */
  errors: OxcError[];
  /** A name that is declared twice, such as an interface and a class, is there once for each. */
  names: Name[];
  /** Every identifier in the text, whatever it stands for. */
  identifiers: ReadonlySet<string>;
  /** The last statement, when it is an expression: its value is the cell's. */
  lastExpression?: Expression;
}

/** Half of a pair of UTF-16 units, which no compiler can read. */
export const halfPair = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The names that a pattern binds. */
export function bound(pattern: BindingPattern | null): string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name];
    case 'AssignmentPattern':
      return bound(pattern.left);
    case 'ArrayPattern':
      return pattern.elements.flatMap(element => bound(element?.type === 'RestElement' ? element.argument : element));
    case 'ObjectPattern':
      return pattern.properties.flatMap(property =>
        bound(property.type === 'RestElement' ? property.argument : property.value),
      );
    default:
      return [];
  }
}

const single = (kind: Name['kind'], id: { name: string } | null, exported: boolean): Name[] =>
  id ? [{ name: id.name, kind, exported }] : [];

/** The names that a statement at the top level declares. */
export function declared(statement: Statement, exported = false): Name[] {
  switch (statement.type) {
    case 'VariableDeclaration': {
      const kind = statement.kind === 'var' || statement.kind === 'let' ? statement.kind : 'const';
      return statement.declarations.flatMap(({ id }) => bound(id).map(name => ({ name, kind, exported })));
    }
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      return single('function', statement.id, exported);
    case 'ClassDeclaration':
      return single('class', statement.id, exported);
    case 'TSEnumDeclaration':
      return single('enum', statement.id, exported);
    case 'TSModuleDeclaration':
      return statement.id.type === 'Identifier' && statement.kind !== 'global'
        ? single('namespace', statement.id, exported)
        : [];
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return single('type', statement.id, exported);
    case 'ImportDeclaration':
      return statement.specifiers.flatMap(({ local }) => single('import', local, false));
    case 'TSImportEqualsDeclaration':
      return single('import', statement.id, exported);
    case 'ExportNamedDeclaration':
      return statement.declaration ? declared(statement.declaration as Statement, true) : [];
    case 'ExportDefaultDeclaration':
      return 'id' in statement.declaration && statement.declaration.type !== 'TSInterfaceDeclaration'
        ? declared(statement.declaration as Statement, true)
        : [];
    default:
      return varsIn(statement);
  }
}

/** The names that `var` declares in blocks and loops: they are the cell's too. */
function varsIn(statement: Statement): Name[] {
  const names: Name[] = [];
  walkOutside(statement, node => {
    if (node.type !== 'VariableDeclaration' || node.kind !== 'var') return;
    for (const { id } of node.declarations)
      names.push(...bound(id).map(name => ({ name, kind: 'var' as const, exported: false })));
  });
  return names;
}

/** Reads a cell; what cannot be parsed is told by `errors`. */
export function analyse(source: string): Analysis {
  const { program, errors } = parseSync('cell.ts', source, { sourceType: 'module', lang: 'ts' });
  const identifiers = new Set<string>();
  new Visitor({ Identifier: ({ name }) => void identifiers.add(name) }).visit(program);
  const last = program.body.at(-1);
  return {
    source,
    program,
    errors,
    names: program.body.flatMap(statement => declared(statement as Statement)),
    identifiers,
    lastExpression: last?.type === 'ExpressionStatement' ? last.expression : undefined,
  };
}

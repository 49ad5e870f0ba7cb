/** Makes of a cell's TypeScript the JavaScript that V8 evaluates. */
import MagicString from 'magic-string';
import { Visitor } from 'oxc-parser';
import type { LazyMap } from '../syntax/locations';
import { addStopPoints } from '../stop/points';
import { declared, type Analysis } from '../syntax/analyse';
import type { Modules } from '../modules/modules';
import { declareWithLet } from './declare';
import type { Expression, ImportDeclaration, Node, Program, Statement, VariableDeclaration } from '../syntax/oxc';
import { shadow, withVariables } from '../syntax/shadow';
import { mapOf, stripTypes } from '../syntax/strip';

export interface Compiled {
  /** What is evaluated. */
  code: string;
  /** The last step of compilation first. */
  maps: LazyMap[];
  /** The types apart, what was written, with and without stop points: the functions in both are the same. */
  texts: { stopping: string; written: string };
  /** Names of imports that earlier functions know as a variable, and go on to. */
  moved: string[];
  /** Whether what the evaluation gives is the value of the cell. */
  result: boolean;
}

/** What `import` and its forms are called in compiled code. */
const importCall = '__import__';

/** `{ type: 'json' }` of an import, as it is written. */
function attributes(source: string, statement: ImportDeclaration): string {
  const [first, last] = [statement.attributes.at(0), statement.attributes.at(-1)];
  return first ? `, { ${source.slice(first.start, last!.end)} }` : '';
}

/** Where the imports of a cell lead, as modules.ts knows it. */
type IsLive = Modules['isLive'];

/** The names that a static import brings, each with the name that the module has for it. */
function* importedBy({ specifiers }: ImportDeclaration): Generator<{ name: string; imported: string; key: string }> {
  for (const specifier of specifiers) {
    const { name } = specifier.local;
    if (specifier.type === 'ImportDefaultSpecifier') yield { name, imported: 'default', key: 'default' };
    else if (specifier.type === 'ImportSpecifier' && specifier.importKind !== 'type') {
      const { imported } = specifier;
      if (imported.type === 'Literal') yield { name, imported: imported.value, key: imported.raw! };
      else yield { name, imported: imported.name, key: imported.name };
    }
  }
}

/** A static import as declarations that take its names from the module; `live` are those that may change. */
function importing(source: string, statement: ImportDeclaration, live: ReadonlySet<string>): string {
  const all = [...importedBy(statement)];
  const taken = all.filter(({ name }) => !live.has(name)).map(({ name, key }) => `${key}: ${name}`);
  const followed = all.filter(({ name }) => live.has(name)).map(({ name, imported }) => [name, imported]);
  const loaded = `await ${importCall}(${statement.source.raw}${attributes(source, statement)})`;
  const module =
    followed.length > 0 ? `${importCall}.follow(${loaded}, ${JSON.stringify(Object.fromEntries(followed))})` : loaded;
  const namespace = statement.specifiers.find(({ type }) => type === 'ImportNamespaceSpecifier')?.local.name;
  const names = taken.length > 0 ? `{ ${taken.join(', ')} }` : undefined;
  if (namespace) return `const ${namespace} = ${module}${names ? `, ${names} = ${namespace}` : ''};`;
  return names ? `const ${names} = ${module};` : `${module};`;
}

/** The names of a cell's static imports that may change. */
function liveNames({ body }: Program, isLive: IsLive): Set<string> {
  const live = new Set<string>();
  for (const statement of body)
    if (statement.type === 'ImportDeclaration' && statement.importKind !== 'type')
      for (const { name, imported } of importedBy(statement))
        if (isLive(statement.source.value, imported)) live.add(name);
  return live;
}

/** Writes an import or export, which only modules may have, as what does the same in a cell. */
function rewrite(edits: MagicString, source: string, statement: Statement, live: ReadonlySet<string>): void {
  const { start, end } = statement;
  switch (statement.type) {
    case 'ImportDeclaration':
      if (statement.importKind === 'type') edits.remove(start, end);
      else edits.overwrite(start, end, importing(source, statement, live));
      break;
    case 'TSImportEqualsDeclaration':
      if (statement.moduleReference.type !== 'TSExternalModuleReference') break;
      edits.overwrite(start, end, `const ${statement.id.name} = require(${statement.moduleReference.expression.raw});`);
      break;
    case 'ExportNamedDeclaration':
      if (statement.declaration) {
        edits.remove(start, statement.declaration.start);
        rewrite(edits, source, statement.declaration as Statement, live);
      } else if (statement.source) edits.overwrite(start, end, `await ${importCall}(${statement.source.raw});`);
      else edits.remove(start, end);
      break;
    case 'ExportAllDeclaration':
      edits.overwrite(start, end, `await ${importCall}(${statement.source.raw});`);
      break;
    case 'ExportDefaultDeclaration':
      exportDefault(edits, start, statement.declaration as Expression);
      break;
    case 'TSEnumDeclaration':
      if (statement.const && !statement.declare) edits.remove(start, start + 'const'.length);
      break;
    case 'ClassDeclaration':
      // Otherwise swc gives a decorated class another name.
      if (statement.decorators.length > 0) {
        edits.appendRight(statement.decorators[0].start, `const ${statement.id!.name} = `);
        edits.appendLeft(end, ';');
      }
      break;
    case 'VariableDeclaration':
      if (statement.kind === 'using' || statement.kind === 'await using') keep(edits, statement);
      break;
    case 'TSExportAssignment':
      edits.remove(start, statement.expression.start);
      break;
  }
}

/** `using x = value`: the kernel keeps the value until the cell has ended. */
function keep(edits: MagicString, { start, kind, declarations }: VariableDeclaration): void {
  edits.overwrite(start, start + kind.length, 'const');
  for (const { init } of declarations) {
    edits.appendRight(init!.start, `${importCall}.using(`);
    edits.appendLeft(init!.end, `, ${kind === 'await using'})`);
  }
}

/** The value alone. Without a name it must not begin a statement as a function or a class does. */
function exportDefault(edits: MagicString, start: number, declaration: Node): void {
  edits.remove(start, declaration.start);
  const isNamed = 'id' in declaration && declaration.id;
  if (!isNamed) {
    edits.appendLeft(declaration.start, ';(');
    edits.appendRight(declaration.end, ')');
  }
}

/** `import(x)` and `import.meta` wherever they stand. */
function rewriteDynamic(edits: MagicString, program: Program): void {
  new Visitor({
    ImportExpression: ({ start }) => void edits.overwrite(start, start + 'import'.length, importCall),
    MetaProperty: ({ start, end, meta }) => {
      if (meta.name === 'import') edits.overwrite(start, end, `${importCall}.meta`);
    },
  }).visit(program);
}

/** Imports go first, as modules have it. */
function hoistImports(edits: MagicString, body: Program['body']): void {
  const imports = body.filter(({ type }) => type === 'ImportDeclaration');
  const first = body.findIndex(({ type }) => type !== 'ImportDeclaration');
  for (const { start, end } of imports) if (first >= 0 && start > body[first].start) edits.move(start, end, 0);
}

/** Whether the evaluation of a cell that ends in this statement gives its value. What declares a name gives none. */
const isExpression = (last: Statement | undefined) =>
  last?.type === 'ExpressionStatement' ||
  (last?.type === 'ExportDefaultDeclaration' &&
    declared(last).length === 0 &&
    last.declaration.type !== 'TSInterfaceDeclaration');

/** The code of a cell that has no syntax errors. */
export function compile(analysis: Analysis, isLive: IsLive): Compiled {
  const { source, program, names, identifiers } = analysis;
  const edits = new MagicString(source);
  const live = liveNames(program, isLive);
  for (const statement of program.body) rewrite(edits, source, statement as Statement, live);
  const written = stripTypes(edits.toString()).code;
  rewriteDynamic(edits, program);
  hoistImports(edits, program.body);
  addStopPoints(edits, program);
  const stripped = stripTypes(edits.toString());
  const moved = shadow(names, live);
  const shadowing = withVariables(stripped.code, identifiers);
  const { edits: evaluated, inPlace } = declareWithLet(shadowing?.toString() ?? stripped.code);
  return {
    code: evaluated.toString(),
    maps: [mapOf(evaluated), ...(shadowing ? [mapOf(shadowing)] : []), stripped.map, mapOf(edits)],
    texts: { stopping: inPlace, written },
    moved,
    result: isExpression(program.body.at(-1)),
  };
}

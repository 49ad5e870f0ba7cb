/** Makes of a cell's TypeScript the JavaScript that V8 evaluates. */
import { SourceMap } from 'node:module';
import { transformSync, type Options } from '@swc/core';
import MagicString from 'magic-string';
import { Visitor } from 'oxc-parser';
import { addStopPoints } from '../stop/points';
import type { Analysis } from './analyse';
import type { Expression, ImportDeclaration, Node, Program, Statement } from './oxc';

export interface Compiled {
  /** What is evaluated. */
  code: string;
  /** The last step of compilation first. */
  maps: SourceMap[];
  /** The same without what the kernel adds: by it functions give their text. */
  clean: string;
}

const options: Options = {
  filename: 'cell.ts',
  swcrc: false,
  configFile: false,
  isModule: true,
  sourceMaps: true,
  env: { targets: { node: '20' }, include: ['transform-explicit-resource-management'] },
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { decoratorVersion: '2022-03' },
    keepClassNames: true,
    preserveAllComments: true,
  },
};

/** What `import` and its forms are called in compiled code. */
const importCall = '__import__';

/** JavaScript for Node.js 20 and later, with a source map: types go, `using`, decorators and enums become code. */
export function stripTypes(source: string): { code: string; map: SourceMap } {
  const { code, map } = transformSync(source, options);
  return { code, map: new SourceMap(JSON.parse(map!)) };
}

/** `{ type: 'json' }` of an import, as it is written. */
function attributes(source: string, statement: ImportDeclaration): string {
  const [first, last] = [statement.attributes.at(0), statement.attributes.at(-1)];
  return first ? `, { ${source.slice(first.start, last!.end)} }` : '';
}

/** A static import as declarations that take its names from the module. */
function importing(source: string, statement: ImportDeclaration): string {
  const module = `await ${importCall}(${statement.source.raw}${attributes(source, statement)})`;
  const names: string[] = [];
  let namespace: string | undefined;
  for (const specifier of statement.specifiers) {
    if (specifier.type === 'ImportNamespaceSpecifier') namespace = specifier.local.name;
    else if (specifier.type === 'ImportDefaultSpecifier') names.push(`default: ${specifier.local.name}`);
    else if (specifier.importKind !== 'type') {
      const { start, end } = specifier.imported;
      names.push(`${source.slice(start, end)}: ${specifier.local.name}`);
    }
  }
  const taken = names.length > 0 ? `{ ${names.join(', ')} }` : undefined;
  if (namespace) return `const ${namespace} = ${module}${taken ? `, ${taken} = ${namespace}` : ''};`;
  return taken ? `const ${taken} = ${module};` : `${module};`;
}

/** Writes an import or export, which only modules may have, as what does the same in a cell. */
function rewrite(edits: MagicString, source: string, statement: Statement): void {
  const { start, end } = statement;
  switch (statement.type) {
    case 'ImportDeclaration':
      if (statement.importKind === 'type') edits.remove(start, end);
      else edits.overwrite(start, end, importing(source, statement));
      break;
    case 'TSImportEqualsDeclaration':
      if (statement.moduleReference.type !== 'TSExternalModuleReference') break;
      edits.overwrite(start, end, `const ${statement.id.name} = require(${statement.moduleReference.expression.raw});`);
      break;
    case 'ExportNamedDeclaration':
      if (statement.declaration) edits.remove(start, statement.declaration.start);
      else if (statement.source) edits.overwrite(start, end, `await ${importCall}(${statement.source.raw});`);
      else edits.remove(start, end);
      break;
    case 'ExportAllDeclaration':
      edits.overwrite(start, end, `await ${importCall}(${statement.source.raw});`);
      break;
    case 'ExportDefaultDeclaration':
      exportDefault(edits, start, statement.declaration as Expression);
      break;
    case 'TSExportAssignment':
      edits.remove(start, statement.expression.start);
      break;
  }
}

function exportDefault(edits: MagicString, start: number, declaration: Node): void {
  edits.remove(start, declaration.start);
  const isNamed = 'id' in declaration && declaration.id;
  if (!isNamed) {
    edits.appendLeft(declaration.start, '(');
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

/** The code of a cell without syntax errors. */
export function compile({ source, program }: Analysis): Compiled {
  const edits = new MagicString(source);
  for (const statement of program.body) rewrite(edits, source, statement as Statement);
  rewriteDynamic(edits, program);
  hoistImports(edits, program.body);
  addStopPoints(edits, program);
  edits.prepend("'use strict';\n");
  const { code, map } = stripTypes(edits.toString());
  const own = new SourceMap(JSON.parse(edits.generateMap({ hires: true, includeContent: true }).toString()));
  return { code, maps: [map, own], clean: stripTypes(source).code };
}

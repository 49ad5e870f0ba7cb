/** What the door of the library exports, as the type checker sees it. */
import path from 'node:path';
import ts from 'typescript';
import { inProject, projectOptions } from './compilers';

const index = inProject('src/index.ts');
export const program = ts.createProgram([index], projectOptions(ts));
const checker = program.getTypeChecker();

/** One export: `linalg.cg` is a member of the namespace `linalg`. */
export interface Exported {
  readonly name: string;
  readonly symbol: ts.Symbol;
}

const resolved = (symbol: ts.Symbol) =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
const inLibrary = (symbol: ts.Symbol) =>
  symbol.declarations?.some(d => d.getSourceFile().fileName.startsWith(inProject('src'))) ?? false;

function exportsOf(module: ts.Symbol, prefix: string): Exported[] {
  return checker.getExportsOfModule(module).flatMap(given => {
    const symbol = resolved(given);
    const name = prefix + given.name;
    if (given.name === 'tf' || !inLibrary(symbol)) return []; // TensorFlow.js documents itself
    if (symbol.flags & ts.SymbolFlags.ValueModule) return exportsOf(symbol, `${name}.`);
    return [{ name, symbol }];
  });
}

export const exported = exportsOf(checker.getSymbolAtLocation(program.getSourceFile(index)!)!, '');
export const functions = exported.filter(
  ({ symbol }) => symbol.flags & ts.SymbolFlags.Value && checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0,
);
export const types = exported.filter(({ symbol }) => symbol.flags & ts.SymbolFlags.Type);

const described = (symbol: ts.Symbol) => symbol.getDocumentationComment(checker).length > 0;

/** Where a symbol is declared: `src/math/fit.ts:42 floor`. */
function declared(symbol: ts.Symbol): string {
  const node = symbol.declarations![0];
  const source = node.getSourceFile();
  const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  return `${path.relative(inProject('.'), source.fileName)}:${line} ${symbol.name}`;
}

/** Adds to `bare` the members of a type, and of what it holds and takes, that have no doc comment. */
function visit(type: ts.Type, bare: Set<string>, seen: Set<ts.Type>): void {
  if (seen.has(type)) return;
  seen.add(type);
  if (type.isUnionOrIntersection()) for (const part of type.types) visit(part, bare, seen);
  if (checker.isArrayType(type))
    for (const held of checker.getTypeArguments(type as ts.TypeReference)) visit(held, bare, seen);
  for (const signature of type.getCallSignatures())
    for (const parameter of signature.getParameters()) visit(checker.getTypeOfSymbol(parameter), bare, seen);
  for (const member of type.getProperties().filter(inLibrary)) {
    if (!described(member)) bare.add(declared(member));
    visit(checker.getTypeOfSymbol(member), bare, seen);
  }
}

/** The functions, types, options and members of the door that have no doc comment, by where they are declared. */
export function undocumented(): string[] {
  const bare = new Set(exported.filter(({ symbol }) => !described(symbol)).map(({ symbol }) => declared(symbol)));
  const seen = new Set<ts.Type>();
  for (const { symbol } of types) visit(checker.getDeclaredTypeOfSymbol(symbol), bare, seen);
  for (const { symbol } of functions) visit(checker.getTypeOfSymbol(symbol), bare, seen);
  return [...bare].sort();
}

/** The doc comments of an export, as written. */
export const comments = ({ symbol }: Exported): string[] =>
  symbol.declarations!.flatMap(d => {
    const holder = ts.isVariableDeclaration(d) ? d.parent.parent : d;
    return ts.getJSDocCommentsAndTags(holder).map(comment => comment.getText());
  });

/** The code of each `@example`. */
export const examples = ({ symbol }: Exported): string[] =>
  symbol
    .getJsDocTags(checker)
    .filter(tag => tag.name === 'example')
    .map(tag => ts.displayPartsToString(tag.text));

/**
 * tslab's compiler with what notebooks need on top, given from outside: TypeScript is replaced, before tslab loads it, by a
 * stand-in that adds source maps, places where an interrupted cell stops, and that checks the cell's folder only.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as TypeScript from 'typescript';
import { addMaps, inlineMap } from './positions';

const library = path.join(__dirname, '..', '..', 'src');
const fromTslab = createRequire(require.resolve('tslab'));

type Ts = typeof TypeScript & { getPreEmitDiagnosticsOfFiles(program: TypeScript.Program, files: TypeScript.SourceFile[]): TypeScript.Diagnostic[] };

/**
 * Gives every async function, and the cell itself, the interrupt signal that holds when it is called, and turns each `await x`
 * into `(signal.throwIfAborted(), await x)`: what awaits when the cell is stopped still gets its result, and then goes no further.
 */
function stopAtAwaits(ts: Ts, onTopLevelAwait: () => void): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return context => {
    const { factory } = context;
    const name = '__signal__';
    const check = () => factory.createCallExpression(factory.createPropertyAccessExpression(factory.createIdentifier(name), 'throwIfAborted'), undefined, []);
    const declaration = () => factory.createVariableStatement(undefined, factory.createVariableDeclarationList([
      factory.createVariableDeclaration(name, undefined, undefined, factory.createIdentifier('__tslab__.signal')),
    ], ts.NodeFlags.Const));
    const isAsync = (node: TypeScript.HasModifiers) => node.modifiers?.some(m => m.kind === ts.SyntaxKind.AsyncKeyword) ?? false;
    const block = (body: TypeScript.Block) => factory.createBlock([declaration(), ...body.statements], true);

    let functions = 0;
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      const isFunction = ts.isFunctionLike(node);
      if (isFunction) functions++;
      const n = ts.visitEachChild(node, visit, context);
      if (isFunction) functions--;
      if (functions === 0 && (ts.isAwaitExpression(n) || (ts.isForOfStatement(n) && n.awaitModifier))) onTopLevelAwait();
      if (ts.isAwaitExpression(n)) return factory.createParenthesizedExpression(factory.createComma(check(), n));
      if (ts.isForOfStatement(n) && n.awaitModifier) {
        const body = factory.createBlock([factory.createExpressionStatement(check()), n.statement], true);
        return factory.updateForOfStatement(n, n.awaitModifier, n.initializer, n.expression, body);
      }
      if (ts.isArrowFunction(n) && isAsync(n)) {
        const body = ts.isBlock(n.body) ? n.body : factory.createBlock([factory.createReturnStatement(n.body)]);
        return factory.updateArrowFunction(n, n.modifiers, undefined, n.parameters, undefined, n.equalsGreaterThanToken, block(body));
      }
      if (ts.isFunctionExpression(n) && isAsync(n))
        return factory.updateFunctionExpression(n, n.modifiers, n.asteriskToken, n.name, undefined, n.parameters, undefined, block(n.body));
      if (ts.isFunctionDeclaration(n) && n.body && isAsync(n))
        return factory.updateFunctionDeclaration(n, n.modifiers, n.asteriskToken, n.name, undefined, n.parameters, undefined, block(n.body));
      if (ts.isMethodDeclaration(n) && n.body && isAsync(n))
        return factory.updateMethodDeclaration(n, n.modifiers, n.asteriskToken, n.name, undefined, undefined, n.parameters, undefined, block(n.body));
      return n;
    };
    return file => {
      const visited = ts.visitEachChild(file, visit, context);
      return factory.updateSourceFile(visited, [declaration(), ...visited.statements]);
    };
  };
}

const awaiting = new Set<string>();

/** Whether a cell's compiled code awaits outside functions; tslab overlooks it in `await (...)`. To be asked once. */
export const awaitsAtTop = (code: string) => awaiting.delete(code);

/**
 * `{ x }` for a variable x of an earlier cell, as `{ x: exports.x }`. tslab, which puts `exports.` before such names, asks of a
 * shorthand for its property's symbol and so leaves it out.
 */
function expandShorthand(ts: Ts, checker: TypeScript.TypeChecker, node: TypeScript.ShorthandPropertyAssignment): TypeScript.Node {
  const { factory } = ts;
  const symbol = checker.getShorthandAssignmentValueSymbol(ts.getOriginalNode(node));
  if (!symbol?.declarations?.some(d => d.getSourceFile().fileName.endsWith(declarationsFile))) return node;
  const value = factory.createPropertyAccessExpression(factory.createIdentifier('exports'), node.name.text);
  return factory.createPropertyAssignment(node.name.text,
    node.objectAssignmentInitializer ? factory.createAssignment(value, node.objectAssignmentInitializer) : value);
}

/** The name of a property, which is no variable even where tslab takes it for one: `k` of `{ k: value }`, in literals and patterns alike. */
function propertyName(ts: Ts, node: TypeScript.Node): TypeScript.Node | undefined {
  const name = ts.isBindingElement(node) ? node.propertyName : ts.isPropertyAssignment(node) ? node.name : undefined;
  return name && ts.isIdentifier(name) ? name : undefined;
}

/** Where tslab keeps the declarations of earlier cells. */
const declarationsFile = '__prev__.d.ts';

/** Replaces TypeScript for tslab; to be called before tslab is loaded. */
export function prepareTypeScript(): void {
  const file = fromTslab.resolve('@tslab/typescript-for-tslab');
  const ts = fromTslab(file) as Ts;
  const checked = (file: string) => file.startsWith(process.cwd()) && !file.startsWith(library);
  let watch: TypeScript.WatchOfConfigFile<TypeScript.BuilderProgram>;
  const own: Partial<Ts> = {
    createWatchProgram: ((host: Parameters<typeof ts.createWatchProgram>[0]) => (watch = ts.createWatchProgram(host) as typeof watch)) as typeof ts.createWatchProgram,
    visitEachChild: ((node: TypeScript.Node, visitor: TypeScript.Visitor, context: TypeScript.TransformationContext) => {
      const key = propertyName(ts, node);
      const visited = ts.visitEachChild(node, child => child === key ? child : visitor(child), context);
      return visited && ts.isShorthandPropertyAssignment(visited) ? expandShorthand(ts, watch.getProgram().getProgram().getTypeChecker(), visited) : visited;
    }) as typeof ts.visitEachChild,
    createWatchCompilerHost: ((files: string[], options: TypeScript.CompilerOptions, ...rest: unknown[]) =>
      (ts.createWatchCompilerHost as (...args: unknown[]) => unknown)(files, { ...options, inlineSourceMap: true }, ...rest)) as typeof ts.createWatchCompilerHost,
    transpileModule(input, options) {
      const { code, map } = inlineMap(input);
      let awaits = false;
      const result = ts.transpileModule(code, {
        ...options, compilerOptions: { ...options.compilerOptions, inlineSourceMap: true },
        transformers: { before: [stopAtAwaits(ts, () => { awaits = true; })] },
      });
      const output = inlineMap(result.outputText);
      if (awaits) awaiting.add(output.code);
      addMaps(output.code, [output.map!, ...(map ? [map] : [])]);
      return { ...result, outputText: output.code };
    },
    getPreEmitDiagnosticsOfFiles: (program, files) => ts.getPreEmitDiagnosticsOfFiles(program, files.filter(f => checked(f.fileName))),
  };
  require.cache[file]!.exports = new Proxy(ts, {
    get: (target, name) => own[name as keyof Ts] ?? target[name as keyof Ts],
  });
}

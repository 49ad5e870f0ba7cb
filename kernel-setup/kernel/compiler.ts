/**
 * tslab's compiler with what notebooks need on top. TypeScript is replaced, before tslab loads it, by a version that
 * adds source maps and the points at which an interrupted cell stops, and that checks only files in the cell's folder.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as TypeScript from 'typescript';
import { addMaps, inlineMap } from './locations';
import { stoppable } from './stoppable';

const library = path.join(__dirname, '..', '..', 'src') + path.sep;
const fromTslab = createRequire(require.resolve('tslab'));

type Ts = typeof TypeScript & {
  getPreEmitDiagnosticsOfFiles(program: TypeScript.Program, files: TypeScript.SourceFile[]): TypeScript.Diagnostic[];
};

const awaiting = new Set<string>();

/** Whether a cell's compiled code awaits outside functions; tslab overlooks it in `await (...)`. To be asked once. */
export const awaitsAtTop = (code: string) => awaiting.delete(code);

/**
 * Writes `{ x }`, where x is a variable of an earlier cell, as `{ x: exports.x }`. tslab puts `exports.` before such
 * names, but misses the shorthand, because it looks up the symbol of the property instead of that of the variable.
 */
function expandShorthand(
  ts: Ts,
  checker: TypeScript.TypeChecker,
  node: TypeScript.ShorthandPropertyAssignment,
): TypeScript.Node {
  const { factory } = ts;
  const symbol = checker.getShorthandAssignmentValueSymbol(ts.getOriginalNode(node));
  if (!symbol?.declarations?.some(d => d.getSourceFile().fileName.endsWith(declarationsFile))) return node;
  const value = factory.createPropertyAccessExpression(factory.createIdentifier('exports'), node.name.text);
  return factory.createPropertyAssignment(
    node.name.text,
    node.objectAssignmentInitializer ? factory.createAssignment(value, node.objectAssignmentInitializer) : value,
  );
}

/**
 * The name of a property, such as `k` in `{ k: value }`, in literals and in patterns. It is not a variable, though
 * tslab takes it for one.
 */
function propertyName(ts: Ts, node: TypeScript.Node): TypeScript.Node | undefined {
  const name = ts.isBindingElement(node) ? node.propertyName : ts.isPropertyAssignment(node) ? node.name : undefined;
  return name && ts.isIdentifier(name) ? name : undefined;
}

/** Where tslab keeps the declarations of earlier cells. */
const declarationsFile = '__prev__.d.ts';

/**
 * Takes the library out of the files that a cell depends on, which tslab compiles beside the cell. TypeScript knows
 * that the library comes from node_modules, but forgets it when one of the library's files is edited.
 */
function withoutLibrary(program: TypeScript.BuilderProgram): TypeScript.BuilderProgram {
  const all = program.getAllDependencies;
  program.getAllDependencies = file => all(file).filter(name => !name.startsWith(library));
  return program;
}

/** Replaces TypeScript for tslab; to be called before tslab is loaded. */
export function prepareTypeScript(): void {
  const file = fromTslab.resolve('@tslab/typescript-for-tslab');
  const ts = fromTslab(file) as Ts;
  let watch: TypeScript.WatchOfConfigFile<TypeScript.BuilderProgram>;
  const own: Partial<Ts> = {
    createWatchProgram: ((host: TypeScript.WatchCompilerHostOfConfigFile<TypeScript.BuilderProgram>) => {
      const { afterProgramCreate } = host;
      host.afterProgramCreate = program => afterProgramCreate!(withoutLibrary(program));
      return (watch = ts.createWatchProgram(host));
    }) as typeof ts.createWatchProgram,
    visitEachChild: ((
      node: TypeScript.Node,
      visitor: TypeScript.Visitor,
      context: TypeScript.TransformationContext,
    ) => {
      const key = propertyName(ts, node);
      const visited = ts.visitEachChild(node, child => (child === key ? child : visitor(child)), context);
      return visited && ts.isShorthandPropertyAssignment(visited)
        ? expandShorthand(ts, watch.getProgram().getProgram().getTypeChecker(), visited)
        : visited;
    }) as typeof ts.visitEachChild,
    createWatchCompilerHost: ((files: string[], options: TypeScript.CompilerOptions, ...rest: unknown[]) =>
      (ts.createWatchCompilerHost as (...args: unknown[]) => unknown)(
        files,
        { ...options, inlineSourceMap: true },
        ...rest,
      )) as typeof ts.createWatchCompilerHost,
    transpileModule(input, options) {
      const { code, map } = inlineMap(input);
      let awaits = false;
      const result = ts.transpileModule(code, {
        ...options,
        compilerOptions: { ...options.compilerOptions, inlineSourceMap: true },
        transformers: {
          before: [
            stoppable(ts, () => {
              awaits = true;
            }),
          ],
        },
      });
      const output = inlineMap(result.outputText);
      if (awaits) awaiting.add(output.code);
      addMaps(output.code, [output.map!, ...(map ? [map] : [])]);
      return { ...result, outputText: output.code };
    },
    getPreEmitDiagnosticsOfFiles: (program, files) =>
      ts.getPreEmitDiagnosticsOfFiles(
        program,
        files.filter(f => f.fileName.startsWith(process.cwd())),
      ),
  };
  require.cache[file]!.exports = new Proxy(ts, {
    get: (target, name) => own[name as keyof Ts] ?? target[name as keyof Ts],
  });
}

/**
 * tslab's compiler with what notebooks need on top, given from outside: TypeScript is replaced, before tslab loads it,
 * by a stand-in that adds source maps, places where an interrupted cell stops, and that checks the cell's folder only.
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
 * `{ x }` for a variable x of an earlier cell, as `{ x: exports.x }`. tslab, which puts `exports.` before such names,
 * asks of a shorthand for its property's symbol and so leaves it out.
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
 * The name of a property, which is no variable even where tslab takes it for one: `k` of `{ k: value }`, in literals
 * and patterns alike.
 */
function propertyName(ts: Ts, node: TypeScript.Node): TypeScript.Node | undefined {
  const name = ts.isBindingElement(node) ? node.propertyName : ts.isPropertyAssignment(node) ? node.name : undefined;
  return name && ts.isIdentifier(name) ? name : undefined;
}

/** Where tslab keeps the declarations of earlier cells. */
const declarationsFile = '__prev__.d.ts';

/**
 * The library is no file of the notebook's, which tslab would compile beside the cell: TypeScript, which finds it in
 * node_modules and so says the same, forgets it when one of its files is edited.
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

/** Which code has run: by it the library knows whether stored rows are those that the running cell would compute. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as TypeScript from 'typescript';
import type { CellCode } from '../../src/key';
import { loadedModules } from './modules';
import { reachedBy } from './reach';

/** One run of one cell. */
export interface CellRun {
  /** Its code, without what asks to take rows up. */
  readonly code: string;
  /** The modules that held during it. */
  modules: ReturnType<typeof loadedModules>;
  /** For each name asked for, a hash of all that the cell reached then. */
  readonly asked: Map<string, string>;
}

const ts = createRequire(require.resolve('tslab'))('@tslab/typescript-for-tslab') as typeof TypeScript;
const library = path.join(__dirname, '..', '..', 'src') + path.sep;

/** The record of all runs; `variables` are those of all cells. The library finds it as `CellCode`. */
export function createRecord(variables: Record<string, unknown>) {
  const runs: CellRun[] = [];
  const packaged = new Set<string>();
  let compiled = '';

  const cellCode: CellCode = (name, run) => {
    const now = runs[runs.length - 1];
    const again = now.asked.has(name);
    now.modules = loadedModules();
    now.asked.set(name, reachedBy(`${compiled}\n${run}`, variables, new Set([...packaged, ...declaredBy(compiled)])));
    return { code: decidingCode(runs, name), again };
  };
  Object.assign(globalThis, { [Symbol.for('widenet.cells')]: cellCode });

  return {
    /** A cell is about to run: its code, and what that was compiled to. */
    start(code: string, output: string): void {
      const modules = loadedModules();
      if (runs.length > 0) runs[runs.length - 1].modules = modules;
      runs.push({ code: withoutResume(code), modules, asked: new Map() });
      compiled = output;
      for (const name of declaredBy(output)) packaged.delete(name);
      for (const name of fromPackages(code)) packaged.add(name);
    },
  };
}

/** The variables that a compiled cell declares: tslab lists them on top. */
function declaredBy(output: string): Set<string> {
  const lists = output.match(/^(?:exports\.[\w$]+ = )+void 0;$/gm) ?? [];
  return new Set([...lists.join().matchAll(/exports\.([\w$]+)/g)].map(([, name]) => name));
}

const parse = (code: string) => ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);

/** The names that a cell imports from packages: what these hold is decided by their versions. */
function fromPackages(code: string): string[] {
  const imports = parse(code).statements.filter(ts.isImportDeclaration);
  const ofPackages = imports.filter(({ moduleSpecifier }) => !/^['"]\.{0,2}\//.test(moduleSpecifier.getText()));
  return ofPackages.flatMap(({ importClause: clause }) => {
    const bindings = clause?.namedBindings;
    const isList = bindings && ts.isNamedImports(bindings);
    const inner = isList ? bindings.elements.map(({ name }) => name) : [bindings?.name];
    return [clause?.name, ...inner].flatMap(name => name?.text ?? []);
  });
}

/** The code of a cell without the argument `{ resume: ... }` of `sweep`, which does not change what is computed. */
export function withoutResume(code: string): string {
  const cuts: [from: number, to: number][] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'sweep' && node.arguments.length === 4) {
      const [, , before, options] = node.arguments;
      const names = ts.isObjectLiteralExpression(options) ? options.properties.map(({ name }) => name?.getText()) : [];
      if (names.join() === 'resume') cuts.push([before.end, node.arguments.end]);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(code));
  return cuts.sort(([a], [b]) => b - a).reduce((text, [from, to]) => text.slice(0, from) + text.slice(to), code);
}

/**
 * What decides the results of the last run: the code of the cells in the order of their runs, the modules beside the
 * notebook, and those modules that have changed since a cell ran. A first run through all cells does not count when a
 * second has gone through the same cells in the same order; nor do runs of the last cell right before, when all that
 * it reaches is as it was.
 */
export function decidingCode(all: readonly CellRun[], name: string): string[] {
  const last = all[all.length - 1];
  let end = all.length - 1;
  while (end > 0 && all[end - 1].code === last.code && all[end - 1].asked.get(name) === last.asked.get(name)) end--;
  const counted = passesOf([...all.slice(0, end), last]).flat();
  const label = (file: string) => path.relative(process.cwd(), file);
  const beside = [...last.modules].filter(([file]) => !file.startsWith(library));
  const now = beside.map(([file, hash]) => `module ${label(file)} ${hash}`).sort();
  const changed = counted.flatMap(({ modules }, i) => {
    const others = [...modules].filter(([file, hash]) => last.modules.get(file) !== hash);
    return others.map(([file, hash]) => `run ${i} had ${label(file)} ${hash}`);
  });
  return [...counted.map(({ code }) => code), ...now, ...changed];
}

/** The runs from each run of the first cell on, without those passes that the next one repeats. */
function passesOf(all: readonly CellRun[]): CellRun[][] {
  const passes: CellRun[][] = [];
  for (const run of all) {
    if (run.code === all[0].code) passes.push([]);
    passes[passes.length - 1].push(run);
  }
  const isRepeated = (pass: CellRun[], [next]: CellRun[][]) => next !== undefined && repeats(pass, next);
  return passes.reduceRight<CellRun[][]>((kept, pass) => isRepeated(pass, kept) ? kept : [pass, ...kept], []);
}

/** Whether `later` goes through all cells of `earlier` in the same order. */
function repeats(earlier: readonly CellRun[], later: readonly CellRun[]): boolean {
  const order = (pass: readonly CellRun[]) => [...new Set(pass.map(({ code }) => code))];
  const codes = order(earlier);
  const common = order(later).filter(code => codes.includes(code));
  return codes.length === common.length && codes.every((code, i) => code === common[i]);
}

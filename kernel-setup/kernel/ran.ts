/** Which code has run: by it the library knows whether stored rows are those that the running cell would compute. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as TypeScript from 'typescript';
import type { CellCode } from '../../src/notebook/cache-key';
import type { Analysis } from './cell/analyse';
import type { Modules } from './modules/modules';
import { keepsElsewhere, reachedBy } from './reach';

/** One run of one cell. */
export interface CellRun {
  /** Its code, without what asks to take rows up. */
  readonly code: string;
  /** The modules that held during it. */
  modules: ReturnType<Modules['loaded']>;
  /** For each name asked for, a hash of all that the cell reached then. */
  readonly asked: Map<string, string>;
  /** How it ended, when that was not at its own end: by how far it came, it may have done anything. */
  cut?: string;
}

const ts = createRequire(require.resolve('tslab'))('@tslab/typescript-for-tslab') as typeof TypeScript;
const library = path.join(__dirname, '..', '..', 'src') + path.sep;

/** The record of all runs. The library finds it as `CellCode`. */
export function createRecord({ loaded: loadedModules }: Pick<Modules, 'loaded'>) {
  const variables = {};
  const runs: CellRun[] = [];
  const packaged = new Set<string>();
  const environment = { ...process.env };
  const functions = new Set<string>();
  let compiled = '';

  const cellCode: CellCode = (name, run) => {
    const now = runs[runs.length - 1];
    const again = now.asked.has(name);
    now.modules = loadedModules();
    const except = new Set([...packaged, ...declaredBy(compiled)]);
    now.asked.set(name, reachedBy(`${compiled}\n${run}`, variables, { except, functions }));
    const set = Object.keys({ ...environment, ...process.env })
      .filter(v => environment[v] !== process.env[v])
      .sort();
    const variablesSet = set.map(
      v => `environment ${v} ${process.env[v] === undefined ? 'unset' : `= ${process.env[v]}`}`,
    );
    return { code: [...decidingCode(runs, name), ...variablesSet], again };
  };
  Object.assign(globalThis, { [Symbol.for('widenet.cells')]: cellCode });

  return {
    /** A cell is about to run: its code, and what that was compiled to. What is returned records how it was cut. */
    start({ source: code }: Analysis, output: string): (how: string) => void {
      const modules = loadedModules();
      if (runs.length > 0) runs[runs.length - 1].modules = modules;
      const run: CellRun = { code: withoutResume(code), modules, asked: new Map() };
      runs.push(run);
      compiled = output;
      for (const text of outerFunctions(output)) functions.add(text);
      for (const name of declaredBy(output)) packaged.delete(name);
      for (const name of fromPackages(code)) packaged.add(name);
      return how => {
        run.cut = how;
      };
    },
  };
}

/** The variables that a compiled cell declares: tslab lists them on top. */
function declaredBy(output: string): Set<string> {
  const lists = output.match(/^(?:exports\.[\w$]+ = )+void 0;$/gm) ?? [];
  return new Set([...lists.join().matchAll(/exports\.([\w$]+)/g)].map(([, name]) => name));
}

const parse = (code: string) => ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);

/** The texts of the functions in a compiled cell that are in no other function, class or block. */
function outerFunctions(output: string): string[] {
  const texts: string[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isClassLike(node) || ts.isBlock(node) || ts.isAccessor(node)) return;
    if (ts.isFunctionLike(node)) texts.push(node.getText());
    else ts.forEachChild(node, visit);
  };
  visit(parse(output));
  return texts;
}

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
 * second has gone through the same cells in the same order, unless they may keep something outside their variables.
 * Nor do earlier runs of the last cell count, directly before, when all that it reaches is as it was. A cell that was
 * cut short may have done anything, so it equals no other run.
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
  const cut = counted.slice(0, -1).flatMap(({ cut: how }, i) => (how === undefined ? [] : [`run ${i} ${how}`]));
  return [...counted.map(({ code }) => code), ...now, ...changed, ...cut];
}

/** The runs from each run of the first cell on, without those passes that the next one repeats. */
function passesOf(all: readonly CellRun[]): CellRun[][] {
  const passes: CellRun[][] = [];
  for (const run of all) {
    if (run.code === all[0].code) passes.push([]);
    passes[passes.length - 1].push(run);
  }
  const isRepeated = (pass: CellRun[], [next]: CellRun[][]) =>
    next !== undefined && !pass.some(keeps) && repeats(pass, next);
  const kept: CellRun[][] = [];
  for (const pass of [...passes].reverse()) if (!isRepeated(pass, kept)) kept.unshift(pass);
  return kept;
}

/** Whether a run may have left something that a run of all cells does not make anew. */
const keeps = ({ code, modules }: CellRun) =>
  keepsElsewhere(code) || [...modules.keys()].some(file => !file.startsWith(library) && !file.endsWith('.json'));

/** Whether `later` goes through all cells of `earlier` in the same order. */
function repeats(earlier: readonly CellRun[], later: readonly CellRun[]): boolean {
  const order = (pass: readonly CellRun[]) => [...new Set(pass.map(({ code }) => code))];
  const codes = order(earlier);
  const common = order(later).filter(code => codes.includes(code));
  return codes.length === common.length && codes.every((code, i) => code === common[i]);
}

/** Which code has run: by it the library knows whether stored rows are those that the running cell would compute. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { runInThisContext } from 'node:vm';
import type { CellCode } from '../../../src/notebook/cache-key';
import type { Analysis, Name } from '../syntax/analyse';
import { library } from '../syntax/root';
import { variableOf } from '../syntax/shadow';
import { fromPackages, functionTexts, replacedNames, usesGlobalThis, withoutResume, wordsOf } from './cell-text';
import type { Modules } from '../modules/modules';
import { keepsElsewhere, reachedBy } from './reach';

/** One run of one cell. */
export interface CellRun {
  /** Its code, without what asks to take rows up. */
  readonly code: string;
  /** The modules that held during it. */
  modules: ReturnType<Modules['loaded']>;
  /** For each name asked for, a hash of all that the cell reached then and at its start. */
  readonly asked: Map<string, string>;
  /** Whether it may leave something, or find something, that a run of all cells does not make anew. */
  readonly keeps: boolean;
  /** How it ended, when that was not at its own end: by how far it came, it may have done anything. */
  cut?: string;
}

/** The running cell, as long as it may ask. */
interface Running {
  readonly run: CellRun;
  /** What it was compiled to, in which the global object goes by its name. */
  readonly code: string;
  /** The names that it declares. */
  readonly own: ReadonlySet<string>;
  /** A hash of what it reached at its start; undefined when it did not look as if it would ask. */
  readonly before?: string;
}

const absent = Symbol('no value yet');

/** The value of a variable of the cells. */
function read(name: string): unknown {
  try {
    return runInThisContext(variableOf(name));
  } catch {
    return absent;
  }
}

/** What is known of the variables of all cells run so far. */
function createVariables() {
  const given = new Set(Object.getOwnPropertyNames(globalThis));
  const declared = new Set<string>();
  const packaged = new Set<string>();
  const functions = { outer: new Set<string>(), inner: new Set<string>() };
  return {
    /** A cell that is about to run has these. */
    add(analysis: Analysis, clean: string): void {
      for (const { name, kind } of analysis.names) {
        if (kind !== 'type') declared.add(name);
        packaged.delete(name);
      }
      for (const name of fromPackages(analysis)) packaged.add(name);
      const { outer, inner } = functionTexts(clean);
      for (const text of outer) functions.outer.add(text);
      for (const text of inner) functions.inner.add(text);
    },
    /** A hash of what a text reaches, without what packages decide and the names of which `counts` says no. */
    reachedBy: (text: string, counts: (name: string, isInText: boolean) => boolean) =>
      reachedBy(text, {
        isVariable: (name, isInText) =>
          (declared.has(name) || (!given.has(name) && Object.hasOwn(globalThis, name))) &&
          !packaged.has(name) &&
          counts(name, isInText),
        read,
        isOpen: text => functions.outer.has(text) && !functions.inner.has(text),
      }),
  };
}

/** Whether a cell that declares a variable may have read what it held before. */
const mayReadOld = ({ name, kind }: Name, replaced: ReadonlySet<string>) =>
  ['let', 'const', 'class'].includes(kind) && !replaced.has(name);

/** The variables of the environment that cells have set. */
function environmentSet(before: NodeJS.ProcessEnv): string[] {
  const set = Object.keys({ ...before, ...process.env }).filter(name => before[name] !== process.env[name]);
  return set
    .sort()
    .map(name => `environment ${name} ${process.env[name] === undefined ? 'unset' : `= ${process.env[name]}`}`);
}

/** The record of all runs. The library finds it as `CellCode`. */
export function createRecord({ loaded }: Pick<Modules, 'loaded'>) {
  const runs: CellRun[] = [];
  const variables = createVariables();
  const environment = { ...process.env };
  let running: Running;

  const cellCode: CellCode = (name, asker) => {
    const { run, code, own, before = randomUUID() } = running;
    const again = run.asked.has(name);
    run.modules = loaded();
    run.asked.set(name, `${before} ${variables.reachedBy(`${code}\n${asker}`, word => !own.has(word))}`);
    return { code: [...decidingCode(runs, name), ...environmentSet(environment)], again };
  };
  Object.assign(globalThis, { [Symbol.for('widenet.cells')]: cellCode });

  return {
    /**
     * A cell is about to run; `clean` is what its author wrote, compiled. What is returned records how it was cut.
     */
    start(analysis: Analysis, clean: string): (how: string) => void {
      const modules = loaded();
      if (runs.length > 0) runs[runs.length - 1].modules = modules;
      const replaced = replacedNames(analysis);
      const usesThis = usesGlobalThis(analysis);
      const run: CellRun = {
        code: withoutResume(analysis),
        modules,
        asked: new Map(),
        keeps: usesThis || keepsElsewhere(analysis.source) || analysis.names.some(name => mayReadOld(name, replaced)),
      };
      runs.push(run);
      const code = usesThis ? `${clean}\nglobalThis` : clean;
      variables.add(analysis, clean);
      const asks = wordsOf(clean).includes('sweep');
      // An earlier cell's function may read the old value even of a name that this cell gives a new one.
      const before = asks ? variables.reachedBy(code, (name, isHere) => !isHere || !replaced.has(name)) : undefined;
      running = { run, code, own: new Set(analysis.names.map(({ name }) => name)), before };
      return how => {
        run.cut = how;
      };
    },
  };
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
    next !== undefined && !pass.some(keepsAny) && repeats(pass, next);
  const kept: CellRun[][] = [];
  for (const pass of [...passes].reverse()) if (!isRepeated(pass, kept)) kept.unshift(pass);
  return kept;
}

/** Whether a run may have left something that a run of all cells does not make anew. */
const keepsAny = ({ keeps, modules }: CellRun) =>
  keeps || [...modules.keys()].some(file => !file.startsWith(library) && !file.endsWith('.json'));

/** Whether `later` goes through all cells of `earlier` in the same order. */
function repeats(earlier: readonly CellRun[], later: readonly CellRun[]): boolean {
  const order = (pass: readonly CellRun[]) => [...new Set(pass.map(({ code }) => code))];
  const codes = order(earlier);
  const common = order(later).filter(code => codes.includes(code));
  return codes.length === common.length && codes.every((code, i) => code === common[i]);
}

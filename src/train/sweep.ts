/** Many runs, whose rows are on disk as soon as they are known; several processes may share them. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { fail, isObject, knownOptions } from '../base/check';
import { canonicalJson } from '../base/lossless-json';
import { Interrupted, interruptSignal } from '../base/interrupt';
import { cellCode, cacheKey } from '../notebook/cache-key';
import type { Flat } from '../compile/recorded';
import { refusedInside } from '../compile/trace/inside';
import { isResumed, notice, repository, rowsFolder, team } from '../notebook/runner';
import { attempts } from './attempt';
import { type Case, countRows, type Failure, openRowFile, openRows, type RowFile, type RowReader } from './row-files';
import { type Shares, sharesOf } from './shares';
import { sweepFigure, sweepProgress } from './sweep-progress';
import { type OneCase, reportFailures, type Result, rowsOfAll } from './sweep-rows';
import type { Row } from '../base/rows';
import { session } from '../notebook/session';

const { version: widenet } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8'));
const versions = { widenet, node: process.versions.node };

/** A row of `sweep`: the settings, and what `run` gave beside or instead of them; or why it gave nothing. */
export type SweepRow<S, R> = R extends unknown
  ? Flat<Omit<S, keyof R> & R & Omit<Partial<FailedCase>, keyof R>>
  : never;

/**
 * What the row of a case that failed has beside its settings, and NaN in place of the numbers of the others. A row in
 * which `run` itself gave NaN, and no status, has the status 'not finite' and a message that names its columns.
 */
export interface FailedCase {
  /** 'failed': both attempts threw, or the process ended; 'late': they were not done in their time. */
  readonly status: string;
  /** The error of the second attempt. */
  readonly message: string;
}

/** How `sweep` runs its cases. */
export interface SweepOptions<S = Row, R = Row> {
  /** Takes up the rows of cases that an earlier run of the same code finished. Default: as the runner was told. */
  readonly resume?: boolean;
  /** The most seconds that each of two attempts at a case may take. Default: no limit. */
  readonly seconds?: number;
  /** Throws the error of the first case that fails, at its first attempt, in place of going on. */
  readonly stopAtFailure?: boolean;
  /**
   * What the notebook shows of the rows so far, in one place: a figure, a table. It is renewed about once a second, and
   * at the end of the sweep, which stands. Where it throws before that, as a map of one row does, it is not shown.
   * Default: nothing.
   */
  readonly watch?: (rows: readonly SweepRow<S, R>[]) => unknown;
}

/**
 * Runs `run` for each of `settings` (seed included) and gives all rows, each with its settings: `{ ...one, ...row }`.
 * Each case is written before the next one starts: a line below output/rows/<notebook>/<name>/<key>/,
 * where nothing is ever erased. The key stands for the library, the code of all cells run so far, the parameters and
 * the name. With `resume`, or in `npm run reproduce -- --resume`, cases of this very key are not run again; their
 * rows come back bit for bit. What else decides rows, as the content of a data file, belongs in the settings.
 * A case that throws, or is not done in its `seconds`, is run once more; then it is a row with `status` 'failed' or
 * 'late', `message`, and NaN in the columns of numbers, which no claim takes for a result. A later run tries it again.
 * A row in which a number is NaN, and no `status`, has the status 'not finite'; it is stored, and not tried again.
 * `watch: rows => lines(rows, { x: 'm', y: 'error' })` draws the rows so far while the sweep goes on.
 * In `npm run reproduce -- --jobs 4` processes share the cases. Outside this repository's kernel nothing is taken up.
 * Errors: a name that is no folder name, or twice in a cell; a setting twice, or without a value (a function); a row
 * that is no object or has no value; settings that an earlier case changed; a full disk; no case but failed ones.
 *
 * @example
 * const rows = await sweep('widths', [{ m: 10 }, { m: 100 }], ({ m }) => ({ error: 1 / m }));
 * rows // -> [{ m: 10, error: 0.1 }, { m: 100, error: 0.01 }]
 */
export async function sweep<S extends Row, R extends Row>(
  name: string,
  settings: readonly S[],
  run: (settings: S) => R | readonly R[] | Promise<R | readonly R[]>,
  options: SweepOptions<S, R> = {},
): Promise<SweepRow<S, R>[]> {
  const refused = refusedInside(`sweep '${name}'`);
  if (refused) return refused;
  if (!/^[\w-][\w.-]*$/.test(name)) fail('sweep', `name is '${name}' but must be letters, digits, dots and dashes`);
  const where = `sweep '${name}'`;
  const { resume, seconds, stopAtFailure, watch } = checkedOptions(where, options);
  const cases = casesOf(where, settings);
  const cell = cellCode(name, run);
  if (cell?.again)
    fail(where, 'this cell has a sweep of that name already, and rows are kept by the name of their sweep');
  const parameters = { profile: session().profile, settings: session().settings };
  const key = cacheKey({ name: where, code: cell?.code ?? [randomUUID()], parameters });
  const folder = path.join(rowsFolder(), name, key);
  const member = cell && team();
  const shares = member && sharesOf(member, key, { sweep: name, cases: cases.size, rows: folder });
  const stored = await storedRows(where, folder, cases, { resume, known: cell !== undefined, run: member?.run });
  const results = new Map<string, Result>(stored.found);

  const bar = sweepProgress(cases.size, name, results.size);
  const soFar = () => rowsOfAll(cases, results) as SweepRow<S, R>[];
  const shown = sweepFigure(watch && (() => watch(soFar())));
  const file = rowWriter(() => openRowFile(where, folder, member?.isSpread), {
    parameters,
    versions,
    run: member?.run,
  });
  const append = (id: string, result: Result, start: number) => {
    const seconds = Math.round(performance.now() - start) / 1000;
    file.append({ id, settings: JSON.parse(cases.get(id)!.text), ...result, seconds });
    results.set(id, result);
    bar.at(results.size);
  };
  const compute = async (id: string) => {
    const { one, given, text } = cases.get(id)!;
    if (interruptSignal()?.aborted) throw new Interrupted();
    if (canonicalJson(where, 'settings', one) !== text)
      fail(where, `an earlier case changed the settings ${text.slice(0, 200)}`);
    const start = performance.now();
    if (seconds !== undefined) shares?.limit(id, 2 * seconds + 10);
    const ended = await attempts(k => run(k === 1 ? one : structuredClone(given)), {
      seconds,
      most: stopAtFailure ? 1 : 2,
    });
    if (seconds !== undefined) shares?.limit(id, undefined);
    if ('result' in ended) append(id, { rows: rowsOf(where, text, ended.result) }, start);
    else if (stopAtFailure) throw ended.error;
    else append(id, { rows: [], failure: ended.failure }, start);
    await shown.now();
  };
  const giveUp = (id: string, failure: Failure) => append(id, { rows: [], failure }, performance.now());
  const takeUp = async () => {
    await stored.read(true, file.name);
    for (const [id, one] of stored.found) if (!results.has(id)) results.set(id, one);
    bar.at(results.size);
    await shown.now();
  };
  try {
    const order = [...cases.keys()];
    const first = Math.floor((member?.begin ?? 0) * order.length);
    const work = { isDone: (id: string) => results.has(id), compute, takeUp, giveUp };
    await shareOut([...order.slice(first), ...order.slice(0, first)], shares, work);
  } finally {
    bar.end();
    file.close();
  }
  reportFailures(where, cases, results);
  await shown.last();
  return soFar();
}

/** The file of this sweep's rows, made with the first of them; `all` is what every case has. */
function rowWriter(open: () => RowFile, all: Pick<Case, 'parameters' | 'versions' | 'run'>) {
  let file: RowFile | undefined;
  return {
    get name() {
      return file?.file;
    },
    append(one: Omit<Case, keyof typeof all>) {
      file ??= open();
      file.append({ ...one, ...all });
    },
    close: () => file?.close(),
  };
}

/** Has the cases computed here that no other process takes, until all are done, here or elsewhere. */
async function shareOut(
  order: readonly string[],
  shares: Shares | undefined,
  work: {
    isDone(id: string): boolean;
    compute(id: string): Promise<void>;
    giveUp(id: string, failure: Failure): void;
    takeUp(): Promise<void>;
  },
): Promise<void> {
  const own = async (id: string) => {
    const share = shares?.take(id);
    if (shares && !share) return false;
    try {
      if (shares) await work.takeUp();
      if (work.isDone(id)) return false;
      if (share?.hopeless) work.giveUp(id, share.hopeless);
      else await work.compute(id);
      return true;
    } finally {
      shares?.release(id);
    }
  };
  for (let pause = 25; ; pause = Math.min(2 * pause, 1000)) {
    for (const id of order) if (!work.isDone(id) && (await own(id))) pause = 25;
    if (order.every(work.isDone)) return;
    if (interruptSignal()?.aborted) throw new Interrupted();
    await new Promise(resolve => setTimeout(resolve, pause));
    await work.takeUp();
  }
}

function checkedOptions<S, R>(where: string, options: SweepOptions<S, R>) {
  knownOptions(where, options, ['resume', 'seconds', 'stopAtFailure', 'watch']);
  const { resume = isResumed(), seconds, stopAtFailure = false, watch } = options;
  for (const [name, value] of Object.entries({ resume, stopAtFailure }))
    if (typeof value !== 'boolean') fail(where, `${name} is ${String(value)} but must be true or false`);
  if (seconds !== undefined && !(Number.isFinite(seconds) && seconds > 0))
    fail(where, `seconds is ${inspect(seconds)} but must be a number > 0`);
  if (watch !== undefined && typeof watch !== 'function')
    fail(where, `watch is ${typeof watch} but must be a function`);
  return { resume, seconds, stopAtFailure, watch };
}

/** The cases by the hash of their settings, with the text that it is of. */
function casesOf<S extends Row>(where: string, settings: readonly S[]): Map<string, OneCase<S>> {
  const cases = new Map<string, OneCase<S>>();
  for (const [i, one] of settings.entries()) {
    if (!isObject(one)) fail(where, `settings[${i}] is ${inspect(one, { depth: 0 })} but must be an object`);
    const text = canonicalJson(where, `settings[${i}]`, one);
    const id = createHash('sha256').update(text).digest('hex').slice(0, 32);
    if (cases.has(id)) fail(where, `settings ${text.slice(0, 200)} come twice`);
    cases.set(id, { one, given: structuredClone(one), text });
  }
  return cases;
}

function rowsOf(where: string, settings: string, result: unknown): readonly Row[] {
  const rows: readonly unknown[] = Array.isArray(result) ? result : [result];
  const bad = rows.findIndex(row => !isObject(row));
  const given = inspect(rows[bad], { depth: 0 });
  if (bad >= 0)
    fail(where, `for ${settings.slice(0, 200)} run gave ${given} but must give an object or a list of objects`);
  return rows as readonly Row[];
}

/**
 * The rows that need not be computed again, of earlier runs with `resume` and always of this one. Without `resume`, it
 * is said how many there are of others.
 */
async function storedRows(
  where: string,
  folder: string,
  wanted: ReadonlyMap<string, unknown>,
  { resume, known, run }: { resume: boolean; known: boolean; run?: string },
): Promise<RowReader> {
  const here = path.relative(repository, folder);
  const rows = openRows(folder, id => wanted.has(id), {
    accepts: one => (run !== undefined && one.run === run) || (resume && !one.failure),
    report: what => notice(`${where}: set aside, their cases are run again: ${path.relative(repository, what)}`),
  });
  if (!known) {
    if (resume)
      notice(
        `${where}: no rows are taken up, because outside this project's kernel nothing tells which code made them`,
      );
    return rows;
  }
  if (resume || run !== undefined) await rows.read(run !== undefined);
  const taken = rows.found.size;
  if (!resume && taken === 0) {
    const found = await countRows(folder, new Set(wanted.keys()));
    const how = "{ resume: true } as sweep's last argument takes them up, as does reproduce --resume";
    const what = `${found} of ${wanted.size} cases, of this very code and parameters`;
    if (found > 0) notice(`${where}: ${what}, are in ${here}; ${how}`);
  }
  if (!resume) return rows;
  const ofAll = path.dirname(folder);
  if (taken > 0) notice(`${where}: ${taken} of ${wanted.size} cases taken up from ${here}`);
  else if (existsSync(ofAll) && readdirSync(ofAll).length > 0)
    notice(`${where}: nothing to take up: ${path.dirname(here)} holds rows of other code, parameters or settings`);
  return rows;
}

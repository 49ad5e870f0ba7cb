/** Many runs, one after the other, whose rows are on disk as soon as they are known. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { fail, isObject, knownOptions } from '../base/check';
import { canonicalJson } from '../base/lossless-json';
import { Interrupted, interruptSignal } from '../base/interrupt';
import { cellCode, cacheKey } from '../notebook/cache-key';
import type { Flat } from '../compile/recorded';
import { startBar } from '../notebook/progress';
import { isResumed, notice, repository, rowsFolder } from '../notebook/runner';
import { countRows, openRowFile, readRows, type RowFile } from './row-files';
import type { Row } from '../base/rows';
import { session } from '../notebook/session';

const { version: widenet } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8'));

/** A row of `sweep`: the settings, and what `run` gave beside or instead of them. */
export type SweepRow<S, R> = R extends unknown ? Flat<Omit<S, keyof R> & R> : never;

/** How `sweep` runs its cases. */
export interface SweepOptions {
  /** Takes up the rows of cases that an earlier run of the same code finished. Default: as the runner was told. */
  readonly resume?: boolean;
}

/**
 * Runs `run` for each of `settings` (seed included) and gives all rows, each with its settings: `{ ...one, ...row }`.
 * Each case is on the disk before the next one starts: a line below output/rows/<notebook>/<name>/<key>/,
 * where nothing is ever erased. The key stands for the library, the code of all cells run so far, the parameters and
 * the name. With `resume`, or in `npm run reproduce -- --resume`, cases of this very key are not run again; their
 * rows come back bit for bit. What else decides rows, as the content of a data file, belongs in the settings.
 * Outside this repository's kernel nothing is taken up.
 * Errors: a name that is no folder name, or twice in a cell; a setting twice, or without a value (a function); a row
 * that is no object or has no value; settings that an earlier case changed; a disk that cannot take a line; what `run`
 * throws. The cases before it are on the disk.
 *
 * @example
 * const rows = await sweep('widths', [{ m: 10 }, { m: 100 }], ({ m }) => ({ error: 1 / m }));
 * rows // -> [{ m: 10, error: 0.1 }, { m: 100, error: 0.01 }]
 */
export async function sweep<S extends Row, R extends Row>(
  name: string,
  settings: readonly S[],
  run: (settings: S) => R | readonly R[] | Promise<R | readonly R[]>,
  options: SweepOptions = {},
): Promise<SweepRow<S, R>[]> {
  if (!/^[\w-][\w.-]*$/.test(name)) fail('sweep', `name is '${name}' but must be letters, digits, dots and dashes`);
  const where = `sweep '${name}'`;
  knownOptions(where, options, ['resume']);
  const { resume = isResumed() } = options;
  if (typeof resume !== 'boolean') fail(where, `resume is ${String(resume)} but must be true or false`);
  const cases = casesOf(where, settings);
  const cell = cellCode(name, run);
  if (cell?.again)
    fail(where, 'this cell has a sweep of that name already, and rows are kept by the name of their sweep');
  const parameters = { profile: session().profile, settings: session().settings };
  const key = cacheKey({ name: where, code: cell?.code ?? [randomUUID()], parameters });
  const folder = path.join(rowsFolder(), name, key);
  const kept = await keptRows(where, folder, new Set(cases.keys()), resume, cell !== undefined);

  const versions = { widenet, node: process.versions.node };
  const bar = startBar(settings.length, name, kept.size);
  const all: Row[] = [];
  let file: RowFile | undefined;
  try {
    let done = kept.size;
    for (const [id, { one, text }] of cases) {
      const given = structuredClone(one);
      let rows = kept.get(id);
      if (!rows) {
        if (interruptSignal()?.aborted) throw new Interrupted();
        if (canonicalJson(where, 'settings', one) !== text)
          fail(where, `an earlier case changed the settings ${text.slice(0, 200)}`);
        file ??= openRowFile(where, folder);
        const start = performance.now();
        rows = rowsOf(where, text, await run(one));
        if (interruptSignal()?.aborted) throw new Interrupted();
        const seconds = Math.round(performance.now() - start) / 1000;
        file.append({ id, settings: JSON.parse(text), rows, seconds, parameters, versions });
        bar.at(++done);
      }
      for (const row of rows) all.push({ ...given, ...row });
    }
  } finally {
    file?.close();
    bar.end();
  }
  return all as SweepRow<S, R>[];
}

/** The cases by the hash of their settings, with the text that it is of. */
function casesOf<S extends Row>(where: string, settings: readonly S[]): Map<string, { one: S; text: string }> {
  const cases = new Map<string, { one: S; text: string }>();
  for (const [i, one] of settings.entries()) {
    if (!isObject(one)) fail(where, `settings[${i}] is ${inspect(one, { depth: 0 })} but must be an object`);
    const text = canonicalJson(where, `settings[${i}]`, one);
    const id = createHash('sha256').update(text).digest('hex').slice(0, 32);
    if (cases.has(id)) fail(where, `settings ${text.slice(0, 200)} come twice`);
    cases.set(id, { one, text });
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

/** The rows that need not be computed again: none without `resume`, but it is said that there are some. */
async function keptRows(
  where: string,
  folder: string,
  wanted: ReadonlySet<string>,
  resume: boolean,
  known: boolean,
): Promise<ReadonlyMap<string, readonly Row[]>> {
  const here = path.relative(repository, folder);
  if (!known) {
    if (resume)
      notice(
        `${where}: no rows are taken up, because outside this project's kernel nothing tells which code made them`,
      );
    return new Map();
  }
  if (!resume) {
    const found = await countRows(folder, wanted);
    const how = "{ resume: true } as sweep's last argument takes them up, as does reproduce --resume";
    const what = `${found} of ${wanted.size} cases, of this very code and parameters`;
    if (found > 0) notice(`${where}: ${what}, are in ${here}; ${how}`);
    return new Map();
  }
  const setAside = 'set aside, their cases are run again';
  const kept = await readRows(folder, wanted, what =>
    notice(`${where}: ${setAside}: ${path.relative(repository, what)}`),
  );
  const ofAll = path.dirname(folder);
  if (kept.size > 0) notice(`${where}: ${kept.size} of ${wanted.size} cases taken up from ${here}`);
  else if (existsSync(ofAll) && readdirSync(ofAll).length > 0)
    notice(`${where}: nothing to take up: ${path.dirname(here)} holds rows of other code, parameters or settings`);
  return kept;
}

/** The rows of sweeps that have run, of any notebooks, forks and runs, as one table. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fail } from '../base/check';
import type { Row } from '../base/rows';
import { notice, repository } from '../notebook/runner';
import { readAllCases } from './row-files';
import { notFinite } from './sweep-rows';

/** A row of a sweep that has run: where it is from, the settings, and what was found. */
export interface StoredRow extends Row {
  /** The notebook, by its path in notebooks/ without its ending. */
  readonly notebook: string;
  /** The name of the sweep. */
  readonly sweep: string;
  /** The run, 'plain' or the folder in output/runs/ of one that has a name. */
  readonly run: string;
  /** The profile that it ran with. */
  readonly profile: string;
}

/**
 * The rows of sweeps, which `npm run reproduce` and notebooks have left in output/: `storedRows('razborov2022/maps',
 * 'forks/wider/maps')`, or all sweeps of a notebook: `storedRows('razborov2022')`. Each row is `{ notebook, sweep, run,
 * profile, ...settings, ...row }`, of each case the newest. All runs count, named ones too; those of one alone are
 * `storedRows('runs/m=64/razborov2022/maps')`, and 'runs/plain/...' those of the run without a name. Where a sweep has
 * run with several versions of the code and one set of parameters, only the rows of the newest one count, and it is
 * said how many versions are left out. Cases that failed, and rows with NaN, have `status` and `message`. `dataFrame`
 * and `toCSV` take the rows.
 * Errors: a name of which there are no rows, a run that there is not.
 *
 * @example
 * const none = () => []; // where no sweep of that name has run
 * Array.isArray(await storedRows('razborov2022/maps').catch(none)) // -> true
 */
export async function storedRows(...names: readonly string[]): Promise<StoredRow[]> {
  if (names.length === 0) fail('storedRows', "no names; give notebooks or their sweeps, as in 'razborov2022/maps'");
  const output = path.join(repository, 'output');
  const runs = ['plain', ...foldersIn(path.join(output, 'runs'))];
  const all: StoredRow[] = [];
  for (const name of new Set(names)) {
    const [, only, inRun] = /^runs\/([^/]+)\/(.+)$/.exec(name) ?? [];
    if (only !== undefined && !runs.includes(only))
      fail('storedRows', `'${name}' is of the run '${only}', but the runs are ${runs.join(', ')}`);
    const rowsOf = (run: string) => path.join(output, run === 'plain' ? '' : path.join('runs', run), 'rows');
    const found = (only === undefined ? runs : [only]).flatMap(run =>
      sweepsIn(rowsOf(run), inRun ?? name).map(one => ({ ...one, run })),
    );
    if (found.length === 0)
      fail('storedRows', `'${name}' is no notebook and no sweep with rows in ${path.relative(process.cwd(), output)}`);
    for (const from of found) for (const row of await newest(name, from)) all.push(row);
  }
  return all;
}

const isKey = (name: string) => /^[0-9a-f]{32}$/.test(name);

const foldersIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter(entry => entry.isDirectory())
        .map(entry => entry.name)
        .sort()
    : [];

/** A sweep that has run: where it is from, and the folder of its rows. */
type Found = Pick<StoredRow, 'notebook' | 'sweep' | 'run'> & { readonly folder: string };

/** The sweeps below a folder of rows that a name means: itself, or those of the notebook that it is. */
function sweepsIn(rows: string, name: string) {
  const isSweep = (folder: string) => foldersIn(folder).some(isKey);
  const named = path.join(rows, name);
  const inside = isSweep(named) ? [name] : foldersIn(named).map(sweep => `${name}/${sweep}`);
  return inside
    .filter(sweep => isSweep(path.join(rows, sweep)))
    .map(sweep => ({ notebook: path.dirname(sweep), sweep: path.basename(sweep), folder: path.join(rows, sweep) }));
}

/** The rows of a sweep: for each set of parameters, those of the code that wrote last. */
async function newest(name: string, { notebook, sweep, run, folder }: Found): Promise<StoredRow[]> {
  const versions = new Map<string, { last: string; rows: StoredRow[] }>();
  let left = 0;
  for (const key of foldersIn(folder).filter(isKey)) {
    const cases = await readAllCases(path.join(folder, key), damage => notice(`storedRows: left out: ${damage}`));
    if (cases.length === 0) continue;
    const { parameters } = cases[0];
    const profile = (parameters as { profile: string }).profile;
    const rows: StoredRow[] = [];
    let last = '';
    for (const { written, settings, rows: given, failure } of cases) {
      if (written > last) last = written;
      // Named columns first: an object that begins with those of another one takes V8 ten times as long.
      for (const row of failure ? [failure as unknown as Row] : given)
        rows.push({ notebook, sweep, run, profile, ...(settings as Row), ...notFinite(row), ...row });
    }
    const text = JSON.stringify(parameters);
    const other = versions.get(text);
    if (other) left++;
    if (!other || other.last < last) versions.set(text, { last, rows });
  }
  if (left > 0)
    notice(`storedRows: '${name}': rows of ${left} older version${left > 1 ? 's' : ''} of the code are left out`);
  return [...versions.values()].flatMap(({ rows }) => rows);
}

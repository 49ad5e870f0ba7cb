/** The rows of sweeps that have run, of any notebooks, forks and runs, as one table. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fail } from '../base/check';
import type { Row } from '../base/rows';
import { notice, repository } from '../notebook/runner';
import { readAllCases } from './row-files';

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
 * profile, ...settings, ...row }`, of each case the newest. Where a sweep has run with several versions of the code and
 * one set of parameters, only the rows of the newest one count, and it is said how many versions are left out. Cases
 * that failed have `status` and `message`. `dataFrame` and `toCSV` take the rows.
 * Errors: a name of which there are no rows.
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
    const found = runs.flatMap(run =>
      sweepsIn(path.join(output, run === 'plain' ? '' : path.join('runs', run), 'rows'), name).map(one => ({
        ...one,
        run,
      })),
    );
    if (found.length === 0)
      fail('storedRows', `'${name}' is no notebook and no sweep with rows in ${path.relative(process.cwd(), output)}`);
    for (const { folder, ...from } of found)
      for (const row of await newest(name, folder)) all.push({ ...from, ...row });
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
async function newest(name: string, folder: string) {
  const versions = new Map<string, { last: string; rows: (Row & { profile: string })[] }>();
  let left = 0;
  for (const key of foldersIn(folder).filter(isKey)) {
    const cases = await readAllCases(path.join(folder, key), damage => notice(`storedRows: left out: ${damage}`));
    if (cases.length === 0) continue;
    const last = cases.map(({ written }) => written).sort()[cases.length - 1];
    const { parameters } = cases[0];
    const profile = (parameters as { profile: string }).profile;
    const rows = cases.flatMap(one => {
      const found = one.failure ? [one.failure as unknown as Row] : one.rows;
      return found.map(row => ({ profile, ...(one.settings as Row), ...row }));
    });
    const text = JSON.stringify(parameters);
    const other = versions.get(text);
    if (other) left++;
    if (!other || other.last < last) versions.set(text, { last, rows });
  }
  if (left > 0)
    notice(`storedRows: '${name}': rows of ${left} older version${left > 1 ? 's' : ''} of the code are left out`);
  return [...versions.values()].flatMap(({ rows }) => rows);
}

/** Tidy rows: what training records, what figures draw and tables show. */
import { inspect } from 'node:util';
import { fail, isObject } from './check';
import { isNdArray, type NdArray } from './ndarray';

/** One record: a column is a number, a text, or a nested array of numbers. */
export type Row = { readonly [column: string]: unknown };

/** What `train` returns, as far as figures need it. */
export interface RunLike {
  /** The rows of its curve. */
  readonly rows: readonly Row[];
  /** How it ended; one that 'diverged' is drawn but left out of means. */
  readonly status?: string;
  /** The seed that names its curve. Default: its place among the runs. */
  readonly seed?: number;
}

/** Anything that holds the rows of one curve, or of one curve for each seed. */
export type Series = RunLike | readonly RunLike[] | readonly Row[];

/**
 * Rows from columns of equal length: lists of numbers or texts, or host arrays of one axis. Errors: no columns, lengths
 * that differ.
 *
 * @example
 * columns({ x: [0, 1], density: [0.25, 0.75] }) // -> [{ x: 0, density: 0.25 }, { x: 1, density: 0.75 }]
 */
export function columns(named: { readonly [column: string]: ArrayLike<number> | readonly string[] | NdArray }): Row[] {
  const lists = Object.entries(named).map(([name, list]) => [name, isNdArray(list) ? list.values : list] as const);
  if (lists.length === 0) fail('columns', 'no columns');
  const [first, { length }] = lists[0];
  for (const [name, list] of lists)
    if (list.length !== length) fail('columns', `${name} has ${list.length} entries but ${first} has ${length}`);
  return Array.from({ length }, (_, i) => Object.fromEntries(lists.map(([name, list]) => [name, list[i]])));
}

/** The names of the columns of all rows, in the order in which they first appear. */
export function columnNames(rows: readonly Row[]): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return [...names];
}

/** Refuses a column that no row has. */
export function checkColumn(where: string, rows: readonly Row[], name: string): void {
  if (rows.length > 0 && !rows.some(row => name in row))
    fail(where, `no column '${name}'; columns are ${columnNames(rows).join(', ')}`);
}

/**
 * The numbers of one column, in row order; NaN where a row lacks it. `where` starts the messages of errors: a column
 * that no row has, and entries that are not numbers.
 *
 * @example
 * column('decay', [{ loss: 1 }, { loss: 0.5 }], 'loss') // -> [1, 0.5]
 */
export function column(where: string, rows: readonly Row[], name: string): number[] {
  checkColumn(where, rows, name);
  return rows.map(row => {
    const value = row[name];
    if (value === undefined || value === null) return NaN;
    if (typeof value === 'number') return value;
    const held = typeof value === 'string' ? JSON.stringify(value) : inspect(value);
    return fail(where, `column '${name}' holds ${held.slice(0, 40)} but must hold numbers`);
  });
}

export const isRun = (value: unknown): value is RunLike => isObject(value) && Array.isArray(value.rows);

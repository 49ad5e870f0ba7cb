/** Rows as tables: a small one to read, a DataFrame to work with. */
import type { DataFrame } from 'danfojs-node';
import { fail, knownOptions } from '../base/check';
import '../base/environment';
import { brief, displayable, htmlTable, textTable } from './html';
import { latexTable } from './latex';
import { checkColumn, columnNames, type Row } from '../base/rows';

/** A table to read: it displays itself as a cell's value or by `show`. */
export interface Table {
  /** The names of its columns, in order. */
  readonly columns: string[];
  /** The rows as they were given. */
  readonly rows: readonly Row[];
}

/**
 * A small table of rows, shown with 4 significant digits; the rows themselves keep all.
 * `columns`: which, in which order (default: those of all rows). Errors: more than 60 rows, an unknown column.
 *
 * @example
 * table([{ m: 10, risk: 0.5, step: 7 }], { columns: ['m', 'risk'] }).columns // -> ['m', 'risk']
 */
export function table(
  rows: readonly Row[],
  options: {
    /** The columns to show, in this order. Default: those of all rows, in the order in which they first appear. */
    columns?: readonly string[];
    /** A line below the table. Default: none. */
    caption?: string;
  } = {},
): Table {
  knownOptions('table', options, ['columns', 'caption']);
  if (rows.length > 60) fail('table', `${rows.length} rows but a table to read has at most 60; use dataFrame`);
  const columns = [...(options.columns ?? columnNames(rows))];
  for (const name of columns) checkColumn('table', rows, name);
  const body = rows.map(row => columns.map(c => brief(row[c])));
  return displayable({ columns, rows }, () => ({
    'text/html': htmlTable(columns, body, options.caption),
    'text/latex': latexTable(columns, body, options.caption),
    'text/plain': textTable(columns, body),
  }));
}

/**
 * The rows as a danfojs DataFrame, which is loaded at the first call: it takes a second or two. A value goes to the
 * column of its key; where a row has none, or null, NaN stands. The type of a column is that of all its values.
 * danfojs 1.2 treats NaN in many ways: `mean` and `std` of a column leave it out, `describe` and the means of `groupby`
 * are then NaN, the `count` of `groupby` counts it, and `sortValues` puts other values out of order around it. So call
 * `dropNa()` before these, and read and write files with `readCSV` and `toCSV`, not with those of danfojs.
 * Errors: no rows, no columns, a column with the name of a DataFrame's own property (values, shape...).
 *
 * @example
 * dataFrame([{ m: 10, risk: 0.5 }, { risk: 0.25, m: 20 }]).risk.values // -> [0.5, 0.25]
 */
export function dataFrame(rows: readonly Row[]): DataFrame {
  if (rows.length === 0) fail('dataFrame', 'no rows');
  const columns = columnNames(rows);
  if (columns.length === 0) fail('dataFrame', 'no columns');
  const danfo = require('danfojs-node') as typeof import('danfojs-node');
  const taken = columns.find(name => isOwnProperty(danfo.DataFrame.prototype, name));
  if (taken !== undefined) fail('dataFrame', `a column '${taken}' would hide that property of a DataFrame; rename it`);
  const values = rows.map(row => columns.map(name => row[name] ?? NaN)) as (string | number | boolean)[][];
  const dtypes = columns.map((_, i) => dtype(values, i));
  return new danfo.DataFrame(values, { columns, dtypes });
}

/** Whether a class has such a property, which is no method, or fills such a field. */
function isOwnProperty(prototype: object | null, name: string): boolean {
  if (name.startsWith('$')) return true;
  for (let link = prototype; link && link !== Object.prototype; link = Object.getPrototypeOf(link))
    if (Object.getOwnPropertyDescriptor(link, name)?.get) return true;
  return false;
}

/** The type of a column as danfojs calls it, which looks at the first 25 values only. */
function dtype(rows: readonly (readonly unknown[])[], column: number): string {
  const isEach = (is: (value: unknown) => boolean) => rows.every(row => is(row[column]) || Number.isNaN(row[column]));
  if (isEach(v => typeof v === 'number'))
    return rows.every(row => row[column] === (row[column] as number) >> 0) ? 'int32' : 'float32';
  return isEach(v => typeof v === 'boolean') ? 'boolean' : 'string';
}

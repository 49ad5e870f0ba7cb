/** Rows as tables: a small one to read, a DataFrame to work with. */
import type { DataFrame } from 'danfojs-node';
import { fail, knownOptions } from '../base/check';
import '../base/environment';
import { brief, displayable, htmlTable, textTable } from './html';
import { latexTable } from './latex';
import type { Row } from '../base/rows';

/** A table to read: it displays itself as a cell's value or by `show`. */
export interface Table {
  /** The names of its columns, in order. */
  readonly columns: string[];
  /** The rows as they were given. */
  readonly rows: readonly Row[];
}

/**
 * A small table of rows, shown with 4 significant digits; the rows themselves keep all.
 * `columns`: which, in which order (default: those of the first row). Errors: more than 60 rows, an unknown column.
 *
 * @example
 * table([{ m: 10, risk: 0.5, step: 7 }], { columns: ['m', 'risk'] }).columns // -> ['m', 'risk']
 */
export function table(
  rows: readonly Row[],
  options: {
    /** The columns to show, in this order. Default: those of the first row. */
    columns?: readonly string[];
    /** A line below the table. Default: none. */
    caption?: string;
  } = {},
): Table {
  knownOptions('table', options, ['columns', 'caption']);
  if (rows.length > 60) fail('table', `${rows.length} rows but a table to read has at most 60; use dataFrame`);
  const columns = [...(options.columns ?? Object.keys(rows[0] ?? {}))];
  const unknown = columns.find(c => !rows.some(row => c in row));
  if (unknown !== undefined && rows.length > 0)
    fail('table', `no column '${unknown}'; columns are ${Object.keys(rows[0]).join(', ')}`);
  const body = rows.map(row => columns.map(c => brief(row[c])));
  return displayable({ columns, rows }, () => ({
    'text/html': htmlTable(columns, body, options.caption),
    'text/latex': latexTable(columns, body, options.caption),
    'text/plain': textTable(columns, body),
  }));
}

/**
 * The rows as a danfojs DataFrame, which is loaded at the first call: it takes a second or two. Errors: no rows.
 *
 * @example
 * dataFrame([{ m: 10, risk: 0.5 }, { m: 20, risk: 0.25 }]).columns // -> ['m', 'risk']
 */
export function dataFrame(rows: readonly Row[]): DataFrame {
  if (rows.length === 0) fail('dataFrame', 'no rows');
  const danfo = require('danfojs-node') as typeof import('danfojs-node');
  return new danfo.DataFrame(rows as object[]);
}

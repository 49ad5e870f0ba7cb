/** Rows in CSV files, for other programs and from them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { fail } from '../base/check';
import { columnNames, type Row } from '../base/rows';

/** What this file uses of papaparse. */
interface Papaparse {
  parse(
    text: string,
    config: { skipEmptyLines?: 'greedy'; preview?: number; delimiter?: string },
  ): { data: string[][]; errors: { code: string; row?: number; message: string }[]; meta: { delimiter: string } };
  unparse(table: { fields: readonly string[]; data: unknown[][] }, config: { newline: string }): string;
}

const papaparse = () => require('papaparse') as Papaparse;

/**
 * The rows of a CSV file whose first line names the columns. The delimiter (comma, semicolon, tab or bar) is found from
 * the text. Spaces around names are dropped, and blank lines too; in a file of one column these are empty fields.
 * A column is of numbers when all its fields are numbers as JavaScript prints them, with NaN where a field is empty; of
 * true and false when these are all. Else it is of texts, as which numbers stay whole that have a decimal comma,
 * leading zeros, or more digits than a double. Rows with an empty field in a column of numbers are those with NaN,
 * `rows.filter(row => Object.values(row).some(Number.isNaN))`: leave them out before training.
 * `ndarray(rows.map(row => [Number(row.a), Number(row.b)]))` makes data of the others, `column` numbers of a column.
 * Errors: no such file, no line of names, a name that is empty or comes twice, a line with too few or too many fields.
 *
 * @example
 * toCSV('/tmp/risk.csv', [{ m: 10, risk: 0.5 }, { m: 20, risk: NaN }]);
 * const rows = readCSV('/tmp/risk.csv');
 * rows // -> [{ m: 10, risk: 0.5 }, { m: 20, risk: NaN }]
 * ndarray(rows.map(row => [Number(row.m)])) // -> [[10], [20]]
 */
export function readCSV(file: string): Row[] {
  const where = `readCSV: ${file}`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    return fail(where, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const { delimiter } = papaparse().parse(text, { skipEmptyLines: 'greedy', preview: 100 }).meta;
  const { data, errors } = papaparse().parse(text.replace(/\r?\n$/, ''), { delimiter });
  if (errors.length > 0) fail(where, `row ${(errors[0].row ?? 0) + 1}: ${errors[0].message}`);
  const isBlank = (line: string[]) => line.length === 1 && line[0].trim() === '';
  if (data.every(isBlank)) fail(where, 'has no line that names the columns');
  const names = data[0].map(name => name.trim());
  const lines = data.slice(1).filter(line => names.length === 1 || !isBlank(line));
  const bad = names.find((name, i) => name === '' || names.indexOf(name) !== i);
  if (bad !== undefined) fail(where, bad === '' ? 'a column has no name' : `two columns are named '${bad}'`);
  const odd = lines.findIndex(line => line.length !== names.length);
  if (odd >= 0) fail(where, `row ${odd + 2} has ${lines[odd].length} fields but there are ${names.length} columns`);
  const columns = names.map((_, i) => typed(lines.map(line => line[i])));
  return lines.map((_, row) => Object.fromEntries(names.map((name, i) => [name, columns[i][row]])));
}

/** The fields of a column as numbers, as true and false, or as the texts they are. */
function typed(fields: readonly string[]): readonly unknown[] {
  const values = fields.map(field => field.trim());
  const given = values.filter(value => value !== '');
  if (given.length > 0 && given.every(isNumber)) return values.map(value => (value === '' ? NaN : Number(value)));
  if (given.length > 0 && given.every(value => value === 'true' || value === 'false'))
    return values.map(value => (value === '' ? undefined : value === 'true'));
  return fields;
}

/** Whether a field is a number that a double holds: NaN and infinities too, but no whole number above 2^53. */
function isNumber(field: string): boolean {
  if (/^([-+]?Infinity|NaN)$/.test(field)) return true;
  if (!/^[-+]?((0|[1-9]\d*)(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(field)) return false;
  return !/^[-+]?\d+$/.test(field) || Number.isSafeInteger(Number(field));
}

/**
 * Writes rows to a CSV file that other programs read: all columns of all rows, numbers with every digit, texts in
 * quotes where they need them, and an empty field where a row has no value. A file of this name is replaced.
 * Errors: no columns, a value that is no number, text or boolean, a place that cannot be written.
 *
 * @example
 * toCSV('/tmp/risk.csv', [{ m: 10, risk: 0.1 + 0.2 }]);
 * readCSV('/tmp/risk.csv')[0].risk === 0.1 + 0.2 // -> true
 */
export function toCSV(file: string, rows: readonly Row[]): void {
  const fields = columnNames(rows);
  if (fields.length === 0) fail('toCSV', 'no columns: there are no rows, or they are empty');
  const data = rows.map((row, i) => fields.map(name => written(`toCSV: row ${i + 1}`, name, row[name])));
  const text = `${papaparse().unparse({ fields, data }, { newline: '\n' })}\n`;
  try {
    writeFileSync(file, text);
  } catch (error) {
    fail('toCSV', `cannot write ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}

function written(where: string, name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Object.is(value, -0)) return '-0';
  if (!['number', 'string', 'boolean'].includes(typeof value))
    fail(where, `column '${name}' holds ${inspect(value).slice(0, 40)} but must hold numbers, texts or booleans`);
  return String(value);
}

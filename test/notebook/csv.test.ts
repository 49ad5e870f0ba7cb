import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCSV, toCSV } from '../../src/notebook/csv';

let file: string;
beforeAll(() => {
  file = path.join(mkdtempSync(path.join(tmpdir(), 'widenet-csv-')), 'rows.csv');
});
afterAll(() => rmSync(path.dirname(file), { recursive: true }));

const read = (text: string) => {
  writeFileSync(file, text);
  return readCSV(file);
};

test('rows come back as they were written, every digit, quote and line break of them', () => {
  const rows = [
    { m: 1, name: 'a, "b"\nc', risk: 0.1 + 0.2, done: true },
    { risk: NaN, m: -0, name: ' two', done: false },
    { m: 5e-324, name: '', risk: -Infinity, late: 1 },
  ];
  toCSV(file, rows);
  expect(readFileSync(file, 'utf8').split('\n')[0]).toBe('m,name,risk,done,late');
  expect(readCSV(file)).toEqual([
    { ...rows[0], late: NaN },
    { ...rows[1], late: NaN },
    { ...rows[2], done: undefined },
  ]);
});

test.each([
  ['semicolons, blank lines, spaces', 'm; risk\n1;0.5\n\n2;0.25\n\n'],
  ['tabs', 'm\trisk\n1\t0.5\n2\t0.25'],
  ['a byte-order mark, CRLF', '\uFEFFm,risk\r\n1,0.5\r\n2,0.25\r\n'],
  ['quotes around all', '"m","risk"\n"1","0.5"\n"2","0.25"\n'],
])('%s are read', (_, text) => {
  expect(read(text)).toEqual([
    { m: 1, risk: 0.5 },
    { m: 2, risk: 0.25 },
  ]);
});

test('the type of a column is that of all its fields, not of the first ones', () => {
  expect(read(`a,b\n${'1,1\n'.repeat(30)}0.5,x\n`).at(-1)).toEqual({ a: 0.5, b: 'x' });
  expect(read(`a,b\n${'1,1\n'.repeat(30)}0.5,x\n`)[0]).toEqual({ a: 1, b: '1' });
  expect(read('id,key,t\n007,12345678901234567890,"0,5"\n')).toEqual([
    { id: '007', key: '12345678901234567890', t: '0,5' },
  ]);
});

test('a line of empty fields is a row, also where there is one column', () => {
  expect(read('a,b\n,\n1,x\n')).toEqual([
    { a: NaN, b: '' },
    { a: 1, b: 'x' },
  ]);
  toCSV(file, [{ a: 1 }, {}]);
  expect(readCSV(file)).toEqual([{ a: 1 }, { a: NaN }]);
});

test('a file that is damaged is refused, with the row', () => {
  expect(() => read('m,risk\n1,2\n3\n')).toThrow(/^readCSV: .*rows\.csv: row 3 has 1 fields but there are 2 columns$/);
  expect(() => read('m,m\n1,2\n')).toThrow(/rows\.csv: two columns are named 'm'$/);
  expect(() => read('m,\n1,2\n')).toThrow(/rows\.csv: a column has no name$/);
  expect(() => read('m,risk\n"1,2\n')).toThrow(/rows\.csv: row 2: Quoted field unterminated$/);
  expect(() => read('\n')).toThrow(/rows\.csv: has no line that names the columns$/);
  expect(() => readCSV(`${file}.none`)).toThrow(/^readCSV: .*rows\.csv\.none: cannot be read \(ENOENT\)$/);
});

test('values that a file would change are refused', () => {
  expect(() => toCSV(file, [{ a: 1 }, { a: [1, 2] }])).toThrow(
    /^toCSV: row 2: column 'a' holds \[ 1, 2 \] but must hold numbers, texts or booleans$/,
  );
  expect(() => toCSV(file, [{ a: 10n }])).toThrow(/^toCSV: row 1: column 'a' holds 10n but/);
  expect(() => toCSV(file, [])).toThrow(/^toCSV: no columns/);
  expect(() => toCSV(path.join(file, 'x'), [{ a: 1 }])).toThrow(/^toCSV: cannot write .*rows\.csv.x \(ENOTDIR\)$/);
});

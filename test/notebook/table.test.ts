import { expect, test } from 'vitest';
import { dataFrame, table } from '../../src/notebook/table';

const rows = [
  { m: 64, risk: 0.123456789 },
  { m: 256, risk: 1e-9 },
];
const text = (value: object) => (value as any)[Symbol.for('Jupyter.display')]()['text/plain'];

test('a table shows 4 digits and keeps all', () => {
  const t = table(rows);
  expect(text(t)).toBe('m    risk  \n---  ------\n64   0.1235\n256  1e-9'.replace('risk  \n', 'risk\n'));
  expect(t.rows[0].risk).toBe(0.123456789);
});

test('columns choose and order', () => {
  expect(text(table(rows, { columns: ['risk', 'm'] })).split('\n')[0]).toBe('risk    m');
});

test('what is too long to read, and unknown columns, are refused', () => {
  expect(() => table(Array.from({ length: 61 }, () => ({ a: 1 })))).toThrow(
    /^table: 61 rows but a table to read has at most 60/,
  );
  expect(() => table(rows, { columns: ['rsk'] })).toThrow(/^table: no column 'rsk'; columns are m, risk$/);
});

test('a DataFrame has the rows', () => {
  const frame = dataFrame(rows);
  expect(frame.shape).toEqual([2, 2]);
  expect(frame.risk.values).toEqual([0.123456789, 1e-9]);
  expect(() => dataFrame([])).toThrow(/^dataFrame: no rows$/);
});

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

test('a column that the first row lacks is shown', () => {
  expect(text(table([{ m: 1 }, { risk: 0.5, m: 2 }])).split('\n')).toEqual(['m  risk', '-  ----', '1', '2  0.5']);
});

test('a DataFrame takes values by key, with NaN where a row has none', () => {
  const frame = dataFrame([
    { m: 1, risk: 0.5, end: 'done' },
    { risk: 0.25, m: 2, late: true },
    { m: 3, end: 'diverged', risk: null },
  ]);
  expect(frame.columns).toEqual(['m', 'risk', 'end', 'late']);
  expect(frame.values).toEqual([
    [1, 0.5, 'done', NaN],
    [2, 0.25, NaN, true],
    [3, NaN, 'diverged', NaN],
  ]);
  expect(frame.dtypes).toEqual(['int32', 'float32', 'string', 'boolean']);
});

test('a diverged seed does not count as 0 in a mean of a DataFrame', () => {
  const rows = [2, 2, null].map(risk => ({ m: 1, risk }));
  const mean = (frame: ReturnType<typeof dataFrame>) => frame.groupby(['m']).col(['risk']).mean().values;
  expect(mean(dataFrame(rows))).toEqual([[1, NaN]]);
  expect(mean(dataFrame(rows).dropNa())).toEqual([[1, 2]]);
  expect(dataFrame(rows).risk.mean()).toBe(2);
});

test('the type of a DataFrame column is that of all its values', () => {
  const late = (value: unknown) => dataFrame([...Array(30).fill({ a: 1 }), { a: value }]).dtypes;
  expect([late(2), late(0.5), late(2 ** 31), late('x')]).toEqual([['int32'], ['float32'], ['float32'], ['string']]);
});

test('a column that would hide a property of the DataFrame is refused', () => {
  expect(() => dataFrame([{ values: 1 }])).toThrow(/^dataFrame: a column 'values' would hide that property/);
  expect(() => dataFrame([{ $data: 1 }])).toThrow(/^dataFrame: a column '\$data' would hide/);
  expect(() => dataFrame([{}])).toThrow(/^dataFrame: no columns$/);
});

test('a DataFrame has the rows', () => {
  const frame = dataFrame(rows);
  expect(frame.shape).toEqual([2, 2]);
  expect(frame.risk.values).toEqual([0.123456789, 1e-9]);
  expect(() => dataFrame([])).toThrow(/^dataFrame: no rows$/);
});

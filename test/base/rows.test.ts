import { expect, test } from 'vitest';
import { ndarray } from '../../src/base/ndarray';
import { column, columns, isRun } from '../../src/base/rows';

test('columns and column are inverse, for lists, typed arrays, host arrays and texts', () => {
  const rows = columns({ t: [0, 1], f: Float32Array.of(2, 3), g: ndarray([4, 5]), name: ['a', 'b'] });
  expect(rows).toEqual([
    { t: 0, f: 2, g: 4, name: 'a' },
    { t: 1, f: 3, g: 5, name: 'b' },
  ]);
  expect(column('test', rows, 'g')).toEqual([4, 5]);
});

test('columns of unlike lengths are refused with both lengths', () => {
  expect(() => columns({ t: [0, 1], f: [1] })).toThrow(/^columns: f has 1 entries but t has 2$/);
  expect(() => columns({})).toThrow(/^columns: no columns$/);
});

test('a row that lacks the column gives NaN; a column that no row has, or of texts, is refused', () => {
  expect(column('test', [{ a: 1 }, { b: 2 }, { a: null }], 'a')).toEqual([1, NaN, NaN]);
  expect(() => column('test', [{ t: 0, risk: 1 }], 'rsk')).toThrow(/^test: no column 'rsk'; columns are t, risk$/);
  expect(() => column('test', [{ t: 'zero' }], 't')).toThrow(/^test: column 't' holds "zero" but must hold numbers$/);
  expect(() => column('test', [{ t: 2n }], 't')).toThrow(/^test: column 't' holds 2n but must hold numbers$/);
  expect(column('test', [{ t: NaN }, { t: -0 }], 't')).toEqual([NaN, -0]);
});

test('a run is told from rows', () => {
  expect(isRun({ rows: [], status: 'done' })).toBe(true);
  expect([[{ t: 0 }], { a: [{ t: 0 }] }, null, 3].some(isRun)).toBe(false);
});

import { expect, test } from 'vitest';
import { compact, pack, rounded, unpackAll } from '../../src/notebook/packed';

const again = (value: unknown) => unpackAll(JSON.parse(JSON.stringify(value)));
const float32 = (...values: number[]) => values.map(Math.fround);

test.each([
  ['i1', [-128, 0, 127]],
  ['u1', [0, 255]],
  ['i2', [-32768, 32767]],
  ['u2', [0, 65535]],
  ['i4', [-(2 ** 31), 2 ** 31 - 1]],
  ['u4', [0, 2 ** 32 - 1]],
  ['f4', [0, -0]],
  ['f4', [1, NaN]],
  ['f4', float32(0.1, 1e-40, 3e38, Infinity, -Infinity)],
  ['f4', [2 ** 40, 0]],
  ['f8', [0.1, 5e-324, 1.7976931348623157e308, -0, NaN, Infinity, -Infinity]],
  ['f8', [2 ** 40 + 1, 2 ** 53 - 1]],
  ['i1', []],
])('%s holds %j, bit for bit', (dtype, values) => {
  const packed = pack(values);
  expect(packed.dtype).toBe(dtype);
  const back = again({ x: packed }).x;
  expect(back.length).toBe(values.length);
  back.forEach((v: number, i: number) => expect(v).toBe(values[i]));
});

test('the bytes are those that plotly.py writes', () => {
  expect(pack([1, 2, 3])).toEqual({ dtype: 'i1', bdata: 'AQID' });
  expect(pack([1, 0.5])).toEqual({ dtype: 'f4', bdata: 'AACAPwAAAD8=' });
  expect(pack([1, 2, 3, 4, 5, 6], [2, 3])).toEqual({ dtype: 'i1', bdata: 'AQIDBAUG', shape: '2, 3' });
});

test('maps and lists of three axes come back in their shape', () => {
  const z = Array.from({ length: 3 }, (_, i) => Array.from({ length: 4 }, (_, j) => i * 1000 + j));
  const customdata = z.map(line => line.map(v => [v, -v]));
  const packed = compact({ z, customdata });
  expect([packed.z.shape, packed.customdata.shape]).toEqual(['3, 4', '3, 4, 2']);
  expect(again(packed)).toEqual({ z, customdata });
});

test.each<[string, (line: number[]) => ArrayLike<number>]>([
  ['lists', line => line],
  ['typed arrays', line => Float64Array.from(line)],
])('a list of %s is a map of their numbers', (_, made) => {
  const z = Array.from({ length: 3 }, (_, i) => Array.from({ length: 4 }, (_, j) => i - j / 2));
  const customdata = [z.map(line => made(line)), z.map(line => made(line))];
  expect(again(compact({ z: customdata[0], customdata }))).toEqual({ z, customdata: [z, z] });
});

test('dates are the texts that JSON has for them', () => {
  const dates = Array.from({ length: 9 }, (_, day) => new Date(Date.UTC(2020, 0, day + 1)));
  expect(compact({ x: dates }).x[8]).toBe('2020-01-09T00:00:00.000Z');
  expect(rounded(dates[0])).toBe('2020-01-01T00:00:00.000Z');
});

test('long arrays are single precision, typed or not; gaps and infinities are gaps', () => {
  const values = [Math.PI, 1e-30, -0, null, NaN, Infinity, 2e30, 7];
  const [list, typed] = [compact(values), compact(Float64Array.from(values, v => v ?? NaN))];
  expect(list.dtype).toBe('f4');
  expect(typed).toEqual(list);
  expect(again(list)).toEqual([...float32(Math.PI, 1e-30, -0), NaN, NaN, NaN, ...float32(2e30), 7]);
});

test.each([
  ['too small for single precision', 1.23456789e-60, 1.23457e-60],
  ['below its full digits', 1.23456789e-42, 1.23457e-42],
  ['too large', 1.23456789e60, 1.23457e60],
  ['whole and more than it holds', 2 ** 40 + 1, 2 ** 40 + 1],
])('an array with a number %s is packed in double precision', (_, number, shown) => {
  const packed = compact([number, ...Array(8).fill(1 / 3)]);
  expect(packed.dtype).toBe('f8');
  expect(again(packed)).toEqual([shown, ...Array(8).fill(0.333333)]);
});

test('short lists, texts, mixed and uneven lists stay lists, with numbers of 6 digits', () => {
  const uneven = [[1, 2, 3, 4, 5], [1 / 3]];
  const given = {
    a: [1 / 3, NaN, 123456789],
    b: Array(9).fill('x'),
    c: [...Array(9).fill(1), 'x'],
    uneven,
    d: undefined,
  };
  expect(compact(given)).toEqual({
    a: [0.333333, null, 123456789],
    b: given.b,
    c: given.c,
    uneven: [[1, 2, 3, 4, 5], [0.333333]],
  });
  expect(Object.keys(compact(given))).not.toContain('d');
  expect(rounded(Array(9).fill(1 / 3))).toEqual(Array(9).fill(0.333333333333));
});

test.each([
  { dtype: 'f9', bdata: 'AAAA' },
  { dtype: 'f8', bdata: 'AAAA' },
  { dtype: 'i1', bdata: 'AAAA', shape: '2, 2' },
  { dtype: 'i1', bdata: 'AAAA', shape: 'x' },
  { bdata: 'AAAA' },
])('%j is damaged and stays as it is, so that plotly.js says what is wrong with it', damaged => {
  expect(unpackAll({ data: [{ y: damaged }] })).toEqual({ data: [{ y: damaged }] });
});

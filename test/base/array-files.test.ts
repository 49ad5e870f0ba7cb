import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readNpy, readNpz, writeNpy, writeNpz } from '../../src/base/array-files';
import { ndarray } from '../../src/base/ndarray';

interface Case {
  shape: number[];
  values: string[];
  file: string;
}
const golden: { cases: Record<string, Case>; refused: Record<string, string>; archive: string; compressed: string } =
  JSON.parse(readFileSync(path.join(__dirname, '..', 'golden', 'array-files.json'), 'utf8'));

const folder = mkdtempSync(path.join(tmpdir(), 'widenet-arrays-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => path.join(folder, name);
/** A file of these bytes. */
const fileOf = (bytes: Buffer, name = 'given.npy') => {
  writeFileSync(at(name), bytes);
  return at(name);
};
const bytesOf = (base64: string) => Buffer.from(base64, 'base64');
const number = (text: string) => (text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text));

test.each(Object.entries(golden.cases))(
  'what NumPy saves as %s is read value by value',
  (_, { shape, values, file }) => {
    const array = readNpy(fileOf(bytesOf(file)));
    expect(array.shape).toEqual(shape);
    expect(Array.from(array.values)).toEqual(values.map(text => (text === 'nan' ? NaN : number(text))));
  },
);

test.each([
  ['<f8 C', 'Float64Array'],
  ['>f4 F', 'Float32Array'],
  ['<f2 C', 'Float32Array'],
  ['? C', 'Int32Array'],
  ['<i8 C', 'Int32Array'],
  ['beyond 32 bits', 'Float64Array'],
  ['largest of u4', 'Float64Array'],
])('values of %s become a %s', (name, type) => {
  expect(readNpy(fileOf(bytesOf(golden.cases[name].file))).values.constructor.name).toBe(type);
});

test.each(['<f8 C', '<f4 C', '<i4 C', 'no axis', 'empty', 'version 2'])(
  'an array of %s is written to the byte as NumPy saves it',
  name => {
    const { file, shape, values } = golden.cases[name];
    const Typed = name === '<f4 C' ? Float32Array : name === '<i4 C' ? Int32Array : Float64Array;
    writeNpy(at('own.npy'), ndarray(Typed.from(values.map(Number)) as Float64Array, shape));
    const own = readFileSync(at('own.npy'));
    if (name === 'version 2') expect(own[6]).toBe(1);
    else expect(own.toString('base64')).toBe(file);
    expect(Array.from(readNpy(at('own.npy')).values)).toEqual(values.map(Number));
  },
);

test('a part of a larger buffer is written alone', () => {
  writeNpy(at('part.npy'), ndarray(Float64Array.of(1, 2, 3, 4).subarray(1, 3)));
  expect(Array.from(readNpy(at('part.npy')).values)).toEqual([2, 3]);
});

test.each(['archive', 'compressed'] as const)('what NumPy saves as %s is read by name', kind => {
  const { x, seed, ...others } = readNpz(fileOf(bytesOf(golden[kind]), 'given.npz'));
  expect([x.shape, Array.from(x.values)]).toEqual([
    [2, 3],
    [0, 1, 2, 3, 4, 5],
  ]);
  expect([seed.shape, Array.from(seed.values), Object.keys(others)]).toEqual([[], [7], []]);
});

test('archives come back as they were written', () => {
  const arrays = {
    W: ndarray(Float32Array.of(0.5, -1), [1, 2]),
    labels: ndarray(Int32Array.of(3, 1)),
    z: ndarray([NaN]),
  };
  writeNpz(at('own.npz'), arrays);
  expect(readNpz(at('own.npz'))).toEqual(arrays);
});

test.each([
  ['complex', /^readNpy: .*given\.npy: holds values of the type '<c16', but can be b1, .*f8$/],
  ['text', /: holds values of the type '<U1', but can be/],
  ['objects', /: holds values of the type '\|O', but can be/],
  ['fields', /: holds values of the type \[\('a', '<f8'\), \('b', '<i4'\)\], but can be/],
  ['beyond 2^53', /: holds whole numbers beyond 2\^53, which no double has$/],
])('%s is refused', (name, message) => {
  expect(() => readNpy(fileOf(bytesOf(golden.refused[name])))).toThrow(message);
});

test('a file that is cut, goes on, or is something else is refused', () => {
  const whole = bytesOf(golden.cases['<f8 C'].file);
  const reading = (bytes: Buffer) => () => readNpy(fileOf(bytes));
  expect(reading(whole.subarray(0, -1))).toThrow(/: holds 47 bytes of values, but f8 \[2, 3\] takes 48$/);
  expect(reading(Buffer.concat([whole, whole]))).toThrow(/: holds 224 bytes of values, but f8 \[2, 3\] takes 48$/);
  expect(reading(whole.subarray(0, 40))).toThrow(/: ends within its header$/);
  expect(reading(whole.subarray(0, 9))).toThrow(/: ends within its header$/);
  expect(reading(Buffer.from('x,y\n1,2\n'))).toThrow(/: is no \.npy file: it does not begin with \\x93NUMPY$/);
  expect(() => readNpy(at('none.npy'))).toThrow(/^readNpy: cannot read .*none\.npy: ENOENT/);
  expect(() => readNpz(at('given.npy'))).toThrow(/^readNpz: .*given\.npy: cannot be read as an archive: /);
});

test('an archive whose bytes have changed is refused', () => {
  const bytes = bytesOf(golden.archive);
  const value = bytes.indexOf(Buffer.from(Float64Array.of(5).buffer));
  bytes[value + 6] ^= 1;
  expect(() => readNpz(fileOf(bytes, 'given.npz'))).toThrow(/: cannot be read as an archive: .*CRC/);
});

test('what is no array, and a place that is none, are refused', () => {
  expect(() => writeNpy(at('x.npy'), [1, 2] as never)).toThrow(/^writeNpy: .*x\.npy: got no host array; of a tensor/);
  expect(() => writeNpz(at('x.npz'), { W: 1 } as never)).toThrow(/^writeNpz: W: got no host array/);
  expect(() => writeNpz(at('x.npz'), {})).toThrow(/^writeNpz: no arrays for .*x\.npz$/);
  expect(() => writeNpy(at('no/x.npy'), ndarray([1]))).toThrow(/^writeNpy: cannot write .*x\.npy: ENOENT/);
});

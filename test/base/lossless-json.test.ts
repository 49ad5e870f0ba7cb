import { expect, test } from 'vitest';
import { decode, encode, canonicalJson } from '../../src/base/lossless-json';

const again = (value: unknown) => decode(JSON.parse(JSON.stringify(encode('test', 'value', value))));
const bits = (a: ArrayBufferView) => Buffer.from(a.buffer, a.byteOffset, a.byteLength).toString('hex');

test.each<[string, unknown]>([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
  ['0', 0],
  ['1e300', 1e300],
  ['5e-324', 5e-324],
  ['0.1', 0.1],
  ['BigInt', 2n ** 80n],
  ['undefined', undefined],
  ['null', null],
  ['a text', 'NaN'],
  ['lone surrogates and separators', '\ud800\u2028"\n'],
  ['undefined inside', { a: undefined, b: [undefined] }],
  [
    'Map',
    new Map<unknown, unknown>([
      [NaN, { a: -0 }],
      ['k', new Set([1, NaN])],
    ]),
  ],
  ['Date', new Date(12345)],
  ['no date', new Date(NaN)],
  ['the tag itself', { $type: 'number', value: 'NaN', deep: { $type: NaN } }],
  ['__proto__', JSON.parse('{"__proto__": {"a": 1}, "b": 2}')],
  ['lists in lists', [[NaN, 1], [], [[-0]]]],
])('%s comes back as it was', (_, value) => {
  expect(again(value)).toStrictEqual(value);
  if (typeof value === 'number') expect(Object.is(again(value), value)).toBe(true);
});

test('typed arrays keep type and bits, those of NaN too, and stand for their part of a buffer alone', () => {
  const odd = new Float32Array(new Uint32Array([0x7fc12345, 0x80000000, 0x3dcccccd]).buffer);
  const arrays = [
    odd,
    odd.subarray(1, 2),
    Float64Array.of(NaN, -0, 1 / 3),
    Int8Array.of(-1),
    Uint8Array.of(255),
    Uint8ClampedArray.of(7),
    Int16Array.of(-300),
    Uint16Array.of(65535),
    Int32Array.of(-1),
    Uint32Array.of(2 ** 32 - 1),
    BigInt64Array.of(-1n),
    BigUint64Array.of(2n ** 64n - 1n),
    new Float32Array(0),
  ];
  for (const array of arrays) {
    const back = (again({ array }) as { array: typeof array }).array;
    expect(back.constructor).toBe(array.constructor);
    expect(bits(back)).toBe(bits(array));
  }
});

test('ordinary values are ordinary JSON', () => {
  const value = { n: 3, text: 'a', list: [1, 2.5, null, true], nested: { a: {} } };
  expect(JSON.stringify(encode('test', 'value', value))).toBe(JSON.stringify(value));
  expect(JSON.stringify(encode('test', 'value', { loss: NaN }))).toBe('{"loss":{"$type":"number","value":"NaN"}}');
});

class Model {
  weight = 1;
}
const circle: { self?: unknown } = {};
circle.self = [circle];

test.each<[unknown, RegExp]>([
  [{ loss: () => 0 }, /^test: row\.loss is a function, which cannot be stored$/],
  [{ a: [1, { b: Symbol('s') }] }, /^test: row\.a\[1\]\.b is a symbol, which cannot be stored$/],
  [{ net: new Model() }, /^test: row\.net is an object of class Model, which cannot be stored$/],
  [{ bytes: Buffer.from('a') }, /^test: row\.bytes is an object of class Buffer/],
  [{ later: Promise.resolve(1) }, /^test: row\.later is an object of class Promise/],
  [new Map([['k', () => 0]]), /^test: row\[0\]\[1\] is a function/],
  [circle, /^test: row\.self\[0\] is an object that holds itself, which cannot be stored$/],
  [{ list: [1, , 3] }, /^test: row\.list is a list with gaps or named entries/],
  [{ list: Object.assign([1], { mean: 1 }) }, /^test: row\.list is a list with gaps or named entries/],
  [{ a: { [Symbol('hidden')]: 1 } }, /^test: row\.a is an object with the key Symbol\(hidden\)/],
])('what has no value is refused with its path: %#', (value, message) => {
  expect(() => encode('test', 'row', value)).toThrow(message);
  expect(() => canonicalJson('test', 'row', value)).toThrow(message);
});

test('one object in two places is two values', () => {
  const shared = { a: NaN };
  expect(again([shared, shared])).toStrictEqual([{ a: NaN }, { a: NaN }]);
});

test('canonicalJson: the order of keys and entries does not matter, each value does', () => {
  const id = (value: unknown) => canonicalJson('test', 'settings', value);
  expect(id({ a: 1, b: { c: 2, d: 3 } })).toBe(id({ b: { d: 3, c: 2 }, a: 1 }));
  expect(
    id(
      new Map<unknown, unknown>([
        ['a', 1],
        [{ x: 1, y: 2 }, 2],
      ]),
    ),
  ).toBe(
    id(
      new Map<unknown, unknown>([
        [{ y: 2, x: 1 }, 2],
        ['a', 1],
      ]),
    ),
  );
  expect(id(new Set([3, 1, 2]))).toBe(id(new Set([1, 2, 3])));
  const different = [
    NaN,
    Infinity,
    -Infinity,
    null,
    undefined,
    0,
    -0,
    '0',
    0n,
    'NaN',
    [],
    {},
    [0],
    [[0]],
    { k: undefined },
    { k: null },
    { k: NaN },
    new Map(),
    new Set(),
    new Map([['a', 1]]),
    new Map([['a', 2]]),
    new Date(0),
    new Date(1),
    Float32Array.of(0),
    Float64Array.of(0),
    Float32Array.of(-0),
    new Set([0]),
    { $type: 'number', value: 'NaN' },
    true,
    'true',
  ];
  expect(new Set(different.map(id)).size).toBe(different.length);
});

test('a tag that nobody writes is refused', () => {
  expect(() => decode({ $type: 'Function', value: 'x' })).toThrow(
    /^stored value: \$type is "Function", which is none of the known types$/,
  );
});

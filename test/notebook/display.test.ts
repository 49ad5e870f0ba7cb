import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { dataFrame, ndarray, tf } from 'widenet';
import { bundleOf, type MimeBundle } from '../../src/notebook/display';
import { display } from '../../src/notebook/html';

const plain = (value: unknown) => (bundleOf(value) as MimeBundle)['text/plain'];

test('tensors and host arrays: type, shape, smallest, mean and largest value, and the values by their shape', () => {
  expect(
    plain(
      tf.tensor2d(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        [2, 3],
        'int32',
      ),
    ),
  ).toBe('Tensor int32 [2, 3], min 1, mean 3.5, max 6\n[[1, 2, 3],\n [4, 5, 6]]');
  expect(plain(ndarray([0.123456, -1], [1, 2]))).toBe(
    'NdArray float64 [1, 2], min -1, mean -0.4383, max 0.1235\n[[0.1235, -1]]',
  );
  expect(plain(tf.scalar(2))).toBe('Tensor float32 []\n2');
  expect(plain(tf.zeros([0, 3]))).toBe('Tensor float32 [0, 3], empty');
  expect(plain(tf.tensor(['a', 'b']))).toBe('Tensor string [2]\n[a, b]');
});

test('what is not finite is counted and left out of the statistics', () => {
  expect(plain(ndarray([1, NaN, Infinity, 3]))).toBe(
    'NdArray float64 [4], min 1, mean 2, max 3, 2 not finite\n[1, NaN, Infinity, 3]',
  );
  expect(plain(ndarray([NaN, NaN]))).toBe('NdArray float64 [2], 2 not finite\n[NaN, NaN]');
});

test('a million values are summarised, alone and inside objects', () => {
  const values = ndarray(Float64Array.from({ length: 1_000_000 }, (_, i) => i));
  expect(plain(values)).toBe(
    'NdArray float64 [1000000], min 0, mean 500000, max 999999\n[0, 1, 2, 3, 4, 5, 6, 7, ...]',
  );
  expect(plain({ state: { w: values }, rows: [1] })).toBe(
    '{\n  state: { w: NdArray float64 [1000000], min 0, mean 500000, max 999999 },\n  rows: [ 1 ]\n}',
  );
  expect((plain(Array.from({ length: 100_000 }, () => 'x'.repeat(99))) as string).length).toBeLessThan(20_000);
});

test('displaying makes no tensor, and a disposed one says so', () => {
  const t = tf.ones([3]);
  const before = tf.memory().numTensors;
  plain(t);
  expect(tf.memory().numTensors).toBe(before);
  t.dispose();
  expect(plain(t)).toBe('Tensor float32 [3], disposed');
});

test('data frames and series are tables, escaped, long ones cut in the middle', () => {
  const rows = Array.from({ length: 100 }, (_, i) => ({ n: i, name: '<b>' }));
  const { 'text/html': html, 'text/plain': text } = bundleOf(dataFrame(rows)) as Record<string, string>;
  expect(html).toContain('&lt;b&gt;');
  expect(html).not.toContain('<b>');
  expect(html.match(/<tr>/g)).toHaveLength(1 + 61);
  expect(text).toMatch(/29 +29 +<b>\n\.\.\. +\.\.\. +\.\.\.\n70 +70/);
  expect(text).toMatch(/100 rows x 2 columns$/);
  expect((bundleOf(dataFrame(rows).column('n')) as MimeBundle)['text/plain']).toMatch(/100 values$/);
});

test('a data frame shows four digits in every column', () => {
  const row = { a: 0.123456, b: 0.123456, c: 123456.789, d: 1.5 };
  const { 'text/plain': text } = bundleOf(dataFrame([row, row])) as Record<string, string>;
  expect(text.split('\n')[2]).toMatch(/^0 +0\.1235 +0\.1235 +123500 +1\.5$/);
});

test('what displays itself does, promised or not, and always has a text', async () => {
  const own = (bundle: unknown) => ({ [Symbol.for('Jupyter.display')]: () => bundle });
  expect(bundleOf(own({ 'text/html': 'h', 'text/plain': 't' }))).toEqual({ 'text/html': 'h', 'text/plain': 't' });
  expect(await bundleOf(own(Promise.resolve({ 'text/html': 'h' })))).toEqual({
    'text/html': 'h',
    'text/plain': '<text/html>',
  });
});

const asNode = (value: unknown) => inspect(value, { depth: 4, maxArrayLength: 100 });

test('everything else is as Node prints it', () => {
  class Point {
    x = -0;
    #hidden = 1;
    read = () => this.#hidden;
  }
  const cyclic: Record<PropertyKey, unknown> = { f() {}, [Symbol('key')]: [new Map([[1, { a: 2n }]])] };
  cyclic.self = { inside: [cyclic] };
  const values = [
    cyclic,
    'text',
    "it's",
    null,
    -0,
    [1, , 3],
    [-0, NaN],
    Object.assign([1], { extra: true }),
    new Point(),
    Point,
    Object.create(null),
    Object.create({ inherited: 1 }),
    Object.defineProperty({ shown: 1 }, 'hidden', { value: 2 }),
    new Set([[1], { a: 1 }]),
    new Map([[{ a: 1 }, new Map()]]),
    new Date(0),
    /x/g,
    Symbol('s'),
    Math.max,
    class extends Point {},
    Promise.resolve({ a: 1 }),
    new WeakMap(),
    new ArrayBuffer(2),
    Buffer.from('ab'),
    { deep: { deep: { deep: { deep: { deep: { deep: 1 } } } } } },
    Array.from({ length: 200 }, (_, i) => i),
    new Error('as a value'),
  ];
  for (const value of values) expect(plain(value)).toBe(asNode(value));
});

test('a value runs no code when it is displayed', () => {
  let calls = 0;
  const trap = (): never => {
    calls++;
    throw new Error('the value ran');
  };
  const traps = new Proxy({}, { get: trap });
  const getter = (key: PropertyKey, target = {}) =>
    Object.defineProperty(target, key, { get: trap, enumerable: true, configurable: true });
  class List extends Array {
    static override get [Symbol.species](): ArrayConstructor {
      return trap();
    }
    override slice = trap;
  }
  const tensor = { shape: [1], dtype: 'float32', dataSync: trap };
  const frame = () => ({ $isSeries: true, $columns: [], $index: [] });
  const values = [
    new Proxy({ a: 1 }, traps),
    new Proxy([1], traps),
    new Proxy(() => {}, traps),
    { inner: [new Proxy({ a: 1 }, traps)] },
    ...['then', 'constructor', 'shape', 'values', 'dtype', 'toString', 'toJSON', '$isSeries', 0].map(key =>
      getter(key),
    ),
    getter('values', { shape: [1] }),
    getter('dataSync', { shape: [1], dtype: 'float32' }),
    getter('shape', frame()),
    { toString: trap, valueOf: trap, toJSON: trap, [Symbol.toPrimitive]: trap },
    tensor,
    { inner: tensor },
    { ...frame(), shape: [1], values: { map: trap } },
    { shape: new Proxy([1], traps), values: new Float64Array(1) },
    { shape: [1], values: new Proxy(new Float64Array(1), traps) },
    List.from([1, 2]),
    new Map([[{ key: getter('x') }, getter('y')]]),
    new Set([getter('x')]),
  ];
  for (const value of values) {
    expect(plain(value)).toBe(asNode(value));
    expect(calls).toBe(0);
  }
  expect(plain(getter('constructor', { shape: [1], values: Float64Array.of(2) }))).toMatch(/^NdArray float64 \[1]/);
  expect(plain({ inner: getter('constructor', { shape: [1], values: Float64Array.of(2) }) })).toMatch(/\[Getter]/);
  expect(calls).toBe(0);
});

test('what an author says of a value is asked: its display, also as a getter, and its text', () => {
  const bundle = { 'text/plain': 'own' };
  class Own {
    [display] = () => bundle;
  }
  class Got {
    get [display]() {
      return () => bundle;
    }
  }
  expect([bundleOf(new Own()), bundleOf(new Got())]).toEqual([bundle, bundle]);
  expect(plain({ [inspect.custom]: () => 'said' })).toBe('said');
});

test('tensors and host arrays are in short wherever they are, and are as before afterwards', () => {
  class Layer {
    w = tf.ones([2]);
    state = new Map<string, unknown>([['b', ndarray([1, 2])]]);
  }
  const layer = new Layer();
  const key = Symbol('key');
  const circular: Record<PropertyKey, unknown> = { layer, [key]: new Set([layer.w]) };
  circular.self = circular;
  const before = Reflect.ownKeys(layer.w);
  expect(plain(circular)).toBe(
    [
      '<ref *1> {',
      '  layer: Layer {',
      '    w: Tensor float32 [2], min 1, mean 1, max 1,',
      "    state: Map(1) { 'b' => NdArray float64 [2], min 1, mean 1.5, max 2 }",
      '  },',
      '  self: [Circular *1],',
      // Node.js 26 writes it without brackets.
      `  ${inspect({ [Symbol('key')]: 0 }).slice(2, -5)}: Set(1) { Tensor float32 [2], min 1, mean 1, max 1 }`,
      '}',
    ].join('\n'),
  );
  expect(Reflect.ownKeys(layer.w)).toEqual(before);
  const array = Object.freeze(ndarray([1, 2]));
  expect(plain({ array })).toBe(asNode({ array }));
});

test('a long text is cut, and says by how much', () => {
  expect(plain('x'.repeat(20_000))).toBe(`'${'x'.repeat(10_000)}'... 10000 more characters`);
  const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`key${i}`, i]));
  expect(plain(many)).toMatch(/\n\.\.\. \d+ more characters$/);
  expect(plain(many)).toHaveLength(100_000 + (/\n\.\.\..*$/.exec(plain(many) as string)?.[0].length ?? 0));
});

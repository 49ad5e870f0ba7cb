import { expect, test } from 'vitest';
import { dataFrame, ndarray, tf } from 'widenet';
import { bundleOf, type MimeBundle } from '../../src/notebook/display';

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

test('what displays itself does, promised or not, and always has a text', async () => {
  const own = (bundle: unknown) => ({ [Symbol.for('Jupyter.display')]: () => bundle });
  expect(bundleOf(own({ 'text/html': 'h', 'text/plain': 't' }))).toEqual({ 'text/html': 'h', 'text/plain': 't' });
  expect(await bundleOf(own(Promise.resolve({ 'text/html': 'h' })))).toEqual({
    'text/html': 'h',
    'text/plain': '<text/html>',
  });
});

test('everything else is as Node prints it, cycles and methods included', () => {
  const cyclic: Record<string, unknown> = { f() {} };
  cyclic.self = cyclic;
  expect(plain(cyclic)).toMatch(/f: \[Function: f\]/);
  expect(plain('text')).toBe("'text'");
  expect(plain(null)).toBe('null');
  expect(plain(new Map([[1, { a: 2n }]]))).toBe('Map(1) { 1 => { a: 2n } }');
});

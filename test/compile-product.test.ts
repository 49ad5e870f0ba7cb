import { expect, test } from 'vitest';
import { productCall } from '../src/compile/product';
import { AT, DT } from '../src/compile/native';
import { compile, random, tf } from 'widenet';

type Case = [shapeA: number[], shapeB: number[], ta: boolean, tb: boolean];

const cases: Case[] = [
  [[70, 1001], [1001, 130], false, false],
  [[70, 1001], [130, 1001], false, true],
  [[1001, 70], [1001, 130], true, false],
  [[1001, 70], [130, 1001], true, true],
  [[1001, 90], [90, 101], false, false],
  [[3, 70, 1001], [3, 130, 1001], false, true],
  [[2, 2, 500, 129], [2, 2, 500, 130], true, false],
];

const attributes = (dtype: number, ta = false, tb = false) =>
  [{ name: 'T', type: AT.type, value: dtype }, { name: 'adj_x', type: AT.bool, value: ta }, { name: 'adj_y', type: AT.bool, value: tb }];
const given = (shape: number[], stream: string) => random.normal(shape, { seed: 1, stream });

/** Products in double precision, entry by entry. */
function byHand([shapeA, shapeB, ta, tb]: Case, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const [ra, ca] = shapeA.slice(-2), [rb, cb] = shapeB.slice(-2);
  const [m, k] = ta ? [ca, ra] : [ra, ca], n = tb ? rb : cb;
  const count = a.length / (m * k);
  const c = new Float64Array(count * m * n);
  for (let item = 0; item < count; item++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) sum += a[item * m * k + (ta ? l * ca + i : i * ca + l)] * b[item * k * n + (tb ? j * cb + l : l * cb + j)];
        c[item * m * n + i * n + j] = sum;
      }
  return c;
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

function productOf([shapeA, shapeB, ta, tb]: Case, options: { dtype: 'float32' | 'float64'; threads?: number }) {
  const a = given(shapeA, 'a'), b = given(shapeB, 'b');
  const zeros = tf.matMul(tf.zeros(shapeA), tf.zeros(shapeB), ta, tb);
  const run = compile(({ a, b }: { a: tf.Tensor; b: tf.Tensor; c: tf.Tensor }) => ({ a, b, c: tf.matMul(a, b, ta, tb) }), { ...options, mode: 'xla' });
  return { a, b, c: run({ a, b, c: zeros }).then(({ c }) => c.values) };
}

test.each(cases)('%j x %j, transposed %s %s: OpenBLAS computes it, to rounding, in both types', async (...one) => {
  const [shapeA, shapeB, ta, tb] = one;
  for (const [dtype, type, tolerance] of [['float64', DT.double, 1e-11], ['float32', DT.float, 1e-3]] as const) {
    expect(productCall('BatchMatMulV2', attributes(type, ta, tb), [shapeA, shapeB])?.type).toBe('XlaCallModule');
    const { a, b, c } = productOf(one, { dtype });
    expect(largest(byHand(one, a.values, b.values), await c)).toBeLessThan(tolerance);
  }
});

test.each(['float32', 'float64'] as const)('%s: the number of threads changes no bit', async dtype => {
  const [one, two] = await Promise.all([1, 2].map(threads => productOf(cases[1], { dtype, threads }).c));
  expect(one).toEqual(two);
});

test('what is not a number reaches its row, and no other', async () => {
  const a = given([100, 100], 'a'), b = { shape: [100, 100], values: new Float64Array(1e4) };
  a.values[205] = NaN;
  const run = compile(({ c }: { c: tf.Tensor }, { a, b }: { a: tf.Tensor; b: tf.Tensor }) => ({ c: c.add(tf.matMul(a, b)) }), { dtype: 'float64', mode: 'xla' });
  const { c } = await run({ c: b }, { data: { a, b } });
  expect(Array.from(c.values.keys()).filter(i => Number.isNaN(c.values[i]))).toEqual(Array.from({ length: 100 }, (_, j) => 200 + j));
});

test.each<[string, number, number[], number[]]>([
  ['small in float32', DT.float, [100, 100], [100, 100]],
  ['narrow in float32', DT.float, [10000, 1000], [1000, 8]],
  ['small in float64', DT.double, [30, 30], [30, 30]],
  ['a matrix by a vector', DT.double, [1000, 1000], [1000, 1]],
  ['one matrix for many', DT.double, [5, 100, 100], [1, 100, 100]],
  ['of no matrices', DT.double, [0, 100, 100], [0, 100, 100]],
  ['of whole numbers', DT.int32, [1000, 1000], [1000, 1000]],
])('XLA computes what is %s itself', (_, dtype, a, b) => {
  expect(productCall('BatchMatMulV2', attributes(dtype), [a, b])).toBeUndefined();
});

import { expect, test } from 'vitest';
import { eigenvalues } from '../src/linalg';
import { type NdArray, ndarray } from '../src/ndarray';
import { normal } from '../src/random';

const matrix = (n: number, entry: (i: number, j: number) => number): NdArray =>
  ndarray(Array.from({ length: n * n }, (_, k) => entry(Math.floor(k / n), k % n)), [n, n]);

function expectClose(measured: Float64Array, expected: number[], tolerance: number): void {
  expect(measured.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(measured[i] - value)).toBeLessThan(tolerance));
}

test('the path graph: 2 - 2 cos(k pi / (n + 1))', () => {
  const n = 40;
  const laplacian = matrix(n, (i, j) => i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0);
  expectClose(eigenvalues(laplacian), Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos((k + 1) * Math.PI / (n + 1))), 1e-13);
});

test('entries min(i, j): 1 / (2 - 2 cos((2k - 1) pi / (2n + 1)))', () => {
  const n = 12;
  const expected = Array.from({ length: n }, (_, k) => 0.5 / (1 - Math.cos((2 * k + 1) * Math.PI / (2 * n + 1)))).sort((a, b) => a - b);
  expectClose(eigenvalues(matrix(n, (i, j) => Math.min(i, j) + 1)), expected, 1e-12 * 60);
});

test('a reflected diagonal keeps its spectrum, repeated and zero values included', () => {
  const spectrum = [-3, -3, 0, 0, 0, 1e-6, 2, 7];
  const n = spectrum.length;
  const v = normal([n], { seed: 1, stream: 'reflection' }).values;
  const squared = v.reduce((sum: number, x: number) => sum + x * x, 0);
  const h = (i: number, j: number) => (i === j ? 1 : 0) - 2 * v[i] * v[j] / squared;
  const a = matrix(n, (i, j) => spectrum.reduce((sum, value, k) => sum + h(i, k) * value * h(k, j), 0));
  expectClose(eigenvalues(a), spectrum, 1e-14 * 20);
});

test('trace, and the squared Frobenius norm, of a Gram matrix of rank 5', () => {
  const [n, d] = [30, 5];
  const x = normal([n, d], { seed: 2, stream: 'gram' }).values;
  const gram = matrix(n, (i, j) => Array.from({ length: d }, (_, k) => x[i * d + k] * x[j * d + k]).reduce((s, t) => s + t, 0));
  const values = eigenvalues(gram);
  const sum = (list: ArrayLike<number>) => Array.from(list).reduce((s, t) => s + t, 0);
  expect(sum(values)).toBeCloseTo(sum(Array.from({ length: n }, (_, i) => gram.values[i * n + i])), 10);
  expect(sum(values.map(t => t * t))).toBeCloseTo(sum((gram.values as Float64Array).map(t => t * t)), 8);
  expect(values.slice(0, n - d).every(t => Math.abs(t) < 1e-12)).toBe(true);
  expect(values[n - d]).toBeGreaterThan(1);
});

test('one number, and zero', () => {
  expectClose(eigenvalues(ndarray([-4], [1, 1])), [-4], 1e-15);
  expectClose(eigenvalues(ndarray([0, 0, 0, 0], [2, 2])), [0, 0], 1e-300);
});

test('refusals', () => {
  expect(() => eigenvalues(ndarray([1, 2, 3], [3]))).toThrow(/^eigenvalues: a is \[3\] but must be square/);
  expect(() => eigenvalues(ndarray([1, 2, 3, 4, 5, 6], [2, 3]))).toThrow(/a is \[2,3\] but must be square/);
  expect(() => eigenvalues(ndarray([1, 2, 3, 4], [2, 2]))).toThrow(/a\[1,0\] is 3 but a\[0,1\] is 2; a must be symmetric/);
  expect(() => eigenvalues(ndarray([1, 2, 2, NaN], [2, 2]))).toThrow(/not finite/);
});

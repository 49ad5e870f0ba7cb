import { expect, test } from 'vitest';
import { gaussian } from '../../src/math/data';
import { eigenvalues } from '../../src/math/eigen';
import { gram } from '../../src/math/kernels';
import { ndarray } from '../../src/base/ndarray';

const symmetric = (n: number, entry: (i: number, j: number) => number) =>
  ndarray(
    Array.from({ length: n * n }, (_, ij) => entry(Math.floor(ij / n), ij % n)),
    [n, n],
  );

test('the second difference matrix has eigenvalues 4 sin^2(pi k / 2(n + 1))', async () => {
  const n = 40;
  const found = await eigenvalues(symmetric(n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)));
  found.forEach((value, k) => expect(value).toBeCloseTo(4 * Math.sin((Math.PI * (k + 1)) / (2 * (n + 1))) ** 2, 13));
});

test('a diagonal matrix, a rank-one matrix, one entry', async () => {
  expect(Array.from(await eigenvalues(symmetric(4, (i, j) => (i === j ? [3, -1, 0, 2][i] : 0))))).toEqual([
    -1, 0, 2, 3,
  ]);
  const rankOne = await eigenvalues(symmetric(6, (i, j) => (i + 1) * (j + 1)));
  expect(rankOne[5]).toBeCloseTo(91, 11);
  rankOne.subarray(0, 5).forEach(value => expect(Math.abs(value)).toBeLessThan(1e-12));
  expect(Array.from(await eigenvalues(ndarray([-7], [1, 1])))).toEqual([-7]);
});

test('a dense matrix: power sums of the eigenvalues are traces of the matrix powers', async () => {
  const n = 33;
  const { values: g } = gaussian({ n, d: n, seed: 5 });
  const A = symmetric(n, (i, j) => g[i * n + j] + g[j * n + i]);
  const found = await eigenvalues(A);
  const power = (k: number) => found.reduce((sum, value) => sum + value ** k, 0);
  const at = (i: number, j: number) => A.values[i * n + j];
  let [trace, squares, cubes] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    trace += at(i, i);
    for (let j = 0; j < n; j++) {
      squares += at(i, j) ** 2;
      for (let k = 0; k < n; k++) cubes += at(i, j) * at(j, k) * at(k, i);
    }
  }
  expect(power(1)).toBeCloseTo(trace, 10);
  expect(power(2) / squares).toBeCloseTo(1, 12);
  expect(Math.abs(power(3) - cubes)).toBeLessThan(1e-12 * found.reduce((sum, value) => sum + Math.abs(value) ** 3, 0));
});

test('a Gram matrix of n rows in d < n dimensions has n - d eigenvalues of zero, to rounding', async () => {
  const found = await eigenvalues(gram(gaussian({ n: 32, d: 8, seed: 1 })));
  found.subarray(0, 24).forEach(value => expect(Math.abs(value)).toBeLessThan(1e-13));
  expect(found[24]).toBeGreaterThan(0.1);
});

test('what is not a finite symmetric matrix is refused', async () => {
  await expect(eigenvalues(ndarray([1, 2], [1, 2]))).rejects.toThrow(/eigenvalues: A is \[1,2\] but must be square/);
  await expect(eigenvalues(ndarray([1, 2, 3, 4], [2, 2]))).rejects.toThrow(/A\[1,0\] is 3 but A\[0,1\] is 2/);
  await expect(eigenvalues(ndarray([NaN], [1, 1]))).rejects.toThrow(/A has an entry that is NaN but must be finite/);
});

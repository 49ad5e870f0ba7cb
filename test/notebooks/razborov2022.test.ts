import { expect, test } from 'vitest';
import { eigenvalues, gram, random } from 'widenet';
import { runCells } from '../support/notebook-cells';

const { tangentKernel } = runCells('razborov2022', ['model', 'kernel'], ['tangentKernel']);
const { bottomVector } = runCells('razborov2022', ['labels'], ['bottomVector'], {
  n: 6,
  double: { dtype: 'float64', threads: 1 },
});

const [n, d, m] = [6, 3, 4];
const normal = (shape: number[], stream: string) => random.normal(shape, { seed: 1, stream });
const [X, other] = [normal([n, d], 'X'), normal([2, d], 'other')];
const net = { W: normal([m, d], 'W'), z: normal([m], 'z') };

/** alpha sum_k z_k^2 1_k(x) 1_k(x') <x, x'> / d + beta / m sum_k h_k(x) h_k(x'), by loops. */
function direct(i: number, j: number, alpha: number, beta: number): number {
  const row = (A: { values: ArrayLike<number> }, k: number) => Array.from({ length: d }, (_, l) => A.values[k * d + l]);
  const dot = (u: number[], v: number[]) => u.reduce((sum, x, l) => sum + x * v[l], 0);
  const [x, y] = [row(X, i), row(other, j)];
  const terms = Array.from({ length: m }, (_, k) => {
    const [h, g] = [dot(row(net.W, k), x), dot(row(net.W, k), y)];
    return h > 0 && g > 0 ? (alpha * net.z.values[k] ** 2 * dot(x, y)) / d + (beta * h * g) / m : 0;
  });
  return terms.reduce((sum, term) => sum + term, 0);
}

test.each([
  [0, 1, 0],
  [0.25, 1, 0.25],
  [Infinity, 0, 1],
])('the tangent kernel between two sets of inputs is the sum over neurons, rho = %s', (rho, alpha, beta) => {
  const K = tangentKernel(net, X, rho, other);
  expect(K.shape).toEqual([n, 2]);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < 2; j++) expect(K.values[2 * i + j]).toBeCloseTo(direct(i, j, alpha, beta), 5);
});

test('the worst labels are the eigenvector of the smallest eigenvalue', async () => {
  const A = gram(normal([n, 2 * n], 'A'));
  const [least] = await eigenvalues(A);
  const v: Float64Array = (await bottomVector(A, 0)).values;
  expect(Math.hypot(...v)).toBeCloseTo(1, 10);
  const Av = Array.from(v, (_, i) => v.reduce((sum, x, j) => sum + A.values[i * n + j] * x, 0));
  Av.forEach((x, i) => expect(x).toBeCloseTo(least * v[i], 8));
});

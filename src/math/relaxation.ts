/** How fast a density relaxes to its equilibrium: the slope in which every log plot of the distance must end. */
import { fail, knownOptions, matrixShape, positive, sameShape } from '../base/check';
import { bernoulli, gibbs } from './finite-volume';
import type { NdArray } from '../base/ndarray';
import * as random from '../base/random';
import { sum } from './statistics';

/** The flow whose relaxation is asked for. */
export interface Linearised {
  /** The temperature. */
  beta: number;
  /** The width of a cell. */
  spacing: number;
  /** phi [n, rows, columns]: the potential follows the density, by sum_i phi_i <phi_i, delta p>. Default: it stays. */
  features?: NdArray;
  /** Only perturbations that are even or odd under the reflection of both axes (psi must be even); default all. */
  sector?: 'even' | 'odd';
}

/**
 * The smallest rate lambda > 0 of the linearised flow d delta / dt = -K (delta / p + sum_i phi_i <phi_i, delta> / beta)
 * around p ~ exp(-psi / beta), where K is minus the Scharfetter-Gummel divergence of p grad (finite-volume.ts).
 * Perturbations decay as exp(-lambda t), the free-energy gap as exp(-2 lambda t). Without features it is beta times the
 * Poincare constant of p. Self-adjoint, so: inverse iteration, by a banded Cholesky factor of K, to 1e-9 of lambda.
 * Shapes: psi [rows, columns]. Errors: shapes that differ, 1000 iterations without convergence.
 *
 * @example
 * relaxationRate(ndarray([0, 0], [1, 2]), { beta: 1, spacing: 1 }) // -> 2.000
 */
export function relaxationRate(psi: NdArray, options: Linearised): number {
  const where = 'relaxationRate';
  knownOptions(where, options, ['beta', 'spacing', 'features', 'sector']);
  const { beta, spacing, features, sector } = options;
  const [, columns] = matrixShape(where, 'psi', psi.shape);
  if (features) sameShape(where, 'psi', psi.shape, 'a feature', features.shape.slice(1));
  positive(where, 'spacing', spacing);
  const p = gibbs(psi, beta).values;
  const size = p.length;
  const divergence = factor(conductance(psi, p, beta, spacing), columns);
  const respond = response(p, beta, features);
  const response1 = respond(new Float64Array(size).fill(1));
  const mass1 = sum(response1);
  let mu = random.normal([size], { seed: 0, stream: 'relaxation' }).values;
  for (let iteration = 0, last = Infinity; iteration < 1000; iteration++) {
    const reflected =
      sector === undefined ? mu : mu.map((v, i) => (v + (sector === 'even' ? 1 : -1) * mu[size - 1 - i]) / 2);
    const shift = dot(response1, reflected) / mass1;
    const potential = reflected.map(v => v - shift);
    const density = respond(potential);
    mu = solve(divergence, columns, density);
    const rate = dot(potential, density) / dot(mu, density);
    if (Math.abs(rate - last) <= 1e-9 * rate) return rate;
    last = rate;
    const scale = 1 / Math.sqrt(dot(mu, density));
    mu = mu.map(v => v * scale);
  }
  return fail(where, 'inverse iteration has not converged in 1000 iterations');
}

/**
 * The lower band of K, (K mu)_a = sum_b w_ab (mu_a - mu_b) over neighbours with w_ab = (beta / h^2) p_a B(z_ab) = w_ba.
 * The likeliest cell is grounded by a unit on its diagonal: K mu = f with sum f = 0 then has a solution, 0 there.
 */
function conductance({ shape: [, columns], values: psi }: NdArray, p: Float64Array, beta: number, spacing: number) {
  const width = columns + 1;
  const band = new Float64Array(p.length * width);
  const connect = (a: number, b: number) => {
    const w = (beta / spacing ** 2) * p[a] * bernoulli((psi[b] - psi[a]) / beta);
    band[a * width + columns] += w;
    band[b * width + columns] += w;
    band[b * width + columns + a - b] -= w;
  };
  for (let b = 0; b < p.length; b++) {
    if (b >= columns) connect(b - columns, b);
    if (b % columns > 0) connect(b - 1, b);
  }
  const likeliest = p.indexOf(p.reduce((max, v) => Math.max(max, v), 0));
  band[likeliest * width + columns] += 1;
  return band;
}

/** The density delta with delta / p + sum_i phi_i <phi_i, delta> / beta = mu, a potential (n x n by Woodbury). */
function response(p: Float64Array, beta: number, features?: NdArray): (mu: Float64Array) => Float64Array {
  if (!features) return mu => mu.map((v, i) => p[i] * v);
  const n = features.shape[0];
  const phi = Array.from({ length: n }, (_, i) =>
    Float64Array.from(features.values.subarray(i * p.length, (i + 1) * p.length)),
  );
  const weighted = phi.map(row => row.map((v, k) => v * p[k]));
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) gram[i * n + j + n - 1 - i] = dot(phi[i], weighted[j]) + (i === j ? beta : 0);
  const inner = factor(gram, n - 1);
  return mu => {
    const products = Float64Array.from(weighted, row => dot(row, mu));
    const answer = solve(inner, n - 1, products);
    return mu.map((v, k) => p[k] * v - weighted.reduce((s, row, i) => s + row[k] * answer[i], 0));
  };
}

/**
 * The Cholesky factor L of a positive definite matrix given by its lower band: a_ij at i (width + 1) + width + j - i.
 */
function factor(band: Float64Array, width: number): Float64Array {
  const l = Float64Array.from(band);
  const row = width + 1;
  const size = l.length / row;
  for (let i = 0; i < size; i++)
    for (let j = Math.max(0, i - width); j <= i; j++) {
      const at = i * row + width - i;
      const other = j * row + width - j;
      let value = l[at + j];
      for (let k = Math.max(0, i - width); k < j; k++) value -= l[at + k] * l[other + k];
      l[at + j] = i === j ? Math.sqrt(value) : value / l[other + j];
    }
  return l;
}

/** The x with L L^T x = b. */
function solve(l: Float64Array, width: number, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  const row = width + 1;
  const size = x.length;
  for (let i = 0; i < size; i++) {
    for (let j = Math.max(0, i - width); j < i; j++) x[i] -= l[i * row + width + j - i] * x[j];
    x[i] /= l[i * row + width];
  }
  for (let i = size - 1; i >= 0; i--) {
    x[i] /= l[i * row + width];
    for (let j = Math.max(0, i - width); j < i; j++) x[j] -= l[i * row + width + j - i] * x[i];
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

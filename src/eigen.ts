/** Eigenvalues of symmetric matrices on the host, in double: small ones (a Gram matrix of deficient rank) need every digit. */
import { fail } from './check';
import type { NdArray } from './ndarray';

/**
 * All eigenvalues of a symmetric matrix A [n, n], ascending; absolute error of a few ulps of the largest.
 * Householder reduction to tridiagonal form, then implicit QL (Golub and Van Loan, Matrix Computations, 8.3).
 * Refuses a matrix that is not square, not finite, or not symmetric to 1e-6 of its largest entry; reads the lower triangle.
 */
export function eigenvalues(A: NdArray): Float64Array {
  const n = A.shape[0];
  if (A.shape.length !== 2 || A.shape[1] !== n || n === 0) fail('eigenvalues', `A is [${A.shape}] but must be a square matrix`);
  const a = Float64Array.from(A.values);
  const largest = a.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  if (!Number.isFinite(largest)) fail('eigenvalues', 'A has an entry that is not finite');
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++)
      if (Math.abs(a[i * n + j] - a[j * n + i]) > 1e-6 * largest)
        fail('eigenvalues', `A[${i},${j}] is ${a[i * n + j]} but A[${j},${i}] is ${a[j * n + i]}; A must be symmetric`);
  const { diagonal, off } = tridiagonal(a, n);
  return implicitQl(diagonal, off).sort();
}

/** The tridiagonal matrix similar to the symmetric a (lower triangle read, overwritten): off[i] couples i and i + 1. */
function tridiagonal(a: Float64Array, n: number): { diagonal: Float64Array; off: Float64Array } {
  const diagonal = new Float64Array(n);
  const off = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    diagonal[k] = a[k * n + k];
    if (k === n - 1) break;
    let norm = 0;
    for (let i = k + 1; i < n; i++) norm = Math.hypot(norm, a[i * n + k]);
    off[k] = norm;
    if (norm === 0) continue;
    // v = x -+ |x| e_1 in place of column k; then B <- B - v q' - q v' with q = p - (v'p / 2 beta) v, p = B v / beta.
    if (a[(k + 1) * n + k] > 0) off[k] = -norm;
    a[(k + 1) * n + k] -= off[k];
    const beta = -off[k] * a[(k + 1) * n + k];
    const v = (i: number) => a[i * n + k];
    let vp = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += (j <= i ? a[i * n + j] : a[j * n + i]) * v(j);
      p[i] = sum / beta;
      vp += v(i) * p[i];
    }
    for (let i = k + 1; i < n; i++) p[i] -= (vp / (2 * beta)) * v(i);
    for (let i = k + 1; i < n; i++)
      for (let j = k + 1; j <= i; j++) a[i * n + j] -= v(i) * p[j] + p[i] * v(j);
  }
  return { diagonal, off };
}

/** Eigenvalues of a symmetric tridiagonal matrix, in place: Givens rotations chase the bulge of each Wilkinson-shifted sweep. */
function implicitQl(d: Float64Array, e: Float64Array): Float64Array {
  const n = d.length;
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) m++;
      if (m === l) break;
      if (sweep === 60) fail('eigenvalues', `eigenvalue ${l} of ${n} did not converge in ${sweep} sweeps`);
      const half = (d[l + 1] - d[l]) / (2 * e[l]);
      let g = d[m] - d[l] + e[l] / (half + (half < 0 ? -1 : 1) * Math.hypot(half, 1));
      let s = 1;
      let c = 1;
      let shift = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        const r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= shift;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - shift;
        const t = (d[i] - g) * s + 2 * c * b;
        shift = s * t;
        d[i + 1] = g + shift;
        g = c * t - b;
      }
      if (i >= l) {
        e[m] = 0;
        continue;
      }
      d[l] -= shift;
      e[l] = g;
      e[m] = 0;
    }
  }
  return d;
}

/** Weighted ultra-fast diffusion on the circle: the limit of variable projection as its ridge penalty vanishes. */
import { fail, positive, sameShape, wholeNumber } from '../base/check';
import { type NdArray, ndarray } from '../base/ndarray';
import { sum } from './statistics';

/**
 * The centres of `count` equal cells of the circle [-pi, pi), in radians: -pi + (i + 1/2) 2 pi / count. Errors: a count
 * that is not a whole number >= 1.
 *
 * @example
 * circleGrid(4) // -> [-2.356, -0.785, 0.785, 2.356]
 */
export function circleGrid(count: number): Float64Array {
  wholeNumber('circleGrid', 'count', count);
  return Float64Array.from({ length: count }, (_, i) => -Math.PI + ((i + 0.5) * 2 * Math.PI) / count);
}

/**
 * chi2(target | density) / 2 = (integral of target^2 / density - 1) / 2, for densities at the points of `circleGrid`.
 * Errors: lengths that differ.
 *
 * @example
 * const uniform = circleGrid(4).map(() => 1 / (2 * Math.PI));
 * halfChiSquared(uniform, uniform) // -> 0.000
 */
export function halfChiSquared(target: ArrayLike<number>, density: ArrayLike<number>): number {
  sameShape('halfChiSquared', 'target', [target.length], 'density', [density.length]);
  const cell = (2 * Math.PI) / target.length;
  return (sum(Array.from(target, (t, i) => (t * t) / density[i])) * cell - 1) / 2;
}

/**
 * The flow  d f / dt = -div(f* grad(f* / f)) = -1/2 div(f grad (f* / f)^2)  from the uniform density to the target f*.
 *
 * Finite volumes on `circleGrid`: with r = f* / f, the flux through the face between cells i and i+1 is
 * (f*_i + f*_{i+1}) / 2 (r_{i+1} - r_i) / h. It keeps the mass, min r and max r, and lets halfChiSquared fall.
 * Explicit Euler with dt = 0.4 h^2 / max(r)^2, below the bound 0.5 of the linearised flow, whose diffusivity is r^2.
 *
 * target: values of f* > 0 at the grid, mass 1. times: ascending, >= 0.  Returns densities [times, grid].
 * Source: Barboni, Peyre, Vialard 2025 (arXiv 2504.18208); Iacobelli, Patacchini, Santambrogio 2019.
 * Errors: a target that is not positive or not of mass 1, times that do not ascend.
 *
 * @example
 * const target = circleGrid(64).map(angle => (1 + Math.cos(angle) / 2) / (2 * Math.PI));
 * const densities = ultraFastDiffusion(target, [0, 10]); // [times, grid]
 * halfChiSquared(target, densities.values.slice(64)) // -> 0.0000
 */
export function ultraFastDiffusion(target: ArrayLike<number>, times: readonly number[]): NdArray<Float64Array> {
  const where = 'ultraFastDiffusion';
  const count = target.length;
  const h = (2 * Math.PI) / count;
  Array.from(target).forEach((value, i) => positive(where, `target[${i}]`, value));
  const mass = sum(target) * h;
  if (Math.abs(mass - 1) > 1e-6) fail(where, `the mass of the target is ${mass} but must be 1`);
  times.forEach((t, k) => {
    if (!(t >= (k ? times[k - 1] : 0))) fail(where, `times[${k}] is ${t} but times must ascend from 0`);
  });

  const face = Float64Array.from(target, (value, i) => (value + target[(i + 1) % count]) / 2);
  const f = new Float64Array(count).fill(1 / (2 * Math.PI));
  const r = new Float64Array(count);
  const densities = new Float64Array(times.length * count);
  let t = 0;
  times.forEach((end, k) => {
    while (t < end) {
      let largest = 0;
      for (let i = 0; i < count; i++) {
        r[i] = target[i] / f[i];
        if (r[i] > largest) largest = r[i];
      }
      const dt = Math.min((0.4 * h * h) / (largest * largest), end - t);
      let left = face[count - 1] * (r[0] - r[count - 1]);
      for (let i = 0; i < count; i++) {
        const right = face[i] * (r[i + 1 < count ? i + 1 : 0] - r[i]);
        f[i] -= (dt / (h * h)) * (right - left);
        left = right;
      }
      t = dt === end - t ? end : t + dt;
    }
    densities.set(f, k * count);
  });
  return ndarray(densities, [times.length, count]);
}

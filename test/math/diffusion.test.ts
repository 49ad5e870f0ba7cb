import { expect, test } from 'vitest';
import { circleGrid, halfChiSquared, ultraFastDiffusion } from '../../src/math/diffusion';
import { energyMmd } from '../../src/math/metrics';
import { ndarray } from '../../src/base/ndarray';
import reference from '../golden/barboni2025-diffusion.json';

const cells = 256;
const cell = (2 * Math.PI) / cells;
const grid = circleGrid(cells);
const normalise = (values: Float64Array) => values.map(v => v / (values.reduce((sum, x) => sum + x, 0) * cell));

/** Two bumps, of masses 2/3 at 0 and 1/3 at 0.4 pi, sharper as gamma grows. */
function twoBumps(gamma: number): Float64Array {
  const bump = (angle: number) => 1 / (1 + gamma * Math.sin(angle / 2) ** 2);
  return normalise(grid.map(angle => bump(angle) + bump(angle - 0.4 * Math.PI) / 2));
}

test.each(Object.entries(reference.runs))(
  '%s: MMD to the target and chi2 of an independent solver (stiff, one-sided flux, 512 cells) within one percent',
  (name, run) => {
    const target = twoBumps(Number(name.replace('gamma', '')));
    const densities = ultraFastDiffusion(target, run.t);
    const circle = ndarray(
      Array.from(grid).flatMap(angle => [Math.cos(angle), Math.sin(angle)]),
      [cells, 2],
    );
    const toTarget = energyMmd(
      circle,
      target.map(v => v * cell),
    );
    run.t.forEach((t, k) => {
      const density = densities.values.subarray(k * cells, (k + 1) * cells);
      expect(Math.abs(halfChiSquared(target, density) / run.half_chi2[k] - 1), `chi2 at t = ${t}`).toBeLessThan(0.01);
      expect(
        Math.abs(
          toTarget(
            circle,
            density.map(v => v * cell),
          ) /
            run.mmd_to_target[k] -
            1,
        ),
        `MMD at t = ${t}`,
      ).toBeLessThan(0.01);
    });
  },
);

test('mass to 1e-12; chi2 falls; the ratio target / density stays within its first bounds', () => {
  const target = twoBumps(100);
  const times = Array.from({ length: 40 }, (_, k) => 0.2 * k);
  const { values, shape } = ultraFastDiffusion(target, times);
  expect(shape).toEqual([40, cells]);
  const ratios = target.map(v => v * 2 * Math.PI);
  let last = Infinity;
  for (let k = 0; k < times.length; k++) {
    const density = values.subarray(k * cells, (k + 1) * cells);
    expect(Math.abs(density.reduce((sum, v) => sum + v, 0) * cell - 1)).toBeLessThan(1e-12);
    expect(halfChiSquared(target, density)).toBeLessThan(last);
    last = halfChiSquared(target, density);
    const r = target.map((v, i) => v / density[i]);
    expect(Math.min(...r)).toBeGreaterThanOrEqual(Math.min(...ratios) * (1 - 1e-12));
    expect(Math.max(...r)).toBeLessThanOrEqual(Math.max(...ratios) * (1 + 1e-12));
  }
});

test('near the uniform law it is the heat flow: mode k decays as exp(-k^2 t)', () => {
  const [k, size, t] = [3, 1e-5, 0.1];
  const target = normalise(grid.map(angle => 1 + size * Math.cos(k * (angle - 1))));
  const density = ultraFastDiffusion(target, [t]).values;
  const mode = density.reduce((sum, v, i) => sum + (v - target[i]) * Math.cos(k * (grid[i] - 1)), 0) * cell;
  // Second differences on this grid shift the rate by (k h)^2 / 12 = 4.5e-4 of itself.
  expect(Math.abs(mode / ((-size / 2) * Math.exp(-k * k * t)) - 1)).toBeLessThan(1e-3);
});

test('refusals name the value', () => {
  expect(() => circleGrid(0)).toThrow(/^circleGrid: count is 0 but must be a whole number >= 1$/);
  expect(() => ultraFastDiffusion([1, 0], [1])).toThrow(
    /^ultraFastDiffusion: target\[1\] is 0 but must be a finite number > 0$/,
  );
  expect(() => ultraFastDiffusion([1, 1], [1])).toThrow(
    /^ultraFastDiffusion: the mass of the target is 6.28\d* but must be 1$/,
  );
  expect(() => ultraFastDiffusion(twoBumps(1), [1, 0.5])).toThrow(
    /^ultraFastDiffusion: times\[1\] is 0.5 but times must ascend from 0$/,
  );
  expect(() => halfChiSquared([1, 2], [1])).toThrow(
    /^halfChiSquared: target is \[2\] but density is \[1\]; shapes must match$/,
  );
});

import { expect, test } from 'vitest';
import { box, fokkerPlanck, gibbs, onBox } from '../../src/math/finite-volume';
import { relaxationRate } from '../../src/math/relaxation';
import * as random from '../../src/base/random';
import { tf } from '../../src/autodiff/tf';
import { train } from '../../src/train/train';

const beta = 0.8;
const stiffness = [1, 1.7];

function well(cells: number) {
  const grid = box({ cells, half: 6 });
  const psi = onBox(grid, (a, b) => (stiffness[0] * a * a + stiffness[1] * b * b) / 2);
  const feature = (f: (a: number, b: number) => number) => ({
    shape: [1, cells, cells],
    values: onBox(grid, f).values,
  });
  return { psi, spacing: grid.spacing, feature };
}

/** The value at spacing 0 of what has errors of order spacing^2, from 33 and 65 cells. */
const extrapolated = (f: (cells: number) => number) => {
  const [coarse, fine] = [f(33), f(65)],
    ratio = (65 / 33) ** 2;
  return (ratio * fine - coarse) / (ratio - 1);
};

test('Ornstein-Uhlenbeck: the softer spring, and twice it among even perturbations', () => {
  const rate = (sector?: 'even' | 'odd') =>
    extrapolated(cells => relaxationRate(well(cells).psi, { beta, spacing: well(cells).spacing, sector }));
  expect(rate()).toBeCloseTo(1, 3);
  expect(rate('odd')).toBeCloseTo(1, 3);
  expect(rate('even')).toBeCloseTo(2, 2);
});

test('a potential that follows the density: the mean relaxes at a + c^2, the variance at 2 a + 4 c^2 beta / a', () => {
  const [a] = stiffness;
  const rate = (f: (a: number) => number, sector: 'even' | 'odd') =>
    extrapolated(cells =>
      relaxationRate(well(cells).psi, { beta, spacing: well(cells).spacing, features: well(cells).feature(f), sector }),
    );
  expect(rate(u => 0.5 * u, 'odd')).toBeCloseTo(a + 0.25, 3);
  expect(rate(u => 0.3 * u * u, 'even')).toBeCloseTo(2 * a + (4 * 0.09 * beta) / a, 2);
});

test('it is the rate at which the finite-volume scheme itself settles', async () => {
  const grid = box({ cells: 17, half: 3 });
  const psi = onBox(grid, (a, b) => 0.3 * (a * a + b * b) + Math.cos(2 * a + 1) * b);
  const star = gibbs(psi, beta);
  const dt = 0.005;
  const p0 = gibbs(
    {
      shape: [17, 17],
      values: psi.values.map((v, i) => v + 0.3 * random.normal([289], { seed: 1, stream: 'p' }).values[i]),
    },
    beta,
  );
  const { rows } = await train(
    ({ p }: { p: tf.Tensor }, { psi, ...scheme }: any) => ({ p: fokkerPlanck(p, psi, scheme) }),
    { p: p0 },
    {
      data: { psi, beta, spacing: grid.spacing, dt },
      steps: 16400,
      every: [16000],
      dtype: 'float64',
      record: { mean: ({ p }) => p.mul(tf.linspace(-3, 3, 17)).sum() },
    },
  );
  const [, early, late] = rows.map(r => r.mean);
  const equilibrium = star.values.reduce((s, v, i) => s + v * (-3 + ((i % 17) * 6) / 16), 0);
  const rate = relaxationRate(psi, { beta, spacing: grid.spacing });
  expect(Math.log((early - equilibrium) / (late - equilibrium)) / 400).toBeCloseTo(-Math.log(1 - rate * dt), 6);
});

test('what makes no sense is refused', () => {
  const { psi, spacing, feature } = well(5);
  expect(() => relaxationRate({ shape: [25], values: psi.values }, { beta, spacing })).toThrow(
    /relaxationRate: psi is \[25\] but must be a matrix/,
  );
  expect(() => relaxationRate(psi, { beta, spacing, features: { ...feature(a => a), shape: [1, 25] } })).toThrow(
    /psi is \[5,5\] but a feature is \[25\]/,
  );
  expect(() => relaxationRate(psi, { beta, spacing: 0 })).toThrow(/relaxationRate: spacing is 0/);
});

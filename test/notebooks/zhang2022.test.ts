import { expect, test } from 'vitest';
import { type Tensors, fokkerPlanck, gibbs, ndarray, random, relaxationRate, tf, train } from 'widenet';
import { runCells } from '../support/notebook-cells';

const { entropyAndForms } = runCells('zhang2022', ['forms'], ['entropyAndForms']);
const { entropyOf, normalEntropy } = runCells('zhang2022', ['entropy'], ['entropyOf', 'normalEntropy']);

const [rows, columns, beta, spacing] = [5, 4, 0.3, 0.5];
const psi = ndarray(random.normal([rows, columns], { seed: 1, stream: 'psi' }).values, [rows, columns]);
const pi = gibbs(psi, beta);
const direction = random.normal([rows, columns], { seed: 2, stream: 'v' }).values;

/** Of p ~ pi e^(scale v): KL, Dirichlet form, Fisher information, the slope of KL along the flow, KL by definition. */
async function forms(scale: number): Promise<number[]> {
  const values = ({ v }: Tensors<'v'>, { psi, pi, beta, spacing }: Tensors<'psi' | 'pi' | 'beta' | 'spacing'>) => {
    const { entropy, dirichlet, fisher } = entropyAndForms(v, psi, { beta, spacing });
    const weight = pi.mul(v.exp());
    const p = weight.div(weight.sum());
    const entropyAfter = (dt: number) => {
      const after = fokkerPlanck(p, psi, { beta, spacing, dt });
      return after.mul(after.div(pi).log()).sum();
    };
    const slope = entropyAfter(-1e-4).sub(entropyAfter(1e-4)).div(2e-4);
    return tf.stack([entropy, dirichlet, fisher, slope, entropyAfter(0)] as tf.Tensor[]);
  };
  const v = ndarray(
    Float64Array.from(direction, x => scale * x),
    [rows, columns],
  );
  const data = { psi, pi, beta, spacing };
  const run = await train(
    ({ v }: Tensors<'v'>) => ({ v }),
    { v },
    { data, steps: 1, record: { values }, dtype: 'float64' },
  );
  return run.rows[0].values as number[];
}

test('the entropy falls at beta times the Fisher information of the finite volumes', async () => {
  const [entropy, , fisher, slope, direct] = await forms(1);
  expect(entropy / direct).toBeCloseTo(1, 10);
  expect((beta * fisher) / slope).toBeCloseTo(1, 5);
});

test('the Fisher information is at least four Dirichlet forms of the root, and as large for small perturbations', async () => {
  const [, dirichlet, fisher] = await forms(1);
  expect(fisher).toBeGreaterThan(4 * dirichlet);
  const [entropy, small, fisherOfSmall] = await forms(1e-4);
  expect(fisherOfSmall / (4 * small)).toBeCloseTo(1, 6);
  expect((beta * 2 * small) / entropy).toBeGreaterThan(relaxationRate(psi, { beta, spacing }) * (1 - 1e-3));
});

test('the entropy of points is that of their density: normal, and scaled', () => {
  const points = random.normal([2000, 2], { seed: 3, stream: 'points' });
  const scaled = ndarray(
    Float64Array.from(points.values, x => 3 * x),
    [2000, 2],
  );
  expect(Math.abs(entropyOf(points) - normalEntropy(2))).toBeLessThan(0.15);
  expect(entropyOf(scaled) - entropyOf(points)).toBeCloseTo(2 * Math.log(3), 5);
});

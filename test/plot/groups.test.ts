import { expect, test } from 'vitest';
import { groups, mean } from '../../src/plot/groups';
import { decay } from './support';

const run = (rate: number, status = 'done', seed?: number) => ({ rows: decay(rate), status, seed });

test.each([
  ['rows', decay(1), 'risk', 1],
  ['a run', run(1), 'risk', 1],
  ['runs', [run(1), run(2)], 'risk', 2],
  ['named rows', { slow: decay(1) }, 'slow', 1],
  ['named runs', { slow: [run(1), run(2), run(3)] }, 'slow', 3],
])('%s are read', (_, drawable, name, count) => {
  const [group] = groups('test', drawable, 't', 'risk');
  expect([group.name, group.curves.length]).toEqual([name, count]);
  expect(group.curves[0]).toMatchObject({
    x: [0, 1, 2, 3, 4],
    y: [0, 1, 2, 3, 4].map(t => Math.exp(-t)),
    seed: 0,
    diverged: false,
  });
});

test('nothing to draw is refused, and a missing column names its group', () => {
  expect(() => groups('lines', {}, 't', 'risk')).toThrow(/^lines: nothing to draw: no groups$/);
  expect(() => groups('lines', { a: [] }, 't', 'risk')).toThrow(/^lines: group 'a': nothing to draw: no rows$/);
  expect(() => groups('lines', { a: decay(1) }, 't', 'rsk')).toThrow(
    /^lines: group 'a': no column 'rsk'; columns are t, risk$/,
  );
});

test('the mean is over the runs that did not diverge, where all have values', () => {
  const [group] = groups('test', [run(1), { rows: decay(3, 3) }, run(-9, 'diverged')], 't', 'risk');
  const arithmetic = mean(group.curves, false);
  expect(arithmetic.x).toEqual([0, 1, 2]);
  arithmetic.y.forEach((v, t) => expect(v).toBeCloseTo((Math.exp(-t) + Math.exp(-3 * t)) / 2, 14));
  mean(group.curves, true).y.forEach((v, t) => expect(v).toBeCloseTo(Math.exp(-2 * t), 14));
});

test('an x that differs in its last bits is one, near others and far from zero; one that differs by more is two', () => {
  const at = (...t: number[]) => ({ rows: t.map((t, risk) => ({ t, risk })) });
  const shared = (...runs: { rows: { t: number; risk: number }[] }[]) =>
    mean(groups('test', runs, 't', 'risk')[0].curves, false);
  const steps = Array.from({ length: 200 }, (_, i) => i);
  let sum = 0;
  const sums = steps.map(i => (sum += i === 0 ? 0 : 0.1));
  const products = steps.map(i => i * 0.1);
  expect(sums.filter((t, i) => t !== products[i]).length).toBeGreaterThan(100);
  expect(shared(at(...products), at(...sums), at(...steps.map(i => (3 * i * 0.1) / 3)))).toEqual({
    x: products,
    y: steps,
  });
  expect(shared(at(1, 1.001, 1.002), at(1.002, 1.001, 1)).y).toEqual([1, 1, 1]);
  expect(shared(at(1.7e9, 1.7e9 + 1), at(1.7e9 + 1, 1.7e9 + 2)).y).toEqual([0.5]);
  expect(shared(at(-3, 0, 1e-9), at(-3, 1e-12, 1.1e-9)).x).toEqual([-3]);
  expect(shared(at(NaN, 2, 5), at(NaN, 1, 5)).x).toEqual([5]);
  expect(shared(at(1), at(1, 1 + 5e-11)).y).toEqual([0]);
});

test('a zero has no logarithm, so it leaves a gap in the geometric mean', () => {
  const [group] = groups('test', [{ rows: [{ t: 0, risk: 0 }] }, { rows: [{ t: 0, risk: 1 }] }], 't', 'risk');
  expect(mean(group.curves, true).y).toEqual([NaN]);
});

import { expect, test } from 'vitest';
import { logLogistic, logLogisticRisk } from '../../src/math/losses';
import { tf } from '../../src/autodiff/tf';

/** log log(1 + exp(-p)) in doubles, by the branch that is accurate there. */
const inDoubles = (p: number) => (p < -30 ? Math.log(-p) : p > 30 ? -p : Math.log(Math.log1p(Math.exp(-p))));

test('log of the logistic loss equals its formula in doubles, also where the loss itself underflows', () => {
  const p = [-200, -40, -3, -0.1, 0, 0.7, 5, 14.9, 15, 15.1, 40, 370, 5000];
  const got = Array.from(logLogistic(tf.tensor1d(p)).dataSync());
  p.forEach((v, i) => expect(Math.abs(got[i] - inDoubles(v))).toBeLessThan(2e-6 * Math.max(1, Math.abs(inDoubles(v)))));
});

test('its slope is -1 in the far tail and finite everywhere', () => {
  const slope = Array.from(
    tf
      .grad(p => logLogistic(p).sum())(tf.tensor1d([-300, 0, 14.99, 15.01, 300]))
      .dataSync(),
  );
  expect(slope.every(Number.isFinite)).toBe(true);
  expect(slope[1]).toBeCloseTo(-0.5 / Math.log(2), 5);
  expect(slope[2]).toBeCloseTo(-1, 5);
  expect(slope[3]).toBeCloseTo(-1, 5);
  expect(slope[4]).toBe(-1);
});

test('the risk of equal outputs is the loss of one, and far out it is minus the smallest output', () => {
  expect(logLogisticRisk(tf.fill([7], 1.3)).dataSync()[0]).toBeCloseTo(inDoubles(1.3), 5);
  expect(logLogisticRisk(tf.tensor1d([1000, 2000])).dataSync()[0]).toBeCloseTo(-1000 - Math.log(2), 2);
  expect(() => logLogisticRisk(tf.zeros([2, 2]))).toThrow(/logLogisticRisk: p is \[2,2\] but must be a vector/);
});

import { expect, test } from 'vitest';
import { energyMmd } from '../../src/math/metrics';
import { ndarray } from '../../src/base/ndarray';
import { normal } from '../../src/base/random';

const polygon = (n: number, turn = 0) =>
  ndarray(
    Array.from({ length: 2 * n }, (_, k) => {
      const angle = (2 * Math.PI * ((k >> 1) + turn)) / n;
      return k % 2 ? Math.sin(angle) : Math.cos(angle);
    }),
    [n, 2],
  );

test('two points, and a point to a regular polygon, in closed form', () => {
  expect(energyMmd(ndarray([0, 0], [1, 2]))(ndarray([3, 4], [1, 2]))).toBeCloseTo(Math.sqrt(10), 14);
  // E|X - X'| over the n corners of the unit circle is (2 / n) cot(pi / 2n), and E|X - 0| is 1.
  const n = 7;
  const spread = 2 / n / Math.tan(Math.PI / (2 * n));
  expect(energyMmd(polygon(n))(ndarray([0, 0], [1, 2]))).toBeCloseTo(Math.sqrt(2 - spread), 14);
  expect(energyMmd(ndarray([0, 0], [1, 2]))(polygon(n, 0.3))).toBeCloseTo(Math.sqrt(2 - spread), 14);
});

test('two laws on the line: twice the integral of the squared difference of their distribution functions', () => {
  const x = ndarray([0, 1, 4], [3, 1]);
  const y = ndarray([0.5, 3], [2, 1]);
  const steps: [number, number][] = [
    [0.5, 1 / 3],
    [0.5, -1 / 6],
    [2, 1 / 6],
    [1, -1 / 3],
  ];
  expect(energyMmd(y)(x)).toBeCloseTo(
    Math.sqrt(2 * steps.reduce((sum, [width, gap]) => sum + width * gap * gap, 0)),
    14,
  );
});

test('weights count as repetitions; a measure is at 0 from itself', () => {
  const x = normal([5, 3], { seed: 0, stream: 'x' });
  const repeated = ndarray([...x.values, ...x.values.slice(0, 3)], [6, 3]);
  const y = normal([4, 3], { seed: 0, stream: 'y' });
  const weights = [2, 1, 1, 1, 1].map(w => w / 6);
  expect(energyMmd(y)(repeated)).toBeCloseTo(energyMmd(y)(x, weights), 14);
  expect(energyMmd(x, weights)(y)).toBeCloseTo(energyMmd(y)(repeated), 14);
  expect(energyMmd(repeated)(x, weights)).toBeLessThan(1e-7);
});

test('refusals name both values', () => {
  const y = polygon(4);
  expect(() => energyMmd(y)(ndarray([1, 2, 3], [1, 3]))).toThrow(
    /^energyMmd: x is \[1,3\] but y is \[4,2\]; last axes must match$/,
  );
  expect(() => energyMmd(ndarray([1, 2]))).toThrow(/^energyMmd: y is \[2\] but must be \[points, coordinates\]$/);
  expect(() => energyMmd(y, [1])).toThrow(/^energyMmd: y is \[4\] but the weights of y is \[1\]; shapes must match$/);
  expect(() => energyMmd(y)(y, [1, 1, 1, 1])).toThrow(/^energyMmd: the weights of x sum to 4 but must sum to 1$/);
});

import { expect, test } from 'vitest';
import { gaussian, sphere } from '../../src/math/data';
import { arcCosine, gram, randomFeatures } from '../../src/math/kernels';
import { ndarray } from '../../src/base/ndarray';
import { tensor } from '../../src/base/tensors';
import { tf } from '../../src/autodiff/tf';

test("gram is X Z' / d, the product TensorFlow gives", () => {
  const X = gaussian({ n: 4, d: 6, seed: 0 });
  const Z = gaussian({ n: 3, d: 6, seed: 0, stream: 'Z' });
  const viaTf = tf.tidy(() => Array.from(tf.matMul(tensor(X), tensor(Z), false, true).div(6).dataSync()));
  const G = gram(X, Z);
  expect(G.shape).toEqual([4, 3]);
  G.values.forEach((value, i) => expect(value).toBeCloseTo(viaTf[i], 6));
  expect(gram(X)).toEqual(gram(X, X));
});

test('arcCosine is the Gaussian expectation, by quadrature over the direction of (u, v)', () => {
  // u = r cos phi, v = r s cos(phi - theta), E r^2 = 2; midpoint rule over the arc where both are positive.
  for (const theta of [0.001, 0.7, Math.PI / 2, 2.9]) {
    const s = 1.7;
    const G = ndarray([1, s * Math.cos(theta), s * Math.cos(theta), s * s], [2, 2]);
    const [from, to, cells] = [theta - Math.PI / 2, Math.PI / 2, 4000];
    let [order0, order1] = [0, 0];
    for (let i = 0; i < cells; i++) {
      const phi = from + ((i + 0.5) * (to - from)) / cells;
      order0 += (to - from) / cells / (2 * Math.PI);
      order1 += (((to - from) / cells) * 2 * Math.cos(phi) * s * Math.cos(phi - theta)) / (2 * Math.PI);
    }
    expect(arcCosine(G, 0).values[1]).toBeCloseTo(order0, 6);
    expect(arcCosine(G, 1).values[1]).toBeCloseTo(order1, 6);
  }
});

test('arcCosine on the diagonal is half the variance and one half', () => {
  const G = gram(gaussian({ n: 5, d: 3, seed: 4 }));
  for (let a = 0; a < 5; a++) {
    expect(arcCosine(G, 1).values[a * 6]).toBeCloseTo(G.values[a * 6] / 2, 14);
    expect(arcCosine(G, 0).values[a * 6]).toBe(0.5);
  }
});

test('random features: the Gram matrix of each wide layer is twice the arc-cosine kernel of the one before', () => {
  const X = sphere({ n: 6, d: 4, seed: 1 });
  expect(randomFeatures(X, { widths: [], seed: 0 })).toEqual(X);
  const width = 3000;
  const one = gram(randomFeatures(X, { widths: [width], seed: 0 }));
  const two = gram(randomFeatures(X, { widths: [width, width], seed: 0 }));
  const twice = (G: typeof one) => arcCosine(G, 1).values.map(k => 2 * k);
  // entries have standard deviation below sqrt(5 / width) = 0.04 (fourth moment of a half-normal)
  twice(gram(X)).forEach((limit, i) => expect(Math.abs(one.values[i] - limit)).toBeLessThan(0.16));
  twice(one).forEach((limit, i) => expect(Math.abs(two.values[i] - limit)).toBeLessThan(0.16));
});

test('random features: layers are nested by seed, and another seed gives others', () => {
  const X = sphere({ n: 2, d: 3, seed: 1 });
  const draw = (seed: number, widths: number[]) => Array.from(randomFeatures(X, { widths, seed }).values);
  expect(draw(0, [4]).slice(0, 4)).toEqual(draw(0, [8]).slice(0, 4));
  expect(draw(1, [4])).not.toEqual(draw(0, [4]));
});

test('shapes that do not fit are refused', () => {
  expect(() => gram(ndarray([1, 2]))).toThrow(/gram: X is \[2\] but must be a matrix/);
  expect(() => gram(ndarray([1, 2], [1, 2]), ndarray([1], [1, 1]))).toThrow(/gram: X is \[1,2\] but Z is \[1,1\]/);
  expect(() => arcCosine(ndarray([1, 2], [1, 2]), 0)).toThrow(/arcCosine: G is \[1,2\] but must be square/);
  expect(() => arcCosine(ndarray([0], [1, 1]), 1)).toThrow(/arcCosine: G\[0,0\] is 0/);
  expect(() => randomFeatures(ndarray([1], [1, 1]), { widths: [0], seed: 0 })).toThrow(
    /randomFeatures: widths\[0\] is 0/,
  );
});

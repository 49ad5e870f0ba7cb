import { expect, test } from 'vitest';
import { fromTensor, linalg, random, tensor, tf, train } from 'widenet';

const { cg, choleskySolve, det, eigh, eigvalsh, inverse, lstsq, slogdet, svd } = linalg;
const draw = (shape: number[], stream: string) => tensor(random.normal(shape, { seed: 0, stream }));
const transposed = (a: tf.Tensor) =>
  a.transpose([...a.shape.keys()].map(i => (i < a.rank - 2 ? i : 2 * a.rank - 3 - i)));
const spd = (n: number, batch: number[] = []) =>
  tf.tidy(() => {
    const g = draw([...batch, n, n], 'spd');
    const product = tf.matMul(g, g, false, true); // symmetric to rounding only: its sums may be added in any order
    return product
      .add(transposed(product))
      .div(2 * n)
      .add(tf.eye(n));
  });
const maxAbs = (t: tf.Tensor) => t.abs().max().dataSync()[0];

/** Largest entry of the difference, relative to the largest entry of b. */
function distance(a: tf.Tensor, b: tf.Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return maxAbs(a.sub(b)) / maxAbs(b);
}

/**
 * The slope of f at a along d, by gradient and by a central difference of step 2^-8 (in float32 good to about 1e-4).
 */
function slopes(f: (a: tf.Tensor) => tf.Tensor, a: tf.Tensor, d: tf.Tensor): [number, number] {
  const weights = draw(f(a).shape, 'weights');
  const scalar = (x: tf.Tensor) => f(x).mul(weights).sum() as tf.Scalar;
  const h = 2 ** -8;
  const difference = scalar(a.add(d.mul(h)))
    .sub(scalar(a.sub(d.mul(h))))
    .div(2 * h);
  return [tf.grad(scalar)(a).mul(d).sum().dataSync()[0], difference.dataSync()[0]];
}

function expectGradient(
  f: (a: tf.Tensor) => tf.Tensor,
  a: tf.Tensor,
  direction: (a: tf.Tensor) => tf.Tensor = a => draw(a.shape, 'direction'),
): void {
  const [gradient, difference] = slopes(f, a, direction(a));
  expect(Math.abs(difference)).toBeGreaterThan(0.05);
  expect(Math.abs(gradient / difference - 1)).toBeLessThan(2e-3);
}

const symmetric = (a: tf.Tensor) => {
  const d = draw(a.shape, 'direction');
  return d.add(transposed(d));
};

test('choleskySolve: a x = b for a vector, columns and a batch', () => {
  const a = spd(12);
  const b = draw([12], 'b');
  expect(distance(tf.matMul(a, choleskySolve(a, b).expandDims(-1)).squeeze(), b)).toBeLessThan(1e-5);
  const columns = draw([12, 3], 'b');
  expect(distance(tf.matMul(a, choleskySolve(a, columns)), columns)).toBeLessThan(1e-5);
  const batch = spd(5, [2, 3]);
  const right = draw([2, 3, 5], 'b');
  expect(distance(tf.matMul(batch, choleskySolve(batch, right).expandDims(-1)).squeeze([-1]), right)).toBeLessThan(
    1e-5,
  );
});

test('choleskySolve: gradients by finite differences, a moved symmetrically', () => {
  const a = spd(6);
  const b = draw([6], 'b');
  expectGradient(x => choleskySolve(x, b), a, symmetric);
  expectGradient(x => choleskySolve(a, x), b);
  expectGradient(x => choleskySolve(x, draw([2, 4, 3], 'b')), spd(4, [2]), symmetric);
});

test('choleskySolve: what is not positive definite gives NaN', () => {
  expect(
    choleskySolve(
      tf.tensor2d([
        [1, 2],
        [2, 1],
      ]),
      tf.ones([2]),
    )
      .isNaN()
      .all()
      .dataSync()[0],
  ).toBe(1);
});

test.each([
  ['tall', 12, 5],
  ['wide', 5, 12],
])('lstsq, %s: the normal equations, and gradients by finite differences', (_, n, k) => {
  const a = draw([n, k], 'a');
  const b = draw([n], 'b');
  const x = lstsq(a, b).expandDims(-1);
  const residual = tf.matMul(a, x).sub(b.expandDims(-1));
  expect(maxAbs(tf.matMul(a, residual, true))).toBeLessThan(1e-5);
  if (n < k) {
    const alongRows = tf.matMul(a, lstsq(a.transpose(), x.squeeze([-1])).expandDims(-1), true);
    expect(distance(alongRows, x)).toBeLessThan(1e-5);
    expect(maxAbs(residual)).toBeLessThan(1e-5);
  }
  expect(distance(lstsq(a, b.expandDims(-1)), x)).toBe(0);
  expectGradient(y => lstsq(y, b), a);
  expectGradient(y => lstsq(a, y), b);
  expect(lstsq(draw([3, n, k], 'a'), draw([3, n, 2], 'b')).shape).toEqual([3, k, 2]);
});

test('eigvalsh: the path graph in closed form, ascending; gradient by finite differences', () => {
  const n = 20;
  const path = tf.buffer([n, n]);
  for (let i = 0; i < n; i++) {
    path.set(2, i, i);
    if (i > 0) {
      path.set(-1, i, i - 1);
      path.set(-1, i - 1, i);
    }
  }
  const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
  expect(distance(eigvalsh(path.toTensor()), tf.tensor1d(expected))).toBeLessThan(1e-6);
  expectGradient(eigvalsh, spd(5), symmetric);
  expect(eigvalsh(spd(4, [3])).shape).toEqual([3, 4]);
});

test('cg: n steps solve an n by n system; fewer obey the Chebyshev bound; a solved system stays as it is', () => {
  const a = spd(12);
  const b = draw([12], 'b');
  const apply = (x: tf.Tensor) => tf.matMul(a, x.expandDims(-1)).squeeze([-1]);
  const exact = choleskySolve(a, b);
  expect(distance(cg(apply, b, { iterations: 14 }), exact)).toBeLessThan(1e-5);
  const energy = (e: tf.Tensor) => Math.sqrt(e.mul(apply(e)).sum().dataSync()[0]);
  const [low, high] = [0, 11].map(i => Math.sqrt(eigvalsh(a).dataSync()[i]));
  for (const iterations of [1, 2, 4, 6])
    expect(energy(cg(apply, b, { iterations }).sub(exact))).toBeLessThan(
      2 * ((high - low) / (high + low)) ** iterations * energy(exact) + 1e-5,
    );
  expect(maxAbs(cg(x => x, b, { iterations: 5 }).sub(b))).toBe(0);
  expect(distance(cg(apply, b, { iterations: 3, start: exact }), exact)).toBeLessThan(1e-5);
});

test('cg: gradients with respect to b and to the matrix it applies', () => {
  const a = spd(6);
  const b = draw([6], 'b');
  const solve = (m: tf.Tensor, y: tf.Tensor) =>
    cg(x => tf.matMul(m, x.expandDims(-1)).squeeze([-1]), y, { iterations: 6 });
  expectGradient(m => solve(m, b), a, symmetric);
  expectGradient(y => solve(a, y), b);
  expectGradient(y => cg(x => x.mul(2), y, { iterations: 4 }), b);
});

type Pair = { a: tf.Tensor; b: tf.Tensor };
const matrixTimes = (a: tf.Tensor, x: tf.Tensor) => tf.matMul(a, x.expandDims(-1)).squeeze([-1]);
const total = (x: tf.Tensor) => x.square().sum() as tf.Scalar;

/** A matrix whose eigenvalues lie far apart: derivatives of eigenvectors are as ill-conditioned as these are close. */
const spread = (a: tf.Tensor) => a.add(tf.diag(tf.mul(tf.range(0, 8), 4)));

/** Each function with both gradients, where it has them, as what a training step may compute. */
const inSteps: Record<string, (pair: Pair) => tf.Tensor> = {
  choleskySolve: ({ a, b }) => choleskySolve(a, b),
  'choleskySolve, gradient of a': ({ a, b }) => tf.grad(a => total(choleskySolve(a, b)))(a),
  'choleskySolve, gradient of b': ({ a, b }) => tf.grad(b => total(choleskySolve(a, b)))(b),
  lstsq: ({ a, b }) => lstsq(a.slice([0, 0], [8, 3]), b),
  'lstsq, gradient of a': ({ a, b }) => tf.grad(a => total(lstsq(a.slice([0, 0], [8, 3]), b)))(a),
  'lstsq of few rows': ({ a, b }) => tf.grad(a => total(lstsq(a.slice([0, 0], [3, 8]), b.slice([0], [3]))))(a),
  eigvalsh: ({ a }) => eigvalsh(a),
  'eigvalsh, gradient': ({ a }) => tf.grad(a => total(eigvalsh(a)))(a),
  inverse: ({ a }) => inverse(a),
  'inverse of 3 x 3': ({ a }) => inverse(a.slice([0, 0], [3, 3])),
  det: ({ a, b }) => det(a.mul(b)),
  'slogdet, sign': ({ a, b }) => slogdet(a.mul(b)).sign,
  'slogdet, log': ({ a }) => slogdet(a).log,
  'eigh, vectors': ({ a }) => eigh(a).vectors,
  'eigh, gradient': ({ a }) => tf.grad(a => total(eigh(a).vectors.mul(a)))(spread(a)),
  'svd, wide: v': ({ a }) => svd(a.slice([0, 0], [3, 8])).v,
  'svd, gradient': ({ a }) => tf.grad(a => total(svd(a.slice([0, 0], [8, 3])).u.mul(a.slice([0, 0], [8, 3]))))(a),
  cg: ({ a, b }) => cg(x => matrixTimes(a, x), b, { iterations: 8 }),
  'cg, gradient of a': ({ a, b }) => tf.grad(a => total(cg(x => matrixTimes(a, x), b, { iterations: 8 })))(a),
};

const still = ({ a, b }: Pair) => ({ a: a.clone(), b: b.clone() });

test.each(['graph', 'xla'] as const)(
  'compiled (%s), each function and gradient equals eager; in float64 its residual is at rounding',
  async mode => {
    const state = { a: fromTensor(spd(8)), b: fromTensor(draw([8], 'b')) };
    const measure = async (
      record: Record<string, (pair: Pair) => tf.Tensor>,
      mode: 'eager' | 'graph' | 'xla',
      dtype: 'float32' | 'float64',
    ) => (await train(still, state, { steps: 1, mode, dtype, record })).rows[0];
    const eager = await measure(inSteps, 'eager', 'float32');
    const single = await measure(inSteps, mode, 'float32');
    const double = await measure({ ...inSteps, ...residuals }, mode, 'float64');
    for (const name of Object.keys(inSteps)) {
      const expected: number[] = [eager[name]].flat(3) as number[];
      const apart = (a: number[]) =>
        Math.max(...a.map((v, i) => Math.abs(v - expected[i]))) / Math.max(...expected.map(Math.abs));
      expect(apart([single[name]].flat(3)), name).toBeLessThan(2e-5);
      expect(apart([double[name]].flat(3)), `${name} in float64`).toBeLessThan(2e-5);
    }
    for (const name of Object.keys(residuals)) expect(double[name], name).toBeLessThan(1e-13);
  },
);

/** Zero for exact arithmetic. */
const residuals: Record<string, (pair: Pair) => tf.Tensor> = {
  'a x - b by Cholesky': ({ a, b }) => matrixTimes(a, choleskySolve(a, b)).sub(b).abs().max(),
  'a x - b by conjugate gradients': ({ a, b }) =>
    matrixTimes(
      a,
      cg(x => matrixTimes(a, x), b, { iterations: 12 }),
    )
      .sub(b)
      .abs()
      .max(),
  'normal equations': ({ a, b }) => {
    const tall = a.slice([0, 0], [8, 3]);
    return tf
      .matMul(tall, matrixTimes(tall, lstsq(tall, b)).sub(b).expandDims(-1), true)
      .abs()
      .max();
  },
  'a inverse(a) - 1': ({ a }) => tf.matMul(a, inverse(a)).sub(tf.eye(8)).abs().max(),
  'u diag(s) v^T - a': ({ a }) => {
    const { u, s, v } = svd(a);
    return tf.matMul(u.mul(s), v, false, true).sub(a).abs().max();
  },
  'a v - v diag(values)': ({ a }) => {
    const { values, vectors } = eigh(a);
    return tf.matMul(a, vectors).sub(vectors.mul(values)).abs().max();
  },
  trace: ({ a }) =>
    eigvalsh(a)
      .sum()
      .sub(a.mul(tf.eye(8)).sum())
      .abs(),
};

test('determinants and inverses in closed form: permutations, triangles, one entry, batches', () => {
  const swapped = tf.tensor2d([0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 4, 0, 0, 0], [4, 4]); // a 4-cycle: odd
  expect(slogdet(swapped).sign.dataSync()[0]).toBe(-1);
  expect(det(swapped).dataSync()[0]).toBeCloseTo(-24, 4);
  expect(distance(tf.matMul(swapped, inverse(swapped)), tf.eye(4))).toBe(0);
  expect(det(tf.tensor2d([[-3]])).dataSync()[0]).toBeCloseTo(-3, 5);
  const batch = tf.stack([swapped, tf.eye(4).mul(1e-20)]);
  expect(slogdet(batch).log.shape).toEqual([2]);
  expect(slogdet(batch).log.dataSync()[1] / (4 * Math.log(1e-20))).toBeCloseTo(1, 6); // its det is below every float32
  expect(inverse(batch).shape).toEqual([2, 4, 4]);
});

test('signs: of each vector the first entry of at least 0.9 of the largest is positive', () => {
  const vectors = eigh(tf.tensor2d([2, -1, -1, 2], [2, 2])).vectors.arraySync() as number[][];
  expect(vectors.flat().map(x => Math.round(x * Math.SQRT2))).toEqual([1, 1, 1, -1]);
  const { u, s, v } = svd(tf.tensor2d([0, -2, 1, 0], [2, 2]));
  expect([u, s, v].map(t => Array.from(t.dataSync(), x => Math.round(x * 1e6) / 1e6 + 0))).toEqual([
    [1, 0, 0, 1],
    [2, 1],
    [0, 1, -1, 0],
  ]);
});

test('singular values of a matrix of rank 1, to rounding; a product again', () => {
  const a = tf.outerProduct(tf.tensor1d([1, 2, 2]), tf.tensor1d([0, 3, 4, 0]));
  const { u, s, v } = svd(a);
  expect([u.shape, s.shape, v.shape]).toEqual([[3, 3], [3], [4, 3]]);
  expect(s.dataSync()[0]).toBeCloseTo(15, 4);
  expect(s.dataSync()[1]).toBeLessThan(1e-5);
  expect(distance(tf.matMul(u.mul(s), v, false, true), a)).toBeLessThan(1e-6);
  expect(distance(tf.matMul(u, u, true), tf.eye(3))).toBeLessThan(1e-6);
});

test('singular or not finite: refused by name outside compiled steps, NaN within', async () => {
  const singular = tf.tensor2d([1, 2, 2, 4], [2, 2]);
  expect(() => inverse(singular)).toThrow(/^inverse: a \[2,2\] is singular$/);
  expect([det, (a: tf.Tensor) => slogdet(a).sign].map(f => Math.abs(f(singular).dataSync()[0]))).toEqual([0, 0]);
  expect(slogdet(singular).log.dataSync()[0]).toBe(-Infinity);
  const refused = { inverse, det, slogdet, eigh, svd };
  for (const [name, f] of Object.entries(refused)) {
    const message = (what: string) => new RegExp(`^${name}: a ${what}`);
    expect(() => f(tf.tensor2d([1, 2, NaN, 4], [2, 2]))).toThrow(message('holds NaN at entry 2; it must be finite$'));
    expect(() => f(tf.tensor2d([Infinity], [1, 1]))).toThrow(message('holds Infinity at entry 0; it must be finite$'));
    expect(() => f(tf.zeros([0, 0]))).toThrow(message('is \\[0,0\\] but must have at least one entry$'));
    expect(() => f(tf.eye(2).cast('int32'))).toThrow(message('is int32 but must be float32$'));
    if (name !== 'svd') expect(() => f(tf.ones([2, 3]))).toThrow(message('is \\[2,3\\] but its last two axes'));
  }
  for (const mode of ['graph', 'xla'] as const) {
    const { rows } = await train(
      ({ x }) => ({ x: x.clone() }),
      { x: fromTensor(singular) },
      {
        steps: 0,
        mode,
        record: {
          inverse: ({ x }: any) => inverse(x),
          sign: ({ x }: any) => slogdet(x).sign.abs(),
          log: ({ x }: any) => slogdet(x).log,
          ofNaN: ({ x }: any) => inverse(x.mul(NaN)),
          determinant: ({ x }: any) => det(x.mul(NaN)),
          s: ({ x }: any) => svd(x.mul(NaN)).s,
        },
      },
    );
    expect(rows[0], mode).toMatchObject({
      inverse: [
        [NaN, NaN],
        [NaN, NaN],
      ],
      sign: 0,
      log: -Infinity,
      ofNaN: [
        [NaN, NaN],
        [NaN, NaN],
      ],
      determinant: NaN,
      s: [NaN, NaN],
    });
  }
});

test('no tensor is left behind', () => {
  const [a, b] = [spd(4), draw([4], 'b')];
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    tf.grads((a, b) => choleskySolve(a, b).sum().add(lstsq(a, b).sum()).add(eigvalsh(a).sum()) as tf.Scalar)([a, b]);
    tf.grad(a => tf.addN([inverse(a).sum(), det(a), slogdet(a).log, eigh(a).vectors.sum(), svd(a).u.sum()]))(a);
  });
  expect(tf.memory().numTensors).toBe(before);
});

test('refusals name the shapes', () => {
  const a = spd(3);
  expect(() => choleskySolve(draw([3, 2], 'a'), tf.ones([3]))).toThrow(
    /^choleskySolve: a is \[3,2\] but its last two axes must be equal$/,
  );
  expect(() => choleskySolve(tf.ones([3]), tf.ones([3]))).toThrow(
    /^choleskySolve: a is \[3\] but must have at least two axes$/,
  );
  expect(() => choleskySolve(a, tf.ones([4]))).toThrow(
    /^choleskySolve: rows of a is \[3\] but rows of b is \[4\]; shapes must match$/,
  );
  expect(() => lstsq(a, tf.ones([2, 3]))).toThrow(
    /^lstsq: rows of a is \[3\] but rows of b is \[2\]; shapes must match$/,
  );
  expect(() => lstsq(a, tf.ones([3], 'int32'))).toThrow(/^lstsq: b is int32 but must be float32$/);
  expect(() => eigvalsh(tf.ones([2, 2], 'int32'))).toThrow(/^eigvalsh: a is int32 but must be float32$/);
  expect(() => cg(x => x, tf.ones([3]), { iterations: 0 })).toThrow(
    /^cg: iterations is 0 but must be a whole number >= 1$/,
  );
  expect(() => cg(x => x, tf.ones([3]), { iterations: 1, start: tf.ones([2]) })).toThrow(
    /^cg: start is \[2\] but b is \[3\]; shapes must match$/,
  );
  expect(() => cg(x => x.sum(), tf.ones([3]), { iterations: 1 })).toThrow(
    /^cg: apply\(x\) is \[\] but x is \[3\]; shapes must match$/,
  );
});

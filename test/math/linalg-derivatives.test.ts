import { describe, expect, test } from 'vitest';
import { linalg, ndarray, tf, train, type NdArray } from 'widenet';
import golden from '../golden/linalg.json';
import { isLong } from '../support/tier';

const { cg, choleskySolve, det, eigh, eigvalsh, inverse, lstsq, slogdet, svd } = linalg;
type F = (...inputs: tf.Tensor[]) => tf.Tensor;
type Nested = number | Nested[];
interface Case {
  f: string;
  name: string;
  inputs: Nested[];
  weights: Nested;
  directions: Nested[];
  value: Nested;
  first: Nested[];
  second: Nested[];
  third: Nested[];
}

const mirrored = (a: tf.Tensor) => {
  const places = [...Array(a.shape[0]).keys()];
  const lower = (first: number) => tf.tensor2d(places.map(i => places.map(j => (i - j >= first ? 1 : 0))));
  return a.mul(lower(0)).add(a.mul(lower(1)).transpose());
};
const functions: Record<string, F> = {
  choleskySolve,
  lstsq,
  eigvalsh,
  cg: (a, b) => {
    const m = mirrored(a);
    return cg(x => m.matMul(x.expandDims(-1)).squeeze([-1]), b, { iterations: 10 });
  },
  inverse,
  det,
  'slogdet.log': a => slogdet(a).log,
  'eigh.vectors': a => eigh(a).vectors,
  'svd.u': a => svd(a).u,
  'svd.s': a => svd(a).s,
  'svd.v': a => svd(a).v,
};

const modes = isLong ? (['xla'] as const) : (['graph'] as const);

const flat = (x: Nested): number[] => (Array.isArray(x) ? x.flatMap(flat) : [x]);
const shape = (x: Nested): number[] => (Array.isArray(x) ? [x.length, ...shape(x[0])] : []);
const array = (x: Nested): NdArray => ndarray(flat(x), shape(x));
const total = (terms: tf.Tensor[]) => terms.map(t => t.sum()).reduce((a, b) => a.add(b)) as tf.Scalar;
const cases = golden as unknown as Case[];

/** Value, and the first three orders of derivatives as the golden file defines them, each as one vector. */
function orders({ f }: Case, data: { inputs: tf.Tensor[]; weights: tf.Tensor; directions: tf.Tensor[] }): tf.Tensor[] {
  const scalar = (...xs: tf.Tensor[]) =>
    functions[f](...xs)
      .square()
      .mul(data.weights)
      .sum() as tf.Scalar;
  const first = (...xs: tf.Tensor[]) => tf.grads(scalar)(xs);
  const along = (ys: tf.Tensor[]) => total(ys.map((y, i) => y.mul(data.directions[i])));
  const next =
    (g: (...xs: tf.Tensor[]) => tf.Tensor[]) =>
    (...xs: tf.Tensor[]) =>
      tf.grads((...xs) => along(g(...xs)))(xs);
  const [second, third] = [next(first), next(next(first))];
  const vector = (xs: tf.Tensor[]) => tf.concat(xs.map(x => x.flatten()));
  return [functions[f](...data.inputs).flatten(), ...[first, second, third].map(g => vector(g(...data.inputs)))];
}

function expectOrders(found: number[][], one: Case, tolerance: number): void {
  [one.value, one.first, one.second, one.third].map(flat).forEach((expected, order) => {
    const largest = Math.max(...expected.map(Math.abs));
    expect(found[order].length).toBe(expected.length);
    const apart = Math.max(...found[order].map((x, i) => Math.abs(x - expected[i]) / largest));
    expect(apart, `${one.f}, ${one.name}, order ${order}`).toBeLessThan(tolerance);
  });
}

describe.each(Object.keys(functions))('%s and its first three derivatives are those of the golden file', name => {
  const own = cases.filter(({ f }) => f === name);

  test.each(modes)('compiled in float64 (%s), to 1e-10', async mode => {
    const data = own.map(({ inputs, weights, directions }) => ({
      inputs: inputs.map(array),
      weights: array(weights),
      directions: directions.map(array),
    }));
    const vector =
      (one: Case, i: number) =>
      (_: any, { data }: any) =>
        tf.concat(orders(one, data[i]));
    const record = Object.fromEntries(own.map((one, i) => [one.name, vector(one, i)]));
    const options = { data: { data }, steps: 0, dtype: 'float64', mode, record } as const;
    const { rows } = await train(({ k }: any) => ({ k: k.add(1) }), { k: 0 }, options);
    own.forEach(one => {
      const lengths = [one.value, one.first, one.second, one.third].map(x => flat(x).length);
      const found = (rows[0] as any)[one.name] as number[];
      expectOrders(
        lengths.map(length => found.splice(0, length)),
        one,
        1e-10,
      );
    });
  });

  // In float32 the rounding of values, 1e-7, grows with each order by conditions and gaps of about 30: to 3e-3 at the
  // third.
  test('eager in float32, to 1e-2; no tensor is left behind', () => {
    for (const one of own) {
      const before = tf.memory().numTensors;
      const found: number[][] = [];
      tf.tidy(() => {
        const tensor = (x: Nested) => tf.tensor(flat(x), shape(x));
        const data = {
          inputs: one.inputs.map(tensor),
          weights: tensor(one.weights),
          directions: one.directions.map(tensor),
        };
        found.push(...orders(one, data).map(x => Array.from(x.dataSync())));
      });
      expect(tf.memory().numTensors).toBe(before);
      expectOrders(found, one, 1e-2);
    }
  });
});

const compiled = async (f: F, a: number[][], mode: 'graph' | 'xla'): Promise<number[]> => {
  const options = { steps: 0, dtype: 'float64', mode, record: { v: ({ a }: any) => f(a).flatten() } } as const;
  const { rows } = await train(({ a }: any) => ({ a: a.clone() }), { a: array(a) }, options);
  return (rows[0] as any).v;
};
const second = (f: F, direction: number[][]): F => tf.grad(a => tf.grad(f)(a).mul(tf.tensor2d(direction)).sum());

test.each(modes)('only the lower triangle counts, in values and gradients (%s)', async mode => {
  const f: F = a =>
    choleskySolve(a, tf.tensor1d([1, 2]))
      .add(eigvalsh(a))
      .square()
      .sum();
  const [symmetric, other] = [0.5, 7].map(above => [
    [3, above],
    [0.5, 2],
  ]);
  for (const g of [
    f,
    (a: tf.Tensor) => tf.grad(f)(a),
    second(f, [
      [1, 2],
      [3, 4],
    ]),
  ]) {
    const expected = await compiled(g, symmetric, mode);
    expect(await compiled(g, other, mode)).toEqual(expected);
    if (expected.length === 4) expect(expected[1]).toBe(0);
  }
});

test.each(modes)(
  'at equal eigenvalues: the first derivative of a symmetric function; no second one (%s)',
  async mode => {
    const squares: F = a => eigvalsh(a).square().sum();
    for (const gap of [0, 2 ** -52]) {
      const a = [
        [1, 0, 0],
        [0, 1 + gap, 0],
        [0, 0, 4],
      ];
      (await compiled(a => tf.grad(squares)(a), a, mode)).forEach((x, i) => expect(x).toBeCloseTo(2 * a.flat()[i], 12));
      expect(
        (
          await compiled(
            second(squares, [
              [0, 0, 0],
              [1, 0, 0],
              [0, 0, 0],
            ]),
            a,
            mode,
          )
        ).some(Number.isNaN),
      ).toBe(true);
    }
    // d2 of the largest along S is 2 S_02^2 / (4 - 1) + ..., whatever the gap of the others, which have no weight
    const top: F = a => eigvalsh(a).slice([2], [1]).sum();
    const found = await compiled(
      second(top, [
        [0, 0, 0],
        [0, 0, 0],
        [1, 1, 0],
      ]),
      [
        [1, 0, 0],
        [0, 1 + 2 ** -52, 0],
        [0, 0, 4],
      ],
      mode,
    );
    [0, 0, 0, 0, 0, 0, 2 / 3, 2 / 3, 0].forEach((x, i) => expect(found[i]).toBeCloseTo(x, 12));
  },
);

test.each(modes)('cg: `apply` may take a gradient, or read what the differentiated function made (%s)', async mode => {
  const [b, one] = [(a: tf.Tensor) => a.slice([0, 0], [1, 2]).reshape([2]), tf.scalar];
  const form = (a: tf.Tensor) => (v: tf.Tensor) =>
    tf
      .matMul(v.reshape([1, 2]), tf.matMul(mirrored(a), v.reshape([2, 1])))
      .sum()
      .div(2) as tf.Scalar;
  const byGradient: F = a =>
    cg(v => tf.grad(form(a))(v), b(a), { iterations: 4 })
      .square()
      .sum();
  const byProduct: F = a => {
    const half = mirrored(a).mul(0.5);
    return cg(
      v =>
        half
          .matMul(v.reshape([2, 1]))
          .mul(one(2))
          .reshape([2]),
      b(a),
      { iterations: 4 },
    )
      .square()
      .sum();
  };
  const byCholesky: F = a => choleskySolve(a, b(a)).square().sum();
  const at = [
    [3, 0.5],
    [0.25, 2],
  ];
  for (const order of [
    (f: F) => f,
    (f: F): F =>
      a =>
        tf.grad(f)(a),
    (f: F) =>
      second(f, [
        [1, 2],
        [3, 4],
      ]),
  ]) {
    const expected = await compiled(order(byCholesky), at, mode);
    for (const f of [byGradient, byProduct])
      (await compiled(order(f), at, mode)).forEach((x, i) => expect(x).toBeCloseTo(expected[i], 12));
  }
});

test('a first gradient factorises once', async () => {
  const calls: string[] = [];
  const backend = tf.backend() as any;
  const run = backend.executeMultipleOutputs;
  backend.executeMultipleOutputs = (type: string, ...rest: unknown[]) => {
    calls.push(type);
    return run.call(backend, type, ...rest);
  };
  const count = (f: F, ...xs: tf.Tensor[]) => {
    calls.length = 0;
    tf.tidy(() => {
      tf.grads(
        (...xs) =>
          f(...xs)
            .square()
            .sum() as tf.Scalar,
      )(xs);
    });
    return Object.fromEntries(
      [...new Set(calls)].sort().map(type => [type, calls.filter(call => call === type).length]),
    );
  };
  try {
    const [a, b] = [
      tf.tensor2d([
        [3, 1],
        [1, 2],
      ]),
      tf.tensor1d([1, 2]),
    ];
    expect(count(choleskySolve, a, b)).toEqual({ Cholesky: 1, MatrixTriangularSolve: 4 });
    expect(count(lstsq, a, b)).toEqual({ Qr: 1, MatrixTriangularSolve: 3 });
    expect(count(eigvalsh, a)).toEqual({ SelfAdjointEigV2: 2 });
  } finally {
    delete backend.executeMultipleOutputs;
  }
});

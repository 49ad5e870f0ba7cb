import { describe, expect, test } from 'vitest';
import { grad, hvp, jacobian, map, ndarray, tf, train, type Tensors } from 'widenet';

const times = (A: tf.Tensor, x: tf.Tensor) =>
  tf.matMul(A as tf.Tensor2D, x.expandDims(-1) as tf.Tensor2D).squeeze([-1]);
const A = [
  [4, 1, 0],
  [1, 3, 1],
  [0, 1, 5],
];
const data = {
  A: ndarray(Float64Array.from(A.flat()), [3, 3]),
  X: ndarray(Float64Array.of(1, 2, -1, 0.5, 3, 0), [2, 3]),
};
type Data = Tensors<'A' | 'X'>;

describe.each([
  ['eager', 'float32', 5],
  ['graph', 'float64', 12],
  ['xla', 'float64', 12],
] as const)('%s, %s', (mode, dtype, digits) => {
  const recorded = async (f: (x: tf.Tensor, data: Data) => tf.Tensor): Promise<any> => {
    const record = { value: ({ x }: Tensors<'x'>, data: Data) => f(x, data) };
    const { rows } = await train(
      s => s,
      { x: ndarray([1, -2, 0.5]) },
      { data, steps: 1, every: 1, mode, dtype, record },
    );
    return rows[1].value;
  };
  const close = (given: any, expected: number[]) =>
    expected.forEach((v, i) => expect(given.flat(Infinity)[i]).toBeCloseTo(v, digits));
  /** sum (A x)^3 / 3, whose gradient is A^T (A x)^2 and whose Hessian is A^T diag(2 A x) A. */
  const cubic = (x: tf.Tensor, A: tf.Tensor) => times(A, x).pow(3).sum().div(3);

  test('of a cubic: gradient, Hessian times a vector, and the Jacobian of the gradient, which is the Hessian', async () => {
    const y = A.map(row => row[0] - 2 * row[1] + 0.5 * row[2]);
    const hessian = A.map((_, i) => A.map((_, j) => A.reduce((sum, row, k) => sum + 2 * y[k] * row[i] * row[j], 0)));
    close(
      await recorded((x, { A }) => grad(({ x }) => cubic(x, A), { x, unused: A }).x),
      A.map((_, i) => A.reduce((sum, row, k) => sum + row[i] * y[k] ** 2, 0)),
    );
    close(await recorded((x, { A }) => grad(({ u }) => cubic(x, A).add(u.mul(0)).sum(), { u: x }).u), [0, 0, 0]);
    close(
      await recorded((x, { A }) => hvp(({ a: [x] }) => cubic(x, A), { a: [x] }, { a: [x] }).a[0]),
      hessian.map(row => row[0] - 2 * row[1] + 0.5 * row[2]),
    );
    close(await recorded((x, { A }) => jacobian(x => grad(x => cubic(x, A), x), x)), hessian.flat());
  });

  test('of a function with a matrix of values; its gradient goes on', async () => {
    const f = (x: tf.Tensor) => tf.stack([x.square(), x.mul(x.sum())]);
    const J = await recorded(x => jacobian(({ x }) => f(x), { x }).x);
    expect(J.map((a: any) => a.map((b: any) => b.length))).toEqual([
      [3, 3, 3],
      [3, 3, 3],
    ]);
    const x = [1, -2, 0.5];
    const s = -0.5;
    close(J, [
      ...x.flatMap((v, i) => x.map((_, j) => (i === j ? 2 * v : 0))),
      ...x.flatMap((v, i) => x.map((_, j) => v + (i === j ? s : 0))),
    ]);
    // the sum of squares of the Jacobian of x^2 is 4 |x|^2
    close(
      [
        await recorded(x =>
          grad(
            x =>
              jacobian(x => x.square(), x)
                .square()
                .sum(),
            x,
          ),
        ),
      ],
      x.map(v => 8 * v),
    );
  });

  test('gradients example by example: their Gram matrix', async () => {
    // of f(x) = w.x + (w.x)^2, with gradient (1 + 2 w.x) x
    const gram = await recorded((w, { X }) => {
      const G = map(x => grad(w => w.mul(x).sum().add(w.mul(x).sum().square()), w), X);
      return tf.matMul(G as tf.Tensor2D, G as tf.Tensor2D, false, true);
    });
    const X = [
      [1, 2, -1],
      [0.5, 3, 0],
    ];
    const scale = X.map(x => 1 + 2 * (x[0] - 2 * x[1] + 0.5 * x[2]));
    close(
      gram,
      X.flatMap((x, i) => X.map((y, j) => scale[i] * scale[j] * x.reduce((sum, v, k) => sum + v * y[k], 0))),
    );
  });
});

test('refused: no function, no tensor, other types, no scalar, another direction, more than 1 GB', () => {
  const x = tf.tensor([1, 2]);
  const sum = (x: tf.Tensor) => x.sum();
  expect(() => grad(3 as any, x)).toThrow(/^grad: f is number but must be a function$/);
  expect(() => grad(sum as any, {})).toThrow(/^grad: params holds no tensor$/);
  expect(() => grad(({ x }) => x.sum(), { x: x.toInt() })).toThrow(/^grad: params\.x is int32 but must be float32$/);
  expect(() => grad(x => x.square(), x)).toThrow(/^grad: f gave shape \[2\] but must give a scalar$/);
  expect(() => grad((() => 1) as any, x)).toThrow(/^grad: f gave number but must give a tensor$/);
  expect(() => hvp(sum, x, tf.tensor([1]))).toThrow(/^hvp: params is \[2\] but v is \[1\]; shapes must match$/);
  expect(() => hvp(({ x }) => x.sum(), { x }, { y: x } as any)).toThrow(/^hvp: v holds v\.y but params params\.x$/);
  expect(() => jacobian(x => x.tile([12000]), tf.zeros([12000]))).toThrow(
    /^jacobian: it would take 1\.38e\+4 GB but may take 1 GB; take it in blocks of rows$/,
  );
});

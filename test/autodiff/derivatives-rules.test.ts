import { expect } from 'vitest';
import { compile, linalg, logLogistic, logLogisticRisk, random, tf, train } from 'widenet';
import type { NativeBackend } from '../../src/autodiff/tf';
import { core as test, long } from '../support/tier';

/**
 * What holds of derivatives beyond each operation's own: gradients of gradients wherever they are taken, and
 * refusals by name and line.
 */
type Function1 = (x: any) => tf.Tensor;
const twice = (f: Function1) => (x: tf.Tensor) => tf.grad((x: tf.Tensor) => tf.grad(f)(x).sum())(x);
const thrice = (f: Function1) => (x: tf.Tensor) => tf.grad(twice(f))(x);
const at = (f: Function1, x: number) => tf.tidy(() => f(tf.scalar(x)).dataSync()[0]);

const [e, t] = [Math.exp(0.5), Math.tanh(0.5)],
  s = e / (1 + e),
  u = 1 - t * t;

/** At x = 0.5, by closed form. */
const seconds: Record<string, [Function1, number]> = {
  'd2 tanh(x)^2': [twice(x => tf.tanh(x).square()), 2 * u * u - 4 * t * t * u],
  'd2 x exp(x)': [twice(x => x.mul(tf.exp(x))), 2.5 * e],
  'd2 x sigmoid(x)': [twice(x => x.mul(tf.sigmoid(x))), 2 * s * (1 - s) + 0.5 * s * (1 - s) * (1 - 2 * s)],
  'd3 x exp(x)': [thrice(x => x.mul(tf.exp(x))), 3.5 * e],
  'd/dw (d/dx tanh(w x))^2 at w = 1': [
    x =>
      tf.grad((w: tf.Tensor) =>
        tf
          .grad(x => tf.tanh(w.mul(x)))(x)
          .square(),
      )(tf.onesLike(x)),
    2 * u * (u - t * u),
  ],
  'd2 of a linear function': [twice(x => x.mul(3)), 0],
  'what was computed before is constant in the inner gradient': [
    x =>
      tf.grad((x: tf.Tensor) => {
        const before = x.square();
        return tf.grad(y => y.square().mul(before))(x);
      })(x),
    6 * 0.25,
  ],
};

test('gradients of gradients by closed form, in plain TensorFlow.js, train, record and compile', async () => {
  for (const [name, [f, value]] of Object.entries(seconds)) {
    const near = (x: number) => expect(Math.abs(x - value), `${name}: ${x} against ${value}`).toBeLessThan(2e-6);
    near(at(f, 0.5));
    for (const mode of ['eager', 'graph', 'xla'] as const) {
      const run = await train(
        ({ x }) => ({ x: f(x) as tf.Scalar }),
        { x: 0.5 },
        { steps: 1, mode, record: { f: ({ x }) => f(x) } },
      );
      near(run.state.x.values[0]);
      near(run.rows[0].f);
    }
    near((await compile(({ x }: any) => ({ x: f(x) }))({ x: 0.5 })).x.values[0]);
  }
});

long('the largest eigenvalue of the Hessian of a tanh network, in record, is that of differences', async () => {
  const p = random.normal([9], { seed: 0, stream: 'p' });
  const data = {
    X: random.normal([6, 2], { seed: 0, stream: 'X' }),
    y: random.normal([6, 1], { seed: 0, stream: 'y' }),
  };
  const risk = (p: tf.Tensor, { X, y }: any) =>
    tf
      .matMul(tf.tanh(tf.matMul(X, p.slice([0], [6]).reshape([2, 3]))), p.slice([6], [3]).reshape([3, 1]))
      .sub(y)
      .square()
      .mean();
  const gradient = (p: tf.Tensor, d: any) => tf.grad(p => risk(p, d))(p);
  const unit = (v: tf.Tensor) => v.div(v.square().sum().sqrt());
  const power = (product: (v: tf.Tensor) => tf.Tensor) => {
    let v = unit(tf.range(1, 10));
    for (let i = 0; i < 30; i++) v = unit(product(v));
    return v.mul(product(v)).sum();
  };
  const h = 1e-5;
  const {
    rows: [row],
  } = await train(
    state => state,
    { p },
    {
      data,
      steps: 0,
      dtype: 'float64',
      record: {
        exact: ({ p }, d) => power(v => tf.grad((p: tf.Tensor) => gradient(p, d).mul(v).sum())(p)),
        differences: ({ p }, d) =>
          power(v =>
            gradient(p.add(v.mul(h)), d)
              .sub(gradient(p.sub(v.mul(h)), d))
              .div(2 * h),
          ),
      },
    },
  );
  expect(Math.abs(row.exact / row.differences - 1)).toBeLessThan(1e-7);
});

test('tf.grads, tf.valueAndGrad and tf.variableGrads give gradients that can be differentiated', () => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const [a, b] = [tf.scalar(0.5), tf.scalar(2)];
    const mixed = tf
      .grad((b: tf.Tensor) => tf.grads((a, b) => tf.exp(a.mul(b)))([a, b])[0])(b)
      .dataSync()[0];
    expect(mixed).toBeCloseTo(2 * Math.E, 5);
    expect(
      tf
        .grad((a: tf.Tensor) => tf.valueAndGrad(a => tf.exp(a.mul(2)))(a).grad)(a)
        .dataSync()[0],
    ).toBeCloseTo(4 * Math.E, 5);
    expect(
      tf
        .grads((a, b) => tf.valueAndGrads((a, b) => tf.exp(a.mul(b)))([a, b]).grads[1])([a, b])[0]
        .dataSync()[0],
    ).toBeCloseTo(2 * Math.E, 5);
    expect(
      tf
        .grads((a, b) => tf.grad((a: tf.Tensor) => a.mul(b))(a))([a, b])
        .map(d => d.dataSync()[0]),
    ).toEqual([0, 1]);
  });
  const w = tf.tidy(() => tf.variable(tf.scalar(0.5)));
  const slope = tf.tidy(
    () =>
      tf
        .variableGrads(() => tf.grad((x: tf.Tensor) => tf.tanh(w.mul(x)))(tf.scalar(0.5)) as tf.Scalar, [w])
        .grads[w.name].dataSync()[0],
  );
  expect(slope).toBeCloseTo((1 - Math.tanh(0.25) ** 2) * (1 - 0.5 * Math.tanh(0.25)), 5);
  w.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

/**
 * x exp(x) with the exponential by a gradient of its own, which saves its input, its result, or what it made in
 * between, or closes over its input.
 */
const customs: Record<
  string,
  (...given: any[]) => { value: tf.Tensor; gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor }
> = {
  input: (x, save) => {
    save([x]);
    return { value: x.exp(), gradFunc: (dy, [x]) => dy.mul(x.exp()) };
  },
  result: (x, save) => {
    const value = x.exp();
    save([value]);
    return { value, gradFunc: (dy, [y]) => dy.mul(y) };
  },
  between: (x, save) => {
    const half = x.div(2).exp();
    save([x, half]);
    return { value: half.square(), gradFunc: (dy, [, half]) => dy.mul(half).mul(half) };
  },
  closure: x => ({ value: x.exp(), gradFunc: dy => dy.mul(x.exp()) }),
};

test.each(Object.entries(customs))(
  'tf.customGrad with its %s: first, second and third derivatives, and no tensor left',
  (_, custom) => {
    const before = tf.memory().numTensors;
    const f: Function1 = x => x.mul(tf.customGrad(custom as never)(x.mul(1)));
    expect([tf.grad(f), twice(f), thrice(f)].map(f => at(f, 0.5) / e)).toEqual(
      [1.5, 2.5, 3.5].map(value => expect.closeTo(value, 5)),
    );
    expect(tf.memory().numTensors).toBe(before);
  },
);

test('tf.customGrad may give its input or its dy as they are', () => {
  const same = tf.customGrad(((x: tf.Tensor) => ({ value: x, gradFunc: (dy: tf.Tensor) => dy.mul(5) })) as never);
  expect(
    at(
      tf.grad((x: any) => same(x.mul(1)).mul(2)),
      3,
    ),
  ).toBe(10);
  const sum = tf.customGrad(((a: tf.Tensor, b: tf.Tensor) => ({
    value: a.add(b),
    gradFunc: (dy: tf.Tensor) => [dy, dy],
  })) as never) as unknown as (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
  expect(
    at(
      tf.grad((x: any) => sum(x, x.square()).add(x)),
      3,
    ),
  ).toBe(8);
  const saved = tf.customGrad(((x: tf.Tensor, save: any) => {
    save([x]);
    return { value: x.square().div(2), gradFunc: (_: tf.Tensor, [x]: tf.Tensor[]) => x };
  }) as never);
  expect(
    at(
      twice(x => saved(x)),
      3,
    ),
  ).toBe(1);
});

test('a gradient of nothing, or of what a reading cut off, is refused', () => {
  expect(() =>
    at(
      tf.grad(() => tf.scalar(2)),
      1,
    ),
  ).toThrow(
    /^gradient: the result does not depend on what it is differentiated with .* \(at .*derivatives-rules\.test\.ts:\d+/,
  );
  const before = tf.memory().numTensors;
  expect(() =>
    at(
      tf.grad(x => tf.scalar(tf.exp(x).dataSync()[0])),
      1,
    ),
  ).toThrow(/^gradient: the result does not depend/);
  expect(tf.memory().numTensors).toBe(before);
});

const cholesky = (x: tf.Tensor) => {
  const { binding, executeSingleOutput } = tf.backend() as NativeBackend;
  return executeSingleOutput.call(
    tf.backend(),
    'Cholesky',
    [{ name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }],
    [x],
  );
};
const four = (x: tf.Tensor) => x.reshape([1, 4, 4, 1]) as tf.Tensor4D;
const second =
  (f: Function1): Function1 =>
  x =>
    tf.grad((x: tf.Tensor) =>
      tf
        .grad((x: tf.Tensor) => f(x).square().sum())(x)
        .sum(),
    )(x);
const first =
  (f: Function1): Function1 =>
  x =>
    tf.grad((x: tf.Tensor) => f(x).sum())(x);

/** Every operation whose first or second derivative is refused, with what is said. */
const refused: Record<string, [RegExp, Function1]> = {
  dilation2d: [
    /op Dilation2DBackprop(Input|Filter) has no derivative/,
    second(x => tf.dilation2d(four(x), tf.ones([2, 2, 1]), 1, 'same')),
  ],
  localResponseNormalization: [/op LRNGrad has no derivative/, second(x => tf.localResponseNormalization(four(x)))],
  maxPool3d: [
    /op MaxPool3DGrad has no derivative/,
    second(x => tf.maxPool3d(x.reshape([1, 2, 2, 4, 1]), 2, 1, 'same')),
  ],
  cropAndResize: [
    /op CropAndResize has no derivative/,
    first(x => tf.image.cropAndResize(four(x), tf.tensor2d([[0, 0, 1, 1]]), tf.tensor1d([0], 'int32'), [2, 2])),
  ],
  complex: [/op Real has no derivative/, first(x => tf.real(tf.complex(x, x)))],
  complexAbs: [/op (ComplexAbs|Complex) has no derivative/, first(x => tf.abs(tf.complex(x, x)))],
  fft: [/op (Real|FFT|Complex) has no derivative/, first(x => tf.real(tf.spectral.fft(tf.complex(x, x))))],
  ifft: [/op (Real|IFFT|Complex) has no derivative/, first(x => tf.real(tf.spectral.ifft(tf.complex(x, x))))],
  'conv2d with dilations': [
    /op Conv2D: .*dilation rates greater than 1/,
    first(x => tf.conv2d(four(x), tf.ones([2, 2, 1, 1]), 1, 'same', 'NHWC', 2)),
  ],
  'an operation of the runtime': [/op Cholesky has no derivative/, first(x => cholesky(x))],
  'a result made of one': [
    /op Cholesky has no derivative/,
    second(x =>
      tf.customGrad(((x: tf.Tensor, save: any) => {
        const l = cholesky(x);
        save([l]);
        return { value: l.square(), gradFunc: (dy: tf.Tensor, [l]: tf.Tensor[]) => dy.mul(l) };
      }) as never)(x),
    ),
  ],
};

test.each(Object.entries(refused))('the derivative of %s is refused by name and line', async (_, [what, f]) => {
  const said = new RegExp(`^gradient: ${what.source} ?.*\\(at .*derivatives-rules\\.test\\.ts:\\d+`);
  const before = tf.memory().numTensors;
  const x = tf.eye(4);
  expect(() => tf.tidy(() => f(x))).toThrow(said);
  await expect(train(({ x }) => ({ x: f(x) as tf.Tensor2D }), { x }, { steps: 1, mode: 'graph' })).rejects.toThrow(
    said,
  );
  x.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

/** Kernels without a gradient, and why none is missed. */
const without: Record<string, string> = {
  ...Object.fromEntries(
    [
      'Fill',
      'LinSpace',
      'Range',
      'Multinomial',
      'StaticRegexReplace',
      'BroadcastArgs',
      'Unique',
      'NonMaxSuppressionV3',
      'NonMaxSuppressionV4',
      'NonMaxSuppressionV5',
    ].map(name => [name, 'nothing to differentiate: no argument, or a result that is not a smooth number']),
  ),
  ...Object.fromEntries(
    ['_FusedMatMul', 'FusedConv2D', 'FusedDepthwiseConv2D', 'EluGrad'].map(name => [
      name,
      'its derivative is put together of others',
    ]),
  ),
  ...Object.fromEntries(
    ['ResizeBilinearGrad', 'ResizeNearestNeighborGrad'].map(name => [
      name,
      'never called: the derivative of a resizing is by the operation of the runtime',
    ]),
  ),
  ...Object.fromEntries(
    [
      'Complex',
      'ComplexAbs',
      'Real',
      'Imag',
      'FFT',
      'IFFT',
      'CropAndResize',
      'Dilation2DBackpropFilter',
      'Dilation2DBackpropInput',
      'LRNGrad',
      'MaxPool3DGrad',
    ].map(name => [name, 'refused, see above']),
  ),
};

test('each kernel has a gradient, or is named as one that has none', () => {
  const names = tf.getKernelsForBackend('tensorflow').map(({ kernelName }) => kernelName);
  expect(names.filter(name => !tf.getGradient(name)).sort()).toEqual(Object.keys(without).sort());
});

test('the loss of two classes keeps its digits where it is close to 0, and its derivatives', () => {
  const loss = (label: number) => (x: tf.Tensor) => tf.losses.sigmoidCrossEntropy(tf.scalar(label), x) as tf.Tensor;
  for (const [label, x] of [
    [1, 20],
    [0, -20],
    [1, 5],
    [0, -5],
    [1, -3],
    [0, 3],
  ]) {
    const sign = 1 - 2 * label,
      s = 1 / (1 + Math.exp(-sign * x));
    const close = (found: number, right: number) => expect(Math.abs(found / right - 1)).toBeLessThan(1e-6);
    close(at(loss(label), x), Math.log1p(Math.exp(sign * x)));
    close(at(tf.grad(loss(label)), x), sign * s);
    close(at(twice(loss(label)), x), s * (1 / (1 + Math.exp(sign * x))));
  }
});

const matrix = () =>
  tf.tensor2d([
    [2, 0.5],
    [0.5, 1],
  ]);
const { choleskySolve, cg, eigvalsh, lstsq } = linalg;
test.each<[string, (a: tf.Tensor2D, b: tf.Tensor1D) => tf.Tensor]>([
  ['softmaxCrossEntropy', a => tf.losses.softmaxCrossEntropy(a, a)],
  ['softmaxCrossEntropy of arrays', () => tf.losses.softmaxCrossEntropy([[0, 1]], [[1, 2]])],
  ['sigmoidCrossEntropy', a => tf.losses.sigmoidCrossEntropy(a, a, undefined, 0.1)],
  ['choleskySolve', (a, b) => choleskySolve(a, b)],
  ['lstsq', (a, b) => lstsq(a, b)],
  [
    'lstsq of a wide matrix',
    (_, b) =>
      lstsq(
        tf.tidy(() => tf.ones([2, 3])),
        b,
      ),
  ],
  ['eigvalsh', a => eigvalsh(a)],
  ['cg', (a, b) => cg(x => tf.matMul(a, x.reshape([2, 1])).reshape([2]), b, { iterations: 3 })],
  ['logLogistic', (_, b) => logLogistic(b)],
  ['logLogisticRisk', (_, b) => logLogisticRisk(b)],
])('%s leaves nothing but its result, outside any tidy', (name, f) => {
  const [a, b] = [matrix(), tf.tensor1d([1, 2])];
  const before = tf.memory().numTensors;
  const given = name === 'lstsq of a wide matrix' ? 1 : 0; // the matrix that the case itself makes
  f(a, b).dispose();
  expect(tf.memory().numTensors - before).toBe(given);
});

test.each([
  [[0, 3], 0],
  [[0, 3], 1],
  [[0, 3], undefined],
  [[2, 0, 4], 1],
  [[1, 0], [0]],
  [[0], 0],
] as const)('the derivative of a sum or mean of no entries, [%s] over %s, has their shape', (shape, axis) => {
  for (const f of ['sum', 'mean'] as const)
    for (const keepDims of [false, true])
      expect(tf.grad(x => x[f](axis as any, keepDims))(tf.zeros([...shape])).shape).toEqual(shape);
});

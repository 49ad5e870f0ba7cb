import { expect, test as both } from 'vitest';
import { ndarray, random, tensor, tf, train } from 'widenet';
import { core as test, isLong } from '../../support/tier';

/**
 * Every kernel that TensorFlow.js has on the native backend, through the public operation that reaches it, gradients
 * included: what is compiled equals what eager computes. The test fails when a kernel is neither reached by a case nor
 * named in `uncovered`.
 */
const between = (stream: string, shape: number[], low: number, high: number) =>
  random.uniform(shape, { seed: 0, stream, low, high });
const data = {
  u: between('u', [3, 4], 0.1, 0.9),
  s: between('s', [3, 4], -3, 3),
  v: between('v', [3, 4], 0.2, 2),
  w: between('w', [4, 5], -1, 1),
  i: ndarray(Int32Array.of(2, 0, 1, 2), [4]),
  b: tf.tensor2d([1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0], [3, 4], 'bool'),
  image: between('image', [1, 6, 6, 2], -1, 1),
  filter: between('filter', [3, 3, 2, 3], -1, 1),
  depth: between('depth', [3, 3, 2, 2], -1, 1),
  flat: between('flat', [2, 2, 2], -1, 1),
  volume: between('volume', [1, 4, 4, 4, 1], -1, 1),
  cube: between('cube', [2, 2, 2, 1, 2], -1, 1),
};
type Tensors = Record<keyof typeof data, any>;
type Case = (t: Tensors) => tf.Tensor;

const grads = (f: (...x: any[]) => tf.Tensor, ...x: tf.Tensor[]) =>
  tf.concat(
    tf
      .grads(
        (...x) =>
          f(...x)
            .square()
            .sum() as tf.Scalar,
      )(x)
      .map(g => g.flatten()),
  );
const gradients = (f: (...x: any[]) => tf.Tensor, ...x: tf.Tensor[]) =>
  tf.concat([
    f(...x)
      .toFloat()
      .flatten(),
    grads(f, ...x),
  ]);
const parts = (z: tf.Tensor) => tf.stack([tf.real(z), tf.imag(z)]);
const whole = (x: number) => tf.scalar(x, 'int32');
const int = (x: tf.Tensor) => x.toInt();

const smooth: Record<string, (x: any) => tf.Tensor> = Object.fromEntries(
  (
    [
      'acos',
      'asin',
      'asinh',
      'atan',
      'atanh',
      'cos',
      'cosh',
      'elu',
      'erf',
      'exp',
      'expm1',
      'log',
      'log1p',
      'neg',
      'reciprocal',
      'relu',
      'relu6',
      'rsqrt',
      'selu',
      'sigmoid',
      'sin',
      'sinh',
      'softplus',
      'sqrt',
      'square',
      'tan',
      'tanh',
      'softmax',
      'logSoftmax',
      'logSigmoid',
    ] as const
  ).map(name => [name, (x: any) => (tf as any)[name](x)]),
);

const cases: Record<string, Case> = {
  ...Object.fromEntries(Object.entries(smooth).map(([name, f]): [string, Case] => [name, ({ u }) => gradients(f, u)])),
  reluNegative: ({ s }) =>
    gradients(
      x => tf.concat([tf.relu(x), tf.elu(x), tf.selu(x), tf.relu6(x), tf.leakyRelu(x, 0.3), tf.clipByValue(x, -1, 1)]),
      s,
    ),
  prelu: ({ s, v }) => gradients(tf.prelu, s, v),
  acosh: ({ v }) => gradients(x => tf.acosh(x.add(1)), v),
  abs: ({ s }) => gradients(tf.abs, s),
  rounding: ({ s }) => tf.stack([tf.ceil(s), tf.floor(s), tf.round(s), tf.sign(s), tf.step(s, 0.1)]),
  finite: ({ s }) => tf.stack([tf.isFinite(s.log()), tf.isInf(s.div(0)), tf.isNaN(s.log())].map(int)),
  casts: ({ s, b }) => tf.stack([s.toInt().toFloat(), b.toFloat(), s.toBool().toFloat(), b.toInt().toFloat()]),

  arithmetic: ({ s, v }) => gradients((s, v) => tf.stack([s.add(v), s.sub(v), s.mul(v), s.div(v), v.pow(s)]), s, v),
  divNoNan: ({ s, v }) => tf.divNoNan(s, v.sub(v)),
  broadcasting: ({ s, v }) => gradients((s, v) => s.add(v.sum(0)).mul(v.mean(1, true)).sub(2).div(v.sum()), s, v),
  extremes: ({ s, v }) =>
    gradients(
      (s, v) => tf.stack([tf.maximum(s, v), tf.minimum(s, v), tf.squaredDifference(s, v), tf.atan2(s, v)]),
      s,
      v,
    ),
  remainders: ({ s, v }) => tf.stack([tf.mod(s, v), tf.floorDiv(s, v)]),
  integers: ({ i }) =>
    tf.stack([
      i.add(whole(3)),
      i.sub(whole(1)),
      i.mul(i),
      int(tf.floorDiv(i, whole(2))),
      tf.maximum(i, tf.onesLike(i)),
      i.square(),
    ]),
  comparisons: ({ s, v }) =>
    tf.stack([s.less(v), s.lessEqual(v), s.greater(v), s.greaterEqual(v), s.equal(s.round()), s.notEqual(v)].map(int)),
  logic: ({ b }) =>
    tf.stack(
      [
        tf.logicalAnd(b, b.logicalNot()),
        tf.logicalOr(b, b.logicalNot()),
        tf.logicalXor(b, b),
        b.all(1, true).tile([1, 4]),
        b.any(1, true).tile([1, 4]),
      ].map(int),
    ),
  where: ({ b, s, v }) => gradients((s, v) => tf.where(b, s, v), s, v),
  addN: ({ s, v }) => gradients((s, v) => tf.addN([s, v, s]), s, v),

  sums: ({ s }) =>
    gradients(s => tf.concat([s.sum(0), s.mean(0), s.max(0), s.min(0), s.logSumExp(0), s.norm(2, 0)]), s),
  prod: ({ v }) => gradients(v => v.prod(0), v),
  cumulative: ({ s, v }) => gradients((s, v) => tf.stack([s.cumsum(1), v.cumsum(1, true, true)]), s, v),
  cumprod: ({ v }) => tf.cumprod(v, 1),
  meansOfTypes: ({ b, i }) =>
    tf.concat(
      [
        b.mean(),
        b.mean(0),
        b.mean(1, true),
        i.mean(),
        i.mean(0),
        tf.moments(b).mean,
        tf.moments(b, 0).variance,
        tf.moments(i).variance,
      ].map(x => x.flatten()),
    ),
  sumsOfTypes: ({ b, i }) =>
    tf.concat(
      [b.sum(), b.sum(0), b.prod(1), i.sum(), i.prod(), i.max(), i.min(), b.any(), b.all(0), i.cumsum()].map(x =>
        int(x).flatten(),
      ),
    ),
  boolWithFloat: ({ b, s }) =>
    tf.stack([
      b.add(s),
      s.sub(b),
      b.mul(s),
      s.div(b.toFloat().add(1)),
      tf.maximum(b, s),
      tf.minimum(s, b),
      tf.squaredDifference(b, s),
      s.greater(b).toFloat(),
      b.less(s).toFloat(),
    ]),
  boolWithInteger: ({ b, i }) =>
    tf.stack([b.add(i), i.sub(b), b.mul(i), tf.maximum(b, i), i.equal(b), b.notEqual(i)].map(int)),
  boolInGradient: ({ b, s }) => gradients(s => s.mul(b).sub(b.mean()), s),
  arguments: ({ s }) => tf.concat([s.argMax(0), s.argMin(0)]),
  moments: ({ s }) => gradients(s => tf.moments(s, 0).variance, s),
  topk: ({ s }) => {
    const { values, indices } = tf.topk(s, 2);
    return tf.concat([values, indices.toFloat()]);
  },
  bincount: ({ i }) => tf.bincount(i, tf.tensor1d([0.5, 1, 2, 4]), 4),

  matMul: ({ s, w }) => gradients((s, w) => tf.matMul(s, w), s, w),
  matMulTransposed: ({ s, v }) => gradients((s, v) => tf.matMul(s, v, true), s, v),
  batchMatMul: ({ s, w }) =>
    gradients((s, w) => tf.matMul(s.reshape([1, 3, 4]).tile([2, 1, 1]), w.reshape([1, 4, 5]).tile([2, 1, 1])), s, w),
  fusedMatMul: ({ s, w }) => tf.fused.matMul({ a: s, b: w, bias: w.sum(0), activation: 'relu' }),
  dots: ({ s, v }) =>
    gradients(
      (s, v) => tf.stack([tf.dot(s.flatten(), v.flatten()), tf.outerProduct(s.flatten(), v.flatten()).sum()]),
      s,
      v,
    ),
  einsum: ({ s, w }) => tf.einsum('ij,jk->ik', s, w),
  diag: ({ u }) => tf.diag(u.flatten()),

  concat: ({ s, v }) => gradients((s, v) => tf.concat([s, v], 1), s, v),
  stack: ({ s, v }) => gradients((s, v) => tf.stack([s, v], 1), s, v),
  split: ({ s }) =>
    gradients(s => {
      const [a, b] = tf.split(s, 2, 1);
      return a.sub(b);
    }, s),
  unstack: ({ s }) =>
    gradients(s => {
      const [a, b, c] = tf.unstack(s);
      return a.mul(b).sub(c);
    }, s),
  slices: ({ s }) => gradients(s => tf.slice(s, [1, 0], [2, 3]), s),
  stridedSlice: ({ s }) => tf.stridedSlice(s, [0, 0], [3, 4], [2, 3]),
  gather: ({ s, i }) => gradients(s => tf.gather(s, i, 1), s),
  gatherND: ({ s }) => tf.gatherND(s, tf.tensor2d([0, 1, 2, 3], [2, 2], 'int32')),
  pads: ({ s }) =>
    gradients(
      s =>
        tf.pad(
          s,
          [
            [1, 0],
            [0, 2],
          ],
          0.5,
        ),
      s,
    ),
  mirrorPad: ({ s }) =>
    gradients(
      s =>
        tf.mirrorPad(
          s,
          [
            [1, 1],
            [1, 1],
          ],
          'reflect',
        ),
      s,
    ),
  tile: ({ s }) => gradients(s => tf.tile(s, [2, 3]), s),
  transpose: ({ flat }) => gradients(x => tf.transpose(x, [2, 0, 1]), flat),
  reverse: ({ s }) => gradients(s => tf.reverse(s, 1), s),
  reshape: ({ s }) => gradients(s => s.reshape([4, 3]).expandDims(1).squeeze([1]).mul(tf.range(0, 3)), s),
  broadcastArgs: () => tf.broadcastArgs(tf.tensor1d([3, 1], 'int32'), tf.tensor1d([1, 4], 'int32')),
  broadcastTo: ({ s }) => gradients(s => tf.broadcastTo(s.sum(0, true), [3, 4]), s),
  oneHot: ({ i }) => tf.oneHot(i, 3, 2, -1),
  constants: ({ s }) =>
    tf.stack([
      tf.zerosLike(s),
      tf.onesLike(s),
      tf.fill([3, 4], 0.3),
      tf.linspace(0, 1, 12).reshape([3, 4]),
      tf.range(0, 12).reshape([3, 4]),
      tf.eye(3, 4),
    ]),
  scatter: ({ s }) => tf.scatterND(tf.tensor2d([2, 0], [2, 1], 'int32'), s.slice([0, 0], [2, 4]), [3, 4]),
  scatterUpdate: ({ s, v }) => tf.tensorScatterUpdate(s, tf.tensor2d([2, 0], [2, 1], 'int32'), v.slice([0, 0], [2, 4])),
  sparseToDense: ({ u }) => tf.sparseToDense(tf.tensor1d([1, 3], 'int32'), u.flatten().slice(0, 2), [5], u.sum()),
  segments: ({ s, i }) => gradients(s => tf.unsortedSegmentSum(s.transpose(), i, 3), s),
  spaceToBatch: ({ image }) =>
    gradients(
      x =>
        tf.spaceToBatchND(
          x,
          [2, 2],
          [
            [0, 0],
            [0, 0],
          ],
        ),
      image,
    ),
  batchToSpace: ({ image }) =>
    gradients(
      x =>
        tf.batchToSpaceND(
          x.tile([4, 1, 1, 1]),
          [2, 2],
          [
            [0, 0],
            [0, 0],
          ],
        ),
      image,
    ),
  depthToSpace: ({ image }) => tf.depthToSpace(image.tile([1, 1, 1, 2]), 2, 'NHWC'),

  complex: ({ s, v }) => tf.concat([parts(tf.complex(s, v)).flatten(), tf.abs(tf.complex(s, v)).flatten()]),
  fft: ({ s, v }) => parts(tf.spectral.fft(tf.complex(s, v))),
  ifft: ({ s, v }) => parts(tf.spectral.ifft(tf.complex(s, v))),

  conv2d: ({ image, filter }) => gradients((x, f) => tf.conv2d(x, f, 1, 'same'), image, filter),
  conv2dStrided: ({ image, filter }) => gradients((x, f) => tf.conv2d(x, f, 2, 'valid'), image, filter),
  depthwise: ({ image, depth }) => gradients((x, f) => tf.depthwiseConv2d(x, f, 1, 'same'), image, depth),
  conv3d: ({ volume, cube }) => gradients((x, f) => tf.conv3d(x, f, 1, 'same'), volume, cube),
  fusedConv2d: ({ image, filter }) =>
    tf.fused.conv2d({ x: image, filter, strides: 1, pad: 'same', bias: tf.tensor1d([1, 2, 3]), activation: 'relu' }),
  fusedDepthwise: ({ image, depth }) =>
    tf.fused.depthwiseConv2d({
      x: image,
      filter: depth,
      strides: 1,
      pad: 'same',
      bias: tf.tensor1d([1, 2, 3, 4]),
      activation: 'relu',
    }),
  dilation: ({ image, flat }) => gradients((x, f) => tf.dilation2d(x, f, 1, 'same'), image, flat),
  maxPool: ({ image }) => gradients(x => tf.maxPool(x, 2, 2, 'same'), image),
  avgPool: ({ image }) => gradients(x => tf.avgPool(x, 2, 2, 'same'), image),
  maxPool3d: ({ volume }) => gradients(x => tf.maxPool3d(x, 2, 2, 'same'), volume),
  avgPool3d: ({ volume }) => gradients(x => tf.avgPool3d(x, 2, 2, 'same'), volume),
  normalization: ({ image }) => gradients(x => tf.localResponseNormalization(x, 1, 1, 0.5, 0.5), image),
  batchNorm: ({ image }) =>
    tf.batchNorm(image, tf.tensor1d([0.1, 0.2]), tf.tensor1d([1, 2]), tf.tensor1d([0, 1]), tf.tensor1d([1, 3]), 0.01),
  resizeBilinear: ({ image }) => gradients(x => tf.image.resizeBilinear(x, [4, 9]), image),
  resizeNearest: ({ image }) => gradients(x => tf.image.resizeNearestNeighbor(x, [3, 12]), image),
  cropAndResize: ({ image }) =>
    tf.image.cropAndResize(image, tf.tensor2d([0, 0, 0.5, 0.8], [1, 4]), tf.tensor1d([0], 'int32'), [3, 3]),
  flip: ({ image }) => tf.image.flipLeftRight(image),
};

/** Kernels no case reaches, and why. */
const uncovered: Record<string, string> = {
  Multinomial: 'random numbers of its own: refused',
  EluGrad: 'the derivative of elu is given by its result instead',
  ResizeBilinearGrad: 'the derivative of a resizing is by the operation of the runtime, called by its name',
  ResizeNearestNeighborGrad: 'the same',
  NonMaxSuppressionV3: 'the shape of its result depends on values: refused',
  NonMaxSuppressionV4: 'the same',
  NonMaxSuppressionV5: 'the same',
  Unique: 'the same',
  StaticRegexReplace: 'strings',
};

/** Cases that XLA cannot compile, by the op that it has not. */
const notInXla: Record<string, string> = {
  dilation: 'Dilation2D',
  resizeNearest: 'ResizeNearestNeighborGrad',
  cropAndResize: 'CropAndResize',
};

/** Cases with an op that exists in float32 only. */
const notInDoubles: Record<string, string> = {
  maxPool3d: 'MaxPool3D',
  avgPool3d: 'AvgPool3D',
  normalization: 'LRN',
  batchNorm: 'FusedBatchNorm',
  resizeBilinear: 'ResizeBilinear',
  cropAndResize: 'CropAndResize',
};

type Options = { mode: 'eager' | 'graph' | 'xla' | 'auto'; dtype?: 'float32' | 'float64' };
const evaluate = (names: readonly string[], options: Options) =>
  train(
    s => s,
    { x: 0 },
    {
      data,
      steps: 0,
      ...options,
      record: Object.fromEntries(names.map(name => [name, (_: any, t: any) => cases[name](t)])),
    },
  );
const numbers = (value: unknown) => (Array.isArray(value) ? value : [value]).flat(Infinity) as number[];

test('every kernel is reached by a case, or is named as one that is not', async () => {
  const t = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, value instanceof tf.Tensor ? value : tensor(value)]),
  ) as Tensors;
  const reached = new Set<string>();
  for (const f of Object.values(cases))
    for (const name of (
      await tf.profile(() => {
        tf.tidy(() => {
          f(t);
        });
      })
    ).kernelNames)
      reached.add(name);
  const kernels = tf.getKernelsForBackend('tensorflow').map(({ kernelName }) => kernelName);
  expect(kernels.filter(name => !reached.has(name)).sort()).toEqual(Object.keys(uncovered).sort());
});

const runs: [string, Options, Record<string, string>][] = [
  ['graph', { mode: 'graph' }, {}],
  ['xla', { mode: 'xla' }, notInXla],
  ['graph in doubles', { mode: 'graph', dtype: 'float64' }, notInDoubles],
  ['xla in doubles', { mode: 'xla', dtype: 'float64' }, { ...notInXla, ...notInDoubles }],
];
both.each(runs.filter(([name]) => (name === 'xla in doubles') === isLong))(
  'each case gives in %s what it gives in eager',
  async (_, options, without) => {
    const names = Object.keys(cases).filter(name => !(name in without));
    const [eager] = (await evaluate(names, { mode: 'eager' })).rows;
    const [compiled] = (await evaluate(names, options)).rows;
    for (const name of names) {
      const expected = numbers(eager[name]);
      numbers(compiled[name]).forEach((value, i) => {
        if (Number.isFinite(expected[i]))
          expect(Math.abs(value - expected[i]), `${name}[${i}]: ${value} against ${expected[i]}`).toBeLessThan(
            2e-5 * (1 + Math.abs(expected[i])),
          );
        else expect(value, `${name}[${i}]`).toBe(expected[i]);
      });
    }
  },
);

test.each<[string, Case]>([
  ['Max', ({ b }) => b.max()],
  ['Min', ({ b }) => b.min()],
  ['Neg', ({ b }) => b.neg()],
  ['Add', ({ b }) => b.add(b)],
  ['Cumsum', ({ b }) => b.cumsum()],
  ['Less', ({ b }) => b.less(b)],
])('%s of bools, which eager refuses, is refused by name', async (op, f) => {
  expect(() => tf.tidy(() => f(data as never))).toThrow(/Invalid TF_Status/);
  await expect(train(s => s, { x: 0 }, { data, steps: 0, record: { value: (_, t) => f(t as never) } })).rejects.toThrow(
    new RegExp(`^train: op ${op} .*bool.*\\(at .*recording\\.test\\.ts`),
  );
});

test.each(Object.entries(notInXla))('%s: XLA has no %s; mode xla says so, auto takes graph', async (name, op) => {
  await expect(evaluate([name], { mode: 'xla' })).rejects.toThrow(
    new RegExp(`^train: op ${op} fails in xla mode with float32 \\(at .*recording\\.test\\.ts`),
  );
  await expect(
    train((s, t: any) => ({ x: s.x.add(cases[name](t).sum().mul(0)) }), { x: 0 }, { data, steps: 1 }),
  ).resolves.toMatchObject({ mode: 'graph' });
});

test.each(Object.entries(notInDoubles))('%s: %s has no doubles, which is said', async (name, op) => {
  await expect(evaluate([name], { mode: 'graph', dtype: 'float64' })).rejects.toThrow(
    new RegExp(`^train: op ${op} .*(float64|double|float).*\\(at .*recording\\.test\\.ts`),
  );
});

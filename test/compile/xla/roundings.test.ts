import { describe, expect, test } from 'vitest';
import { fori, map, random, scan, tf, train } from 'widenet';

/** v - max(v) is zero where v is largest, and nowhere above: whatever v is, if all who read v read the same numbers. */
const x = random.normal([6, 50], { seed: 3, stream: 'x' });
const w = random.normal([50, 50], { seed: 3, stream: 'w' });
type Data = { x: tf.Tensor2D; w: tf.Tensor2D };
type Case = (t: Data) => tf.Tensor;
const excess = (v: tf.Tensor): tf.Tensor => v.sub(v.max()).max();

const values: Record<string, Case> = {
  'c x': ({ x }) => x.mul(12345.67),
  'x w': ({ x, w }) => x.mul(w.slice([0], [6])),
  'x²': ({ x }) => x.square(),
  'x / 3': ({ x }) => x.div(3),
  'x / w': ({ x, w }) => x.div(w.slice([0], [6])),
  '(x - 1)²': ({ x }) => tf.squaredDifference(x, 1),
  'x to the power 2': ({ x }) => x.mul(1.1).pow(2),
  'einsum of one': ({ x }) => tf.einsum('ij,ij->ij', x, x),
  'convolution in space with one weight': ({ x, w }) =>
    tf.conv3d(x.reshape([1, 3, 10, 10, 1]) as any, w.slice([0, 0], [1, 1]).reshape([1, 1, 1, 1, 1]) as any, 1, 'valid'),
  'transposed convolution with one weight': ({ x, w }) =>
    tf.conv2dTranspose(pixels(x), weight(w), [1, 15, 20, 1], 1, 'valid'),
  'derivative of average pooling': ({ x }) =>
    tf.grad(x => tf.avgPool(pixels(x), 1, 1, 'valid').square().mul(0.3).sum())(x),
  'real part': ({ x }) => tf.real(tf.complex(x.mul(0.3), x)),
  mean: ({ w }) => w.mean(1),
  'mean of products': ({ w }) => w.mul(7.7).mean(1).mul(3.3),
  'x³': ({ x }) => x.pow(3),
  divNoNan: ({ x }) => tf.divNoNan(x, tf.scalar(3)),
  'average pooling': ({ x }) => tf.avgPool(x.reshape([1, 15, 20, 1]) as tf.Tensor4D, 3, 1, 'valid'),
  'product of a matrix': ({ x, w }) => x.matMul(w).mul(0.3),
  'outer product': ({ x }) => tf.outerProduct(x.slice([0], [1]).flatten(), x.slice([1], [1]).flatten()),
  'convolution of one channel with one weight': ({ x, w }) =>
    tf.conv2d(
      x.reshape([1, 15, 20, 1]) as tf.Tensor4D,
      w.slice([0, 0], [1, 1]).reshape([1, 1, 1, 1]) as tf.Tensor4D,
      1,
      0,
    ),
  'convolution with one weight for each channel': ({ x, w }) =>
    tf.depthwiseConv2d(
      x.reshape([1, 5, 6, 10]) as tf.Tensor4D,
      w.slice([0, 0], [1, 10]).reshape([1, 1, 10, 1]) as tf.Tensor4D,
      1,
      'valid',
    ),
  'products of matrices with a side of one': ({ x }) => x.reshape([2, 150, 1]).matMul(x.reshape([2, 1, 150])),
  'row times matrix': ({ x, w }) => x.slice([0], [1]).matMul(w),
  where: ({ x }) => tf.where(x.greater(0), x.mul(0.3), x.mul(0.1)),
  clipped: ({ x }) => x.mul(0.3).clipByValue(-0.5, 5),
  prelu: ({ x, w }) => tf.prelu(x, w.slice([0], [6])),
  'cumulated product': ({ x }) => x.cumprod(1),
  'sum of products': ({ x, w }) => tf.einsum('ij,ij->i', x, w.slice([0], [6])),
  'derivative of tanh': ({ x }) => tf.grad(y => y.tanh())(x),
  'derivative of a product': ({ x }) => tf.grad(y => y.mul(0.3).square())(x),
  ...Object.fromEntries(
    [
      'exp',
      'tanh',
      'sigmoid',
      'softplus',
      'elu',
      'selu',
      'sqrt',
      'rsqrt',
      'reciprocal',
      'expm1',
      'sinh',
      'erf',
      'sin',
      'leakyRelu',
      'relu6',
      'swish',
    ].map(name => [name, ({ x }: Data) => (name === 'swish' ? x.mul(x.sigmoid()) : (x.abs() as any)[name]())]),
  ),
};
const through: Record<string, (v: tf.Tensor) => tf.Tensor> = {
  cast: v => v.cast('float32'),
  'sum of one': v => v.reshape([300, 1]).sum(1),
  'mean of one': v => v.reshape([300, 1]).mean(1),
  'max of one': v => v.reshape([300, 1]).max(1),
  'product of one': v => v.reshape([300, 1]).prod(1),
  'cumulated sum of one': v => v.reshape([300, 1]).cumsum(1),
  'sum of one product': v => tf.addN([v.reshape([300])]),
  'batch to space': v =>
    tf.batchToSpaceND(
      v.reshape([6, 5, 5, 2]).slice([0], [4]),
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  'depth to space': v => tf.depthToSpace(v.reshape([1, 5, 5, 12]) as tf.Tensor4D, 2),
  unstack: v => tf.unstack(v)[0],
  split: v => tf.split(v, 2, 1)[1],
  resized: v => tf.image.resizeNearestNeighbor(v.reshape([1, 6, 50, 1]) as tf.Tensor4D, [12, 50]),
  'max with less': v => tf.maximum(v, -1e9),
  'max with -Infinity': v => tf.maximum(v, -Infinity),
  'min with Infinity': v => tf.minimum(v, Infinity),
  'max with itself': v => tf.maximum(v, v),
  reshape: v => v.reshape([300, 1]),
  transpose: v => v.transpose(),
  neg: v => v.neg(),
  tile: v => v.tile([2, 1]),
  pad: v =>
    v.pad([
      [1, 0],
      [0, 2],
    ]),
  'mirror pad': v =>
    tf.mirrorPad(
      v,
      [
        [1, 1],
        [0, 0],
      ],
      'reflect',
    ),
  reverse: v => v.reverse(1),
  concat: v => tf.concat([v, v], 1),
  stack: v => tf.stack([v, v]),
  gather: v => v.gather([3, 0, 5]),
  slice: v => v.slice([1, 1], [4, 40]),
  'strided slice': v => v.stridedSlice([0, 0], [6, 50], [2, 3]),
  'space to batch': v =>
    tf.spaceToBatchND(
      v.reshape([1, 6, 50, 1]),
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  broadcast: v => tf.broadcastTo(v.reshape([1, 6, 50]), [2, 6, 50]),
};
const readers: Record<string, (v: tf.Tensor) => tf.Tensor> = {
  'max - v': v => v.max().sub(v).min(),
  'v + (-max)': v => v.add(v.max().neg()).max(),
  addN: v => tf.addN([v, v.max().neg().add(v.zerosLike())]).max(),
  'squared difference': v => tf.squaredDifference(v, v.max()).min(),
  'v - v': v => v.sub(v).abs().max(),
  'sum of a stack': v => stacked(v, 0).sum(0).max(),
  'mean of a stack': v => stacked(v, 2).mean(2).max(),
  'average pooling of a stack': v =>
    tf.avgPool(stacked(v, 2).reshape([1, 300, 2, 1]) as tf.Tensor4D, [1, 2], 1, 'valid').max(),
};
/** v, and its maximum with the other sign. */
const stacked = (v: tf.Tensor, axis: number) => tf.stack([v.max().neg().broadcastTo(v.shape), v], axis);
const product: Case = ({ x }) => x.mul(12345.67);
const pixels = (x: tf.Tensor) => x.reshape([1, 15, 20, 1]) as tf.Tensor4D;
const weight = (w: tf.Tensor) => w.slice([0, 0], [1, 1]).reshape([1, 1, 1, 1]) as tf.Tensor4D;
/** Where a product is written twice, and where it and its readers are in different functions. */
const apart: Record<string, Case> = {
  'written twice': t => product(t).sub(product(t).max()).max(),
  'written twice, the maximum first': t => {
    const most = product(t).max();
    return product(t).sub(most).max();
  },
  'written twice, turned': ({ x }) => x.mul(12345.67).sub(tf.scalar(12345.67).mul(x).max()).max(),
  'written twice, divided': ({ x }) => x.div(7).sub(x.div(7).max()).max(),
  'made twice of what is made twice': ({ x }) => x.exp().mul(0.3).sub(x.exp().mul(0.3).max()).max(),
  'a square and a product': ({ x }) => {
    const v = x.mul(12345.67);
    return v.square().sub(v.mul(v).max()).max();
  },
  'of a sum written twice, turned': ({ x, w }) => {
    const y = w.slice([0], [6]);
    return x.add(y).mul(3.3).sub(y.add(x).mul(3.3).max()).max();
  },
  'captured by a loop': t => {
    const v = product(t);
    return fori(2, (_, a) => a.add(excess(v).abs()), tf.scalar(0));
  },
  'captured, with its maximum': t => {
    const v = product(t);
    const most = v.max();
    return fori(2, (_, a) => a.add(v.sub(most).max().abs()), tf.scalar(0));
  },
  'what a loop of one goes over': t => map(excess, product(t).reshape([1, 300])).max(),
  'the carry of a loop of one': t =>
    excess(product(t)).add(fori(1, (_, a) => a.sub(product(t).max()), product(t)).max()),
  'result of a loop of one': ({ x }) => excess(fori(1, (_, a) => a.mul(12345.67), x)),
  'result of a map over one': ({ x }) => excess(map(v => v.mul(12345.67), x.reshape([1, 300]))),
};
/** Each with a factor of its own, as equal products count as one. */
const all: Record<string, Case> = {
  ...Object.fromEntries(Object.entries(values).map(([name, f]) => [name, (t: Data) => excess(f(t))])),
  ...Object.fromEntries(
    Object.entries(through).map(([name, f], k) => [name, ({ x }: Data) => excess(f(x.mul(12345.67 + k)))]),
  ),
  ...apart,
  ...Object.fromEntries(Object.entries(readers).map(([name, f], k) => [name, ({ x }: Data) => f(x.mul(23456.78 + k))])),
};
const names = Object.keys(all);
const zeros = Object.fromEntries(names.map(name => [name, 0]));

describe.each(['float32', 'float64'] as const)('all who read a value read the same, under XLA in %s', dtype => {
  const how = { data: { x, w }, steps: 1, mode: 'xla', dtype } as const;
  const inNames = (f: (name: string, i: number) => Case) =>
    Object.fromEntries(names.map((name, i) => [`v${i}`, f(name, i)]));
  const found = (row: Record<string, any>) =>
    Object.fromEntries(names.map((name, i) => [name, Math.abs(row[`v${i}`].values?.[0] ?? row[`v${i}`])]));
  const start = Object.fromEntries(names.map((_, i) => [`v${i}`, -1]));

  test('in recorded values', async () => {
    const record: any = inNames(
      name =>
        (...[, t]: any) =>
          all[name](t),
    );
    const { rows } = await train(s => s, { z: 0 }, { ...how, record });
    expect(found(rows[1])).toEqual(zeros);
  });
  test('in a step', async () => {
    const step = (_: unknown, t: Data) => Object.fromEntries(names.map((name, i) => [`v${i}`, all[name](t)]));
    const { state } = await train(step as any, start, how as any);
    expect(found(state)).toEqual(zeros);
  });
  test('in a loop of a step', async () => {
    const few = names.slice(0, 6);
    const step = (_: unknown, t: Data) => {
      const body = (c: tf.Tensor) => {
        const values = few.map(name => all[name]({ ...t, x: t.x.mul(c) as tf.Tensor2D }));
        return [c.add(1), tf.stack(values)] as const;
      };
      const [, found] = scan(body, tf.scalar(1), 3);
      return { z: found.abs().max() };
    };
    const { state } = await train(step as any, { z: -1 }, how as any);
    expect(state.z.values[0]).toBe(0);
  });
});

test.each(['float32', 'float64'] as const)('softmax of large products is finite under XLA, in %s', async dtype => {
  const logits = ({ x }: Data) => x.mul(1e30);
  const labels = () => tf.oneHot([0, 1, 2, 3, 4, 5], 50);
  const { rows } = await train(
    s => s,
    { z: 0 },
    {
      data: { x, w },
      steps: 0,
      mode: 'xla',
      dtype,
      record: {
        softmax: (_, t: Data) => tf.softmax(logits(t)).sum(),
        logSumExp: (_, t: Data) => tf.logSumExp(logits(t)).sub(logits(t).max()),
        loss: (_, t: Data) => tf.losses.softmaxCrossEntropy(labels(), logits(t)).div(1e30).isFinite().cast('float32'),
      },
    },
  );
  expect(rows[0]).toMatchObject({ softmax: 6, logSumExp: 0, loss: 1 });
});

test('what float32 alone has: batch normalisation around zero by ones, and pooling of volumes of one', async () => {
  const step = (_: unknown, t: Data) => {
    const v = product(t);
    const normal = tf.batchNorm(pixels(v), tf.zeros([1]) as any, tf.ones([1]) as any, undefined, undefined, 0);
    const pooled = tf.maxPool3d(v.reshape([1, 3, 10, 10, 1]) as tf.Tensor5D, 1, 1, 'valid');
    return { normal: excess(normal), pooled: excess(pooled) };
  };
  const { state } = await train(step, { normal: -1, pooled: -1 }, { data: { x, w }, steps: 1, mode: 'xla' });
  expect([state.normal.values[0], state.pooled.values[0]]).toEqual([0, 0]);
});

import { expect, test } from 'vitest';
import { grad, random, tf, train } from 'widenet';
import { AT, DT, native } from '../../src/compile/native';
import { graphForm } from '../../src/compile/onednn';

type Pair = { x: tf.Tensor; k: tf.Tensor };
type Convolve = (x: any, k: any) => tf.Tensor;

const plane =
  (stride: number, pad: 'same' | 'valid'): Convolve =>
  (x, k) =>
    tf.conv2d(x, k, stride, pad);
const cases: Record<string, [Convolve, x: number[], k: number[]]> = {
  same: [plane(1, 'same'), [8, 17, 12, 6], [3, 2, 6, 5]],
  valid: [plane(1, 'valid'), [8, 17, 12, 6], [3, 2, 6, 5]],
  'with strides': [plane(2, 'same'), [8, 17, 12, 6], [3, 2, 6, 5]],
  'of one channel': [plane(1, 'same'), [16, 28, 28, 1], [5, 5, 1, 8]],
  '1 x 1': [plane(1, 'same'), [8, 17, 12, 6], [1, 1, 6, 5]],
  'in one dimension': [(x, k) => tf.conv1d(x, k, 1, 'same'), [12, 101, 7], [5, 7, 3]],
  'in three dimensions': [(x, k) => tf.conv3d(x, k, 1, 'same'), [4, 9, 8, 7, 5], [3, 3, 2, 5, 4]],
  transposed: [(x, k) => tf.conv2dTranspose(x, k, [8, 17, 12, 4], 1, 'same'), [8, 17, 12, 6], [3, 2, 4, 6]],
};

/** The convolution's gradients, mixed with a smooth weight that tells its entries apart. */
const gradients = (convolve: Convolve) => (pair: Pair) =>
  grad(({ x, k }: Pair) => {
    const y = convolve(x, k);
    return y.mul(tf.sin(tf.range(0, y.size).reshape(y.shape))).sum();
  }, pair);
const close = (got: ArrayLike<number>, other: ArrayLike<number>) => {
  const expected = Array.from(other);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(got.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(got[i] - value)).toBeLessThan(3e-5 * scale);
};
const start = (x: number[], k: number[]) => ({
  x: random.normal(x, { seed: 1, stream: 'x' }),
  k: random.normal(k, { seed: 1, stream: 'k' }),
});

for (const [name, [convolve, x, k]] of Object.entries(cases))
  test(`a convolution ${name} and its gradients are those of the other engines, bit for bit in each run`, async () => {
    const once = async (mode: 'graph' | 'xla' | 'eager', dtype?: 'float64') =>
      (await train<any, any>(gradients(convolve), start(x, k), { mode, dtype, threads: 2, steps: 1 })).state;
    const graph = await once('graph');
    for (const other of [await once('eager'), await once('xla'), await once('graph', 'float64')])
      for (const key of ['x', 'k']) close(graph[key].values, other[key].values);
    const again = await once('graph');
    for (const key of ['x', 'k']) expect(again[key].values).toEqual(graph[key].values);
  });

test('a dilated convolution is that of the other engines', async () => {
  const dilated = ({ x, k }: Pair) => ({
    x: x.add(tf.conv2d(x as tf.Tensor4D, k as tf.Tensor4D, 1, 'same', 'NHWC', 2).mean(3, true)),
    k,
  });
  const once = async (mode: 'graph' | 'xla' | 'eager') =>
    (await train<any, any>(dilated, start([8, 17, 12, 6], [3, 2, 6, 5]), { mode, steps: 2 })).state.x.values;
  const graph = await once('graph');
  for (const mode of ['eager', 'xla'] as const) close(graph, await once(mode));
});

test('oneDNN is asked for large convolutions in single precision, where this runtime has it', () => {
  const form = (type: string, entries: number, dtype: number = DT.float, padding = 'SAME') => {
    const T = { name: 'T', type: AT.type, value: dtype };
    const attributes = [T, { name: 'padding', type: AT.string, value: padding }];
    return graphForm({ type, attributes, shapes: [[entries], [2, 2]] });
  };
  const own = native.kernelsOf('_MklNativeConv2D').length > 0;
  if (process.platform === 'linux' && process.arch === 'x64') expect(own).toBe(true);
  for (const type of ['Conv2D', 'Conv2DBackpropFilter', 'Conv2DBackpropInput', 'Conv3D'])
    expect(form(type, 8192).type).toBe(own ? `_MklNative${type}` : type);
  for (const asIs of [
    form('Conv2D', 8191),
    form('Conv2D', 8192, DT.double),
    form('Conv2D', 8192, DT.float, 'EXPLICIT'),
  ])
    expect([asIs.type, asIs.attributes.length]).toEqual(['Conv2D', 2]);
  expect(form('DepthwiseConv2dNative', 8192).type).toBe('DepthwiseConv2dNative');
});

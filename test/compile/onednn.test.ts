import { expect, test } from 'vitest';
import { grad, random, tf, train, type NdArray } from 'widenet';
import { AT, DT } from '../../src/compile/native';
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

/** Gradients in x and k of a sum of the convolution's entries with weights that tell them apart. */
const gradients = (convolve: Convolve) => (pair: Pair) =>
  grad(({ x, k }: Pair) => {
    const y = convolve(x, k);
    return y.mul(tf.sin(tf.range(0, y.size).reshape(y.shape))).sum();
  }, pair);
const start = (x: number[], k: number[]) => ({
  x: random.normal(x, { seed: 1, stream: 'x' }),
  k: random.normal(k, { seed: 1, stream: 'k' }),
});

function close(got: NdArray, expected: NdArray) {
  const scale = Array.from(expected.values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(got.shape).toEqual(expected.shape);
  expect(scale).toBeGreaterThan(0);
  for (const [i, value] of expected.values.entries())
    expect(Math.abs(got.values[i] - value)).toBeLessThan(3e-5 * scale);
}

for (const [name, [convolve, x, k]] of Object.entries(cases))
  test(`convolutions ${name}: oneDNN's are those of all engines, with the same bits in each run`, async () => {
    const once = async (mode: 'graph' | 'xla' | 'eager', dtype?: 'float64') =>
      (await train(gradients(convolve), start(x, k), { steps: 1, mode, dtype, threads: 2 })).state;
    const graph = await once('graph');
    for (const other of [await once('eager'), await once('xla'), await once('graph', 'float64')])
      for (const key of ['x', 'k'] as const) close(graph[key], other[key]);
    expect(await once('graph')).toEqual(graph);
  });

test('a dilated convolution is that of eager mode, and NaN reaches each entry whose filter meets it', async () => {
  const { x, k } = start([8, 17, 12, 6], [3, 3, 6, 6]);
  const dilated: Convolve = (x, k) => tf.conv2d(x, k, 1, 'same', 'NHWC', 2);
  const run = async (mode: 'graph' | 'eager', step: (_: object, pair: Pair) => { y: tf.Tensor }) =>
    (await train(step, { y: tf.zeros([...x.shape]) }, { data: { x, k }, steps: 1, mode })).state.y;
  const both = async (step: Parameters<typeof run>[1]) => [await run('graph', step), await run('eager', step)] as const;
  close(...(await both((_, { x, k }) => ({ y: dilated(x, k) }))));
  x.values[6 * (12 * 8 + 6)] = NaN;
  const [graph, eager] = await both((_, { x, k }) => ({ y: tf.isNaN(dilated(x, k)).toFloat() }));
  expect(Array.from(graph.values).filter(Boolean).length).toBe(9 * 6);
  expect(graph).toEqual(eager);
});

test('large ones in float32 go to oneDNN', () => {
  const typeOf = (shape: number[], T: number = DT.float, padding = 'SAME', type = 'Conv2D') =>
    graphForm({
      type,
      shapes: [shape, [3, 3, 8, 8]],
      attributes: [
        { name: 'T', type: AT.type, value: T },
        { name: 'padding', type: AT.string, value: padding },
      ],
    }).type;
  const large = [8, 16, 16, 8];
  expect(typeOf(large)).toBe('_MklNativeConv2D');
  expect(typeOf(large, DT.float, 'VALID', 'Conv2DBackpropFilter')).toBe('_MklNativeConv2DBackpropFilter');
  expect(typeOf([1, 16, 16, 8])).toBe('Conv2D');
  expect(typeOf(large, DT.double)).toBe('Conv2D');
  expect(typeOf(large, DT.float, 'EXPLICIT')).toBe('Conv2D');
  expect(typeOf(large, DT.float, 'SAME', 'Conv2DUnheardOf')).toBe('Conv2DUnheardOf');
});

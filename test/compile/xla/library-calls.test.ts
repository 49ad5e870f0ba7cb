import { expect, test } from 'vitest';
import { traceStep } from '../../../src/compile/trace/traced-function';
import { flatten } from '../../../src/compile/tree';
import { compile, random, tf, train, type NdArray } from 'widenet';

type Tensors = Record<string, tf.Tensor>;
type Step = (state: Tensors, data: Tensors) => Tensors;

const given = (shapes: Record<string, number[]>) =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, random.normal(shape, { seed: 3, stream: name })]),
  );
const state = given({ x: [30, 30] });
const data = given({ a: [30, 50], b: [50, 30], s: [], row: [1, 30] });
const both = given({ x: [30, 30], y: [30, 30] });
const product = ({ a, b }: Tensors) => tf.matMul(a, b);

/** The library calls in a step, compiled by XLA. */
async function callsIn(step: Step, from: Record<string, unknown>): Promise<string[]> {
  const { calls, release } = traceStep(
    'test',
    step,
    { state: flatten('test', 'state', from), data: flatten('test', 'data', data) },
    'float64',
  );
  release();
  return Array.from(calls.values(), ({ target }) => target);
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0);

/** The largest difference, after 3 steps, between what XLA computes and what the graph does, which calls no library. */
async function apart(step: Step, from: Record<string, unknown>): Promise<number> {
  const [xla, graph] = await Promise.all(
    (['xla', 'graph'] as const).map(mode => train(step as any, from, { data, steps: 3, dtype: 'float64', mode })),
  );
  const [ours, reference] = [xla, graph].map(({ state }) =>
    Object.values(state as Record<string, NdArray>).flatMap(({ values }) => Array.from(values)),
  );
  return largest(reference, ours);
}

test.each<[string, Step]>([
  ['x - s (a b)', ({ x }, data) => ({ x: x.sub(product(data).mul(data.s)) })],
  ['x - s (a b), the number first', ({ x }, data) => ({ x: x.sub(data.s.mul(product(data))) })],
  ['x + s (a b)', ({ x }, data) => ({ x: x.add(product(data).mul(data.s)) })],
  ['s (a b) + x', ({ x }, data) => ({ x: product(data).mul(data.s).add(x) })],
  ['x - a b', ({ x }, data) => ({ x: x.sub(product(data)) })],
  ['a b + x', ({ x }, data) => ({ x: product(data).add(x) })],
  ['x - 0.1 (a b)', ({ x }, data) => ({ x: x.sub(product(data).mul(0.1)) })],
  ['x - s (a b), s of shape [1, 1]', ({ x }, data) => ({ x: x.sub(product(data).mul(data.s.reshape([1, 1]))) })],
  ['transposed', ({ x }, { a, b }) => ({ x: x.sub(tf.matMul(b, a, true, true).mul(0.1)) })],
  [
    'for every matrix of a batch',
    ({ x }, { a, b }) => ({
      x: x
        .reshape([2, 15, 30])
        .add(tf.matMul(a.reshape([2, 15, 50]), tf.stack([b, b])).mul(0.1))
        .reshape([30, 30]),
    }),
  ],
])('an update is one library call: %s', async (_, step) => {
  expect(await callsIn(step, state)).toEqual(['update']);
  expect(await apart(step, state)).toBeLessThan(1e-12);
});

test('so is that of gradient descent', async () => {
  const step: Step = ({ x }, { a }) => ({
    x: x.sub(
      tf
        .grad(x => tf.matMul(a, x, true).square().sum().div(200))(x)
        .mul(0.1),
    ),
  });
  expect(await callsIn(step, state)).toEqual(['product', 'update']);
  expect(await apart(step, state)).toBeLessThan(1e-12);
});

test.each<[string, Step]>([
  [
    'the product is wanted too',
    (_, data) => {
      const ab = product(data);
      return { x: _.x.sub(ab.mul(0.1)), y: ab };
    },
  ],
  [
    'what is taken away is wanted too',
    ({ x }, data) => {
      const g = product(data).mul(0.1);
      return { x: x.sub(g), y: g };
    },
  ],
  ['a factor for every column', ({ x, y }, data) => ({ x: x.sub(product(data).mul(data.row)), y })],
  ['one row for all', ({ y }, data) => ({ x: data.row.sub(product(data).mul(0.1)), y })],
  [
    'a factor of more axes',
    ({ x, y }, data) => ({ x: x.sub(product(data).mul(data.s.reshape([1, 1, 1]))).reshape([30, 30]), y }),
  ],
  ['the other way round', ({ x, y }, data) => ({ x: product(data).mul(0.1).sub(x), y })],
])('no update: %s', async (_, step) => {
  expect(await callsIn(step, both)).toEqual(['product']);
  expect(await apart(step, both)).toBeLessThan(1e-12);
});

test.each<[string, Step]>([
  ['a factor of the product', ({ x, y }) => ({ x: x.sub(tf.matMul(x, y).mul(0.01)), y })],
  ['both factors', ({ x, y }) => ({ x: x.sub(tf.matMul(x, x, false, true).mul(0.01)), y })],
  [
    'a factor in another shape',
    ({ x, y }) => ({ x: x.sub(tf.matMul(x.reshape([15, 60]).reshape([30, 30]), y).mul(0.01)), y }),
  ],
  ['a result, as it was', ({ x }, data) => ({ x: x.sub(product(data).mul(0.01)), y: x })],
  [
    'used afterwards',
    ({ x, y }, data) => {
      const next = x.sub(product(data).mul(0.01));
      return { x: next, y: tf.matMul(next, x).mul(y).mul(0.001) };
    },
  ],
  ['the other one too', ({ x, y }) => ({ x: x.sub(tf.matMul(y, x).mul(0.01)), y: y.sub(tf.matMul(x, y).mul(0.01)) })],
  ['data', ({ y }, { a, b, ...data }) => ({ x: tf.matMul(a, b), y: data.row.mul(y).sub(tf.matMul(y, y).mul(0.01)) })],
])('what an update takes the place of may be needed elsewhere: %s', async (_, step) => {
  expect(await callsIn(step, both)).toContain('update');
  expect(await apart(step, both)).toBeLessThan(1e-12);
});

test('data that are updated stay as they are', async () => {
  const step = ({ y }: Tensors, { c }: Tensors) => ({ y: c.sub(tf.matMul(y, y).mul(1e-3)) });
  const c = random.normal([30, 30], { seed: 3, stream: 'c' });
  const [xla, graph] = await Promise.all(
    (['xla', 'graph'] as const).map(mode =>
      compile(step, { dtype: 'float64', mode })({ y: both.y }, { data: { c }, steps: 4 }),
    ),
  );
  graph.y.values.forEach((v, i) => expect(xla.y.values[i]).toBeCloseTo(v, 12));
});

test.each([0, -0])('a product that is not finite is not left out by the factor %d', async s => {
  const a = random.normal([30, 30], { seed: 3, stream: 'a' });
  a.values[65] = NaN;
  const step = compile(({ x }: Tensors, { a, b, s }: Tensors) => ({ x: x.sub(tf.matMul(a, b).mul(s)) }), {
    dtype: 'float64',
    mode: 'xla',
  });
  const { x } = await step({ x: both.x }, { data: { a, b: both.y, s } });
  expect(Array.from(x.values.keys()).filter(i => Number.isNaN(x.values[i]))).toEqual(
    Array.from({ length: 30 }, (_, j) => 60 + j),
  );
  expect(Array.from(x.values.subarray(0, 60))).toEqual(Array.from(both.x.values.subarray(0, 60)));
});

test.each([
  ['float32', 1e-3],
  ['float64', 1e-10],
] as const)(
  '%s: an update in pieces is that of the graph, and the number of threads changes no bit of it',
  async (dtype, tolerance) => {
    const from = given({ w: [500, 300] }),
      data = given({ x: [200, 500], r: [200, 300] });
    const step = ({ w }: Tensors, { x, r }: Tensors) => ({
      w: w.sub(tf.matMul(x, tf.matMul(x, w).sub(r), true).mul(1e-3)),
    });
    const run = (mode: 'xla' | 'graph', threads: number) =>
      compile(step as any, { dtype, mode, threads })(from, { data, steps: 5 });
    const [one, two, graph] = await Promise.all([run('xla', 1), run('xla', 2), run('graph', 1)]);
    expect(one.w.values).toEqual(two.w.values);
    expect(largest(graph.w.values, one.w.values)).toBeLessThan(tolerance);
  },
);

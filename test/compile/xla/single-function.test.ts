import { expect, test } from 'vitest';
import type { Layout } from '../../../src/compile/operation';
import { handlesOf, traceStep, type StepFunction } from '../../../src/compile/trace/traced-function';
import { flatten } from '../../../src/compile/tree';
import { AT, DT, native } from '../../../src/compile/native';
import { isSingleFunction } from '../../../src/compile/xla/single-function';
import { compile, random, tf, train } from 'widenet';
import type { NativeBackend } from '../../../src/autodiff/tf';
import { xlaDump } from '../../support/xla-dump';

const given = (stream: string, ...shape: number[]) => random.normal(shape, { seed: 1, stream });
const u = given('u', 20, 30),
  x = given('x', 20, 30),
  A = given('A', 20, 20);
const heat = ({ u }: any, { x }: any) => {
  const p = u.pad([
    [1, 1],
    [1, 1],
  ]);
  const around = tf.addN([
    p.slice([0, 1], [20, 30]),
    p.slice([2, 1], [20, 30]),
    p.slice([1, 0], [20, 30]),
    p.slice([1, 2], [20, 30]),
  ]);
  return { u: u.add(around.sub(u.mul(4)).mul(0.1)).add(x.mul(0.01)) };
};

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i])));

/** Whether the loop of a step is compiled into one function. */
async function whole(step: StepFunction, state: unknown, data: unknown, dtype: 'float32' | 'float64' = 'float64') {
  const layout = { state: flatten('test', 'state', state), data: flatten('test', 'data', data) } as Layout;
  const body = await traceStep('test', step, layout, dtype).again();
  native.release(handlesOf(body));
  return isSingleFunction(body);
}

test('one function: arithmetic, moved entries, small products with vectors', async () => {
  expect(await whole(heat, { u }, { x })).toBe(true);
  const mixed = ({ u, v }: any, { A, x }: any) => ({
    u: tf
      .where(
        u.greater(x),
        u.transpose().reshape([20, 30]),
        tf.concat([u.slice([1, 0], [19, 30]), u.slice([0, 0], [1, 30])]),
      )
      .add(tf.matMul(A, v)),
    v: tf.matMul(A, v).div(10),
  });
  expect(await whole(mixed, { u, v: given('v', 20, 1) }, { A, x })).toBe(true);
});

test('not one function: what takes longer so, or cannot be', async () => {
  const state = { u },
    data = { x, A };
  expect(await whole(({ u }: any) => ({ u: tf.tanh(u) }), state, data)).toBe(false);
  expect(await whole(({ u }: any) => ({ u: u.sub(u.mean(0)) }), state, data)).toBe(false);
  expect(await whole(({ u }: any, { A }: any) => ({ u: tf.matMul(A, u) }), state, data)).toBe(false);
  expect(await whole(({ u }: any) => ({ u: tf.cumsum(u) }), state, data)).toBe(false);
  expect(await whole(({ u }: any, _, draw) => ({ u: u.add(draw.normal([20, 30], 'noise')) }), state, data)).toBe(false);
  expect(await whole(({ u }: any) => ({ u: u.mul(0.5) }), state, { none: tf.zeros([0, 3]) })).toBe(false);
});

test('not a single function: long steps, large products, much state to copy, and what XLA makes one by itself', async () => {
  const times =
    (count: number) =>
    ({ u }: any) => ({ u: Array.from({ length: count }).reduce((u: any) => u.mul(0.9), u) });
  expect([await whole(times(100), { u }, {}), await whole(times(126), { u }, {})]).toEqual([true, false]);
  const each = (side: number) => whole(times(28), { u: given('u', side, 32) }, {});
  expect([await each(32), await each(33)]).toEqual([true, false]);
  expect(await whole(times(29), { u: given('u', 33, 32) }, {})).toBe(true);
  const product = ({ v }: any, { A }: any) => ({ v: tf.matMul(A, v).div(100) });
  expect(await whole(product, { v: given('v', 141, 1) }, { A: given('A', 141, 141) })).toBe(true);
  expect(await whole(product, { v: given('v', 142, 1) }, { A: given('A', 142, 142) })).toBe(false);
  const shared = ({ u }: any, { B }: any) => ({ u: tf.matMul(u, B).div(10) });
  expect(await whole(shared, { u: given('u', 50, 20, 20) }, { B: given('B', 1, 20, 20) })).toBe(false);
  expect([
    await whole(times(1), { u: given('u', 128) }, {}),
    await whole(times(1), { u: given('u', 127) }, {}),
  ]).toEqual([true, false]);
});

test('one function gives what a loop of kernels gives, in both types', async () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const [one, kernels] = await Promise.all(
      [1, 2].map(threads => compile(heat, { dtype, threads, mode: 'xla' })({ u }, { data: { x }, steps: 50 })),
    );
    expect(apart(one.u.values, kernels.u.values)).toBeLessThan(dtype === 'float64' ? 1e-15 : 1e-6);
    expect(Math.max(...one.u.values)).toBeGreaterThan(0.1);
  }
  const eager = await train(heat, { u }, { data: { x }, steps: 50, every: 50, mode: 'eager' });
  const native = await train(heat, { u }, { data: { x }, steps: 50, every: 50, threads: 1, mode: 'xla' });
  expect(apart(native.state.u.values, eager.state.u.values)).toBeLessThan(1e-6);
});

test('rows, whole numbers, truth values and a resumed run', async () => {
  const step = ({ u, n }: any, { x, on }: any) => ({
    u: tf.where(on, heat({ u }, { x }).u, u),
    n: n.add(tf.scalar(1, 'int32')),
  });
  const state = { u, n: tf.scalar(7, 'int32') },
    data = {
      x,
      on: tf.tensor(
        Array.from({ length: 600 }, (_, i) => i % 3 > 0),
        [20, 30],
        'bool',
      ),
    };
  expect(await whole(step, state, data)).toBe(true);
  const options = {
    data,
    dtype: 'float64',
    mode: 'xla',
    seed: 3,
    record: { corner: ({ u }: any) => u.slice([0, 0], [1, 2]).squeeze([0]), n: ({ n }: any) => n },
  } as const;
  const one = await train(step, state, { ...options, steps: 40, every: 5, threads: 1 });
  const kernels = await train(step, state, { ...options, steps: 40, every: 5, threads: 2 });
  expect(one.rows.map(row => row.n)).toEqual([7, 12, 17, 22, 27, 32, 37, 42, 47]);
  one.rows.forEach((row, i) =>
    row.corner.forEach((v: number, k: number) => expect(v).toBeCloseTo(kernels.rows[i].corner[k], 13)),
  );
  const half = await train(step, state, { ...options, steps: 20, every: 5, threads: 1 });
  const rest = await train(step, half.state, { ...options, steps: 40, from: 20, every: 5, threads: 1 });
  expect(rest.state.u.values).toEqual(one.state.u.values);
});

test('data that the step does not use, or no longer once XLA has simplified it', async () => {
  const dead = ({ u }: any, { x, y }: any) => ({
    u: tf
      .concat([x, u])
      .slice([20, 0], [20, 30])
      .mul(0.5)
      .add(y.mul(tf.scalar(0, 'int32')).cast('float32')),
  });
  const data = { x, y: tf.scalar(3, 'int32'), z: x, on: tf.tensor([true, false], [2], 'bool') };
  expect(await whole(dead, { u }, data)).toBe(true);
  const { state, rows } = await train(
    dead,
    { u },
    { data, record: { z: ({ u }: any, { z }: any) => u.mul(z).sum() }, steps: 3, dtype: 'float64', threads: 1 },
  );
  expect(
    apart(
      state.u.values,
      Array.from(u.values, v => v / 8),
    ),
  ).toBe(0);
  expect(rows[3].z).toBeCloseTo(
    x.values.reduce((sum, v, i) => sum + (v * u.values[i]) / 8, 0),
    12,
  );
});

test('rows that XLA cannot compute, beside steps in one function', async () => {
  const singular = (u: tf.Tensor) =>
    (tf.backend() as NativeBackend).executeMultipleOutputs(
      'Svd',
      [
        { name: 'T', type: AT.type, value: DT.float },
        { name: 'compute_uv', type: AT.bool, value: false },
        { name: 'full_matrices', type: AT.bool, value: false },
      ],
      [u],
      3,
    )[0];
  const record = { largest: ({ u }: any) => singular(u).max() };
  const [one, kernels] = await Promise.all(
    [1, 2].map(threads => train(heat, { u }, { data: { x }, record, steps: 10, every: 2, threads })),
  );
  expect(one.rows).toHaveLength(6);
  one.rows.forEach((row, i) => expect(row.largest).toBeCloseTo(kernels.rows[i].largest, 4));
});

test('XLA makes one function of the steps on one thread, and not of those on two', () => {
  const { programs } = xlaDump(`async ({ box, fokkerPlanck, gibbs, onBox, train }) => {
    const go = (cells, threads) => {
      const grid = box({ cells, half: 6 }), psi = onBox(grid, (u, w) => (u * u + w * w) / 2);
      return train(({ p }, { psi, ...scheme }) => ({ p: fokkerPlanck(p, psi, scheme) }), { p: gibbs(psi, 1) },
        { data: { psi, beta: 0.5, spacing: grid.spacing, dt: 0.001 }, steps: 2, dtype: 'float64', threads });
    };
    await go(97, 1);
    await go(98, 2);
  }`);
  const calls = (cells: number) =>
    programs
      .filter(text => text.includes(`f64[${cells},${cells}]`))
      .map(text => text.match(/ call\(.*xla_cpu_small_call="true"/g)?.length);
  expect([calls(97), calls(98)]).toEqual([[1], [undefined]]);
});

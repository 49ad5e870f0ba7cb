import { describe, expect, test } from 'vitest';
import { fori, ndarray, random, tf, train } from 'widenet';
import { initial } from '../../../src/compile/initial-state';
import { handlesOf, traceStep, type StepFunction } from '../../../src/compile/trace/traced-function';
import { native } from '../../../src/compile/native';

const square = random.normal([4, 4], { seed: 1, stream: 'x' });

/** The functions of the step for XLA, by what they do, with how many there are of it. */
async function functionsOf(step: StepFunction, x: unknown = square): Promise<Record<string, number>> {
  const traced = await traceStep('test', step, initial('test', { x }, {}), 'float32').again();
  const counts: Record<string, number> = {};
  for (const { name } of traced.functions.xla) {
    const type = name.replace(/_[0-9a-f]{16}$/, '');
    if (type !== name) counts[type] = (counts[type] ?? 0) + 1;
  }
  native.release(handlesOf(traced));
  return counts;
}

describe('an operation that takes long to hand over is one function', () => {
  test('for all calls with the same types', async () => {
    const deep = ({ x }: any) => ({ x: Array.from({ length: 9 }).reduce((y: tf.Tensor) => y.tanh().mul(2), x) });
    expect(await functionsOf(deep)).toEqual({ Tanh: 1, XlaOptimizationBarrier: 1 });
  });
  test('for each shape, and for each count of what a barrier holds', async () => {
    const step = ({ x }: any) => ({ x: x.exp().add(x.sum(0).exp()).add(x.sum(1, true).exp()).relu() });
    expect(await functionsOf(step)).toEqual({ Exp: 3, XlaOptimizationBarrier: 3, Relu: 1 });
  });
  test('in the body of a loop as outside', async () => {
    const step = ({ x }: any) => ({ x: fori(5, (_, y) => y.tanh().tanh(), x.tanh() as tf.Tensor) });
    expect(await functionsOf(step)).toEqual({ Tanh: 2, XlaOptimizationBarrier: 2 });
  });
  test('an operation that is handed over at once stays one', async () => {
    expect(await functionsOf(({ x }: any) => ({ x: x.neg().maximum(0) }))).toEqual({});
  });
});

const functions: Record<string, (x: tf.Tensor) => tf.Tensor> = Object.fromEntries(
  (
    'abs acos acosh asin asinh atan atanh ceil cos cosh exp expm1 floor log1p logSoftmax reciprocal relu relu6 rsqrt ' +
    'sigmoid sign sinh softmax sqrt tanh'
  )
    .split(' ')
    .map(name => [name, x => (x as any)[name]()]),
);
functions.isFinite = x => x.isFinite().cast('float32');
functions.isInf = x => x.isInf().cast('float32');
functions.isNaN = x => x.isNaN().cast('float32');
functions.select = x => tf.where(x.greater(0.5), x, x.neg());

describe.each(['float32', 'float64'] as const)('calls give what the operation gives, in %s', dtype => {
  const shapes: Record<string, unknown> = {
    scalar: 0.3,
    vector: ndarray([-2, -0.5, 0, 0.5, 1, 1.5, NaN, Infinity]),
    matrix: square,
    empty: ndarray(new Float64Array(0), [0, 3]),
  };
  test.each(Object.keys(shapes))('of a %s', async shape => {
    const record = Object.fromEntries(
      Object.entries(functions)
        .filter(([name]) => shape !== 'scalar' || !/oftmax/.test(name))
        .map(([name, f]) => {
          const twice = (x: tf.Tensor) => f(x).add(f(x.mul(0.5)));
          return [name, (_: unknown, { x }: any) => (shape === 'empty' ? twice(x).sum() : twice(x))];
        }),
    );
    const rowOf = async (mode: 'xla' | 'eager' | 'graph') =>
      (await train(s => s, { z: 0 }, { data: { x: shapes[shape] }, steps: 0, mode, dtype, record } as any)).rows[0];
    const [found, expected]: any[] = await Promise.all([rowOf('xla'), rowOf(dtype === 'float32' ? 'eager' : 'graph')]);
    for (const name of Object.keys(record)) {
      const [own, other] = [found, expected].map(row => [row[name]].flat(Infinity) as number[]);
      expect(own.length, name).toBe(other.length);
      own.forEach((v, i) => {
        if (Number.isFinite(other[i])) expect(v, name).toBeCloseTo(other[i], dtype === 'float32' ? 4 : 12);
        else expect(v, name).toBe(other[i]);
      });
    }
  });
});

describe('a large constant of equal entries', () => {
  const typesOf = async (step: StepFunction, x: unknown = square) => {
    const traced = await traceStep('test', step, initial('test', { x }, {}), 'float32').again();
    native.release(handlesOf(traced));
    return traced.operations.map(({ type, entry }) => (entry ? `${type} of ${entry[0]}` : type));
  };
  test('is handed to XLA as one number; one of other entries, or a small one, is not', async () => {
    expect(await typesOf(({ x }) => ({ x: x.add(tf.ones([400]).sum()) }))).toContain('Const of 1');
    expect(
      await typesOf(({ x }) => ({ x: x.add(tf.tensor2d(new Float32Array(400).fill(NaN), [20, 20]).sum()) })),
    ).toContain('Const of NaN');
    for (const values of [new Float32Array(400).fill(-0, 399), new Float32Array(40)])
      expect((await typesOf(({ x }) => ({ x: x.add(tf.tensor1d(values).sum()) }))).join()).not.toContain('Const of');
  });
  test.each(['graph', 'xla'] as const)('has its values and its type, in %s mode', async mode => {
    const constants: Record<string, () => tf.Tensor> = {
      ones: () => tf.ones([300]),
      'minus zero': () => tf.scalar(1).div(tf.tensor1d(new Float32Array(300).fill(-0))),
      nan: () => tf.tensor2d(new Float32Array(400).fill(NaN), [20, 20]),
      int: () => tf.tensor3d(new Int32Array(300).fill(-7), [15, 20, 1]),
      bool: () => tf.tensor1d(new Uint8Array(300).fill(1), 'bool').logicalNot(),
      third: () => tf.tensor1d(new Float32Array(300).fill(1 / 3)).mul(3),
    };
    const record = Object.fromEntries(Object.entries(constants).map(([name, f]) => [name, () => f()]));
    const run = async (m: 'graph' | 'xla' | 'eager') =>
      (await train(s => s, { z: 0 }, { steps: 0, mode: m, record } as any)).rows[0];
    expect(await run(mode)).toEqual(await run('eager'));
  });
});

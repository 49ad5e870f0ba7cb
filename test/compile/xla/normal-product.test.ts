import { describe, expect, test } from 'vitest';
import { traceStep } from '../../../src/compile/trace/traced-function';
import { flatten } from '../../../src/compile/tree';
import { compile, linalg, random, tf, train, type NdArray } from 'widenet';

type Tensors = Record<string, tf.Tensor>;
type Step = (state: Tensors, data: Tensors) => Tensors;

const normal = (shape: number[], stream: string) => random.normal(shape, { seed: 5, stream });
/** Of odd sides, so that no count of rows or entries at once divides them. */
const [n, k] = [517, 515];
const data = {
  F: normal([n, k], 'F'),
  G: normal([n, k], 'G'),
  narrow: normal([4001, 127], 'narrow'),
  flat: normal([127, 4 * k], 'flat'),
  r: normal([n], 'r'),
};
const state = { x: normal([k], 'x'), y: normal([n], 'y'), z: normal([127], 'z') };
const column = (x: tf.Tensor) => x.reshape([x.size, 1]);
const row = (x: tf.Tensor) => x.reshape([1, x.size]);
const unit = (x: tf.Tensor) => x.div(x.square().sum().sqrt()).flatten();
/** The step that puts these in place of x, made short, and keeps the rest. */
const next =
  (make: (state: Tensors, data: Tensors) => tf.Tensor): Step =>
  (state, data) => ({
    ...state,
    x: unit(make(state, data)),
  });

function callsIn(step: Step, from: Record<string, unknown> = state): string[] {
  const given = { state: flatten('test', 'state', from), data: flatten('test', 'data', data) };
  const { calls, release } = traceStep('test', step, given, 'float64');
  release();
  return Array.from(calls.values(), ({ target }) => target);
}

const after = async (step: Step, options: Record<string, unknown>, given: Record<string, NdArray> = data) => {
  const run = await train(step as any, state as any, { data: given, steps: 3, ...options });
  return Array.from((run.state as unknown as typeof state).x.values);
};
const largest = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((v, i) => Math.abs(v - b[i])));

describe.each<[string, Step]>([
  ['F^T (F x)', next(({ x }, { F }) => tf.matMul(F, tf.matMul(F, column(x)), true))],
  ['vectors: (F x) F', next(({ x }, { F }) => tf.dot(tf.dot(F, x), F))],
  ['rows: (x F^T) F', next(({ x }, { F }) => tf.matMul(tf.matMul(row(x), F, false, true), F))],
  ['a row of a column: (F x)^T F', next(({ x }, { F }) => tf.matMul(tf.matMul(F, column(x)), F, true))],
  [
    'a column of a row: F^T (x F^T)^T',
    next(({ x }, { F }) => tf.matMul(F, tf.matMul(row(x), F, false, true), true, true)),
  ],
  ['x^T as a column', next(({ x }, { F }) => tf.matMul(F, tf.matMul(F, row(x), false, true), true))],
])('%s', (_, step) => {
  test('is one call', () => expect(callsIn(step)).toEqual(['normal']));

  test('gives what the graph engine gives, in both types', async () => {
    for (const [dtype, tolerance] of [
      ['float64', 1e-14],
      ['float32', 1e-5],
    ] as const)
      expect(
        largest(await after(step, { dtype, mode: 'xla' }), await after(step, { dtype, mode: 'graph' })),
      ).toBeLessThan(tolerance);
  });

  test('has the same bits on any number of threads', async () => {
    expect(await after(step, { mode: 'xla', threads: 1 })).toEqual(await after(step, { mode: 'xla', threads: 2 }));
  });
});

test.each<[string, Step, string[]]>([
  [
    'F x is needed too',
    (state, { F }) => {
      const y = tf.matMul(F, column(state.x));
      return { ...state, x: unit(tf.matMul(F, y, true)), y: unit(y) };
    },
    ['product', 'product'],
  ],
  ['another matrix', next(({ x }, { F, G }) => tf.matMul(G, tf.matMul(F, column(x)), true)), ['product', 'product']],
  [
    'F (F^T y)',
    (state, { F }) => ({ ...state, y: unit(tf.matMul(F, tf.matMul(F, column(state.y), true))) }),
    ['product', 'product'],
  ],
  [
    'a residual',
    next(({ x }, { F, r }) => tf.matMul(F, tf.matMul(F, column(x)).sub(column(r)), true)),
    ['product', 'product'],
  ],
  [
    'a narrow matrix',
    (state, { narrow }) => ({ ...state, z: unit(tf.matMul(narrow, tf.matMul(narrow, column(state.z)), true)) }),
    ['product', 'product'],
  ],
  [
    'a matrix of few rows',
    next(({ x }, { flat }) => tf.dot(tf.dot(flat, tf.tile(x, [4])), flat).slice(0, k)),
    ['product', 'product'],
  ],
  [
    'two vectors',
    (state, { F }) => {
      const two = tf.stack([state.x, state.x.mul(2)], 1);
      return { ...state, x: unit(tf.matMul(F, tf.matMul(F, two), true).sum(1)) };
    },
    ['product', 'product'],
  ],
])('no such call: %s', async (_, step, calls) => {
  expect(callsIn(step)).toEqual(calls);
  const [xla, graph] = [
    await after(step, { dtype: 'float64', mode: 'xla' }),
    await after(step, { dtype: 'float64', mode: 'graph' }),
  ];
  expect(largest(xla, graph)).toBeLessThan(1e-14);
});

test('in float32 the error does not grow with the rows, nor with the columns', async () => {
  const a = Math.fround(0.1);
  for (const [rows, columns] of [
    [40_001, 131],
    [130, 40_001],
  ]) {
    const step = (({ x }: Tensors, { F }: Tensors) => ({ x: tf.dot(tf.dot(F, x), F) })) as Step;
    const run = await train(step as any, { x: tf.fill([columns], 0.1) } as any, {
      data: { F: tf.fill([rows, columns], 0.1) },
      steps: 1,
      mode: 'xla',
    });
    const [first] = (run.state as unknown as typeof state).x.values;
    expect(Math.abs(first / (rows * columns * a ** 3) - 1)).toBeLessThan(2e-6);
  }
});

test('what is not finite in one row is so in all of the result', async () => {
  const F = normal([n, k], 'F');
  F.values[7 * k] = Infinity;
  const step = compile(({ x }: Tensors, { F }: Tensors) => ({ x: tf.dot(tf.dot(F, x), F) }), { mode: 'xla' });
  const { x } = await step({ x: state.x }, { data: { F } });
  expect(Array.from(x.values).filter(Number.isFinite)).toEqual([]);
});

test('conjugate gradients on F^T F + 1/10 solve it', async () => {
  const step = next(({ x }, { F }) => {
    const apply = (p: tf.Tensor) => tf.dot(tf.dot(F, p), F).div(n).add(p.mul(0.1));
    return apply(linalg.cg(apply, x, { iterations: 100 }));
  });
  const [found, wanted] = [
    await after(step, { dtype: 'float64', mode: 'xla' }),
    await after(
      next(({ x }) => x),
      { dtype: 'float64' },
    ),
  ];
  expect(largest(found, wanted)).toBeLessThan(1e-12);
});

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ndarray, random, tf, train } from 'widenet';

/** What IEEE arithmetic says, operation by operation as written, in every engine. */
type Engine = readonly [mode: 'eager' | 'graph' | 'xla', dtype: 'float32' | 'float64'];
const engines: Engine[] = [
  ['eager', 'float32'],
  ['graph', 'float32'],
  ['xla', 'float32'],
  ['graph', 'float64'],
  ['xla', 'float64'],
];
type Data = Record<string, any>;
type Case = (t: Data) => tf.Tensor;
const numbers = (value: unknown) => [value].flat(Infinity) as number[];

async function evaluate(
  [mode, dtype]: Engine,
  data: Data,
  cases: Record<string, Case>,
): Promise<Record<string, number[]>> {
  const record = Object.fromEntries(Object.entries(cases).map(([name, f]) => [name, (_: unknown, t: Data) => f(t)]));
  const {
    rows: [row],
  } = await train(s => s, { z: 0 }, { data, steps: 0, mode, dtype, record });
  return Object.fromEntries(Object.keys(cases).map(name => [name, numbers(row[name])]));
}

describe('arithmetic is done as written', () => {
  const data = { x: ndarray([1, 0.3]), y: ndarray([1e30, 2]), big: ndarray([100, 90]) };
  const cases: Record<string, [f: Case, expected: (round: (x: number) => number) => number[]]> = {
    'log(1 - x + 1e-9)': [({ x }) => tf.log(tf.scalar(1).sub(x).add(1e-9)).slice([0], [1]), r => [Math.log(r(1e-9))]],
    'x + 1e8 - 1e8': [({ x }) => x.add(1e8).sub(1e8), r => [1, 0.3].map(x => r(r(r(x) + 1e8) - 1e8))],
    'x 1e30 1e30 1e-30': [
      ({ x }) => x.mul(1e30).mul(1e30).mul(1e-30),
      r => [1, 0.3].map(x => r(r(r(r(x) * r(1e30)) * r(1e30)) * r(1e-30))),
    ],
    'x / 1e30 / 1e30 * 1e30': [
      ({ x }) => x.div(1e30).div(1e30).mul(1e30),
      r => (r(1e-60) === 0 ? [0, 0] : [1, 0.3].map(x => (x / 1e30 / 1e30) * 1e30)),
    ],
    'y / (y y)': [({ y }) => y.div(y.mul(y)), r => [r(1e30), 2].map(y => r(y / r(y * y)))],
    '(x / y) / y': [
      ({ x, y }) => x.div(y).div(y),
      r =>
        [
          [1, 1e30],
          [0.3, 2],
        ]
          .map(([x, y]) => r(r(r(x) / r(y)) / r(y)))
          .map(v => (Math.abs(v) < (r(1e-60) === 0 ? 2 ** -126 : 0) ? 0 : v)),
    ],
    'log(exp(exp(x)))': [({ big }) => tf.log(tf.exp(big.mul(10))), () => [Infinity, Infinity]],
    'exp(b) exp(-b)': [({ big }) => tf.exp(big.mul(10)).mul(tf.exp(big.mul(-10))), () => [NaN, NaN]],
    'sqrt(y y)': [({ y }) => tf.sqrt(y.mul(y)), r => [Math.sqrt(r(r(1e30) * r(1e30))), 2]],
    'x + y - y': [({ x, y }) => x.add(y).sub(y), r => [0, r(r(0.3) + 2) - 2].map(r)],
    'a b + a c': [({ y }) => y.mul(1e30).sub(y.mul(1e30)), r => [r(r(1e30) * r(1e30)) === Infinity ? NaN : 0, 0]],
    'through shapes': [
      ({ x }) => x.add(1e8).reshape([1, 2]).transpose().sub(1e8).flatten(),
      r => [1, 0.3].map(x => r(r(r(x) + 1e8) - 1e8)),
    ],
    'a mean, scaled': [
      ({ y }) => y.mul(1e-30).mean().mul(1e30).mul(1e30).mul(1e-30),
      r => [r(1e-60) === 0 ? Infinity : 5e29],
    ],
    '0 x': [({ big }) => tf.exp(big.mul(10)).mul(0), () => [NaN, NaN]],
    'x - x': [
      ({ big }) => {
        const e = tf.exp(big.mul(10));
        return e.sub(e);
      },
      () => [NaN, NaN],
    ],
    'x / x': [
      ({ x }) => {
        const none = x.sub(x);
        return none.div(none);
      },
      () => [NaN, NaN],
    ],
  };
  test.each(engines)('in %s, %s', async (...engine: Engine) => {
    const round = engine[1] === 'float32' ? Math.fround : (x: number) => x;
    const found = await evaluate(
      engine,
      data,
      Object.fromEntries(Object.entries(cases).map(([name, [f]]) => [name, f])),
    );
    for (const [name, [, expected]] of Object.entries(cases)) {
      const wanted = expected(round),
        eps = engine[1] === 'float32' ? 2 ** -22 : 2 ** -50;
      found[name].forEach((value, i) => {
        if (Number.isFinite(wanted[i]))
          expect(Math.abs(value - wanted[i]), `${name}[${i}]: ${value} against ${wanted[i]}`).toBeLessThanOrEqual(
            eps * Math.abs(wanted[i]),
          );
        else expect(value, `${name}[${i}]`).toBe(wanted[i]);
      });
    }
  });

  // Chains of + - * / with constants that swallow one another. Those of * and / are powers of 2, by which products are exact, so that
  // one rounding for a product and a sum changes no bit.
  const choices = random.integers([20_000], { seed: 3, stream: 'chains', high: 2 ** 30 }).values;
  let next = 0;
  const pick = <T>(list: readonly T[]): T => list[choices[next++] % list.length];
  const operations = {
    add: (a: number, b: number) => a + b,
    sub: (a: number, b: number) => a - b,
    mul: (a: number, b: number) => a * b,
    div: (a: number, b: number) => a / b,
  };
  const link = () => {
    const f = pick(Object.keys(operations)) as keyof typeof operations;
    return {
      f,
      c: pick(f === 'add' || f === 'sub' ? [0.1, 1e-9, 1e8, -1e8, 1e15, 7] : [2, 0.5, 2 ** 40, 2 ** -40, -4]),
      first: pick([true, false, false]),
    };
  };
  const chains = Array.from({ length: 60 }, () => Array.from({ length: 2 + pick([0, 1, 2, 3]) }, link));
  const xs = [1, 0.5, -3, 1e-5, 1e5, 0.1, 7e4];
  test.each(engines)('random chains, bit for bit, in %s, %s', async (...engine: Engine) => {
    const [round, least] =
      engine[1] === 'float32' ? ([Math.fround, 2 ** -126] as const) : ([(x: number) => x, 2 ** -1022] as const);
    const found = await evaluate(
      engine,
      { x: ndarray(xs) },
      Object.fromEntries(
        chains.map((chain, i) => [
          `chain${i}`,
          ({ x }) =>
            chain.reduce((v, { f, c, first }) => (first ? (tf as any)[f](c, v) : (tf as any)[f](v, c)), x as tf.Tensor),
        ]),
      ),
    );
    chains.forEach((chain, i) =>
      xs.forEach((x, j) => {
        const wanted = chain.reduce((v, { f, c, first }) => {
          const after = round(first ? operations[f](round(c), v) : operations[f](v, round(c)));
          return Math.abs(after) < least ? 0 * after : after;
        }, round(x));
        expect(
          found[`chain${i}`][j],
          `${x}: ${chain.map(({ f, c, first }) => `${first ? 'from ' : ''}${f} ${c}`).join(', ')}`,
        ).toBe(wanted);
      }),
    );
  });
});

describe('NaN', () => {
  /** Each operation with a NaN (x), with numbers (y) beside it: where the result is NaN, as NumPy has it. */
  const nan = [NaN, -0.5, 0.25, 0.5];
  const data = {
    x: ndarray(nan),
    y: ndarray([0.5, 0.25, -0.5, 1]),
    m: ndarray([NaN, 0.5, 0.25, 1], [2, 2]),
    n: ndarray([0.5, 0, 0, 2], [2, 2]),
    image: ndarray([NaN, 1, 2, 3, 4, 5, 6, 7, 8], [1, 3, 3, 1]),
  };
  const [first, all] = [[0], [0, 1, 2, 3]];
  const unary = [
    'abs',
    'acos',
    'asin',
    'asinh',
    'atan',
    'atanh',
    'ceil',
    'cos',
    'cosh',
    'elu',
    'erf',
    'exp',
    'expm1',
    'floor',
    'leakyRelu',
    'neg',
    'reciprocal',
    'relu',
    'relu6',
    'round',
    'selu',
    'sigmoid',
    'sign',
    'sin',
    'sinh',
    'softplus',
    'square',
    'tan',
    'tanh',
    'logSigmoid',
  ];
  const binary = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'squaredDifference', 'atan2', 'mod'];
  const cases: Record<string, [f: Case, where: number[]]> = {
    ...Object.fromEntries(
      unary.map((name): [string, [Case, number[]]] => [name, [({ x }) => (tf as any)[name](x), first]]),
    ),
    ...Object.fromEntries(
      binary.flatMap((name): [string, [Case, number[]]][] => [
        [`${name}(NaN, y)`, [({ x, y }) => (tf as any)[name](x, y), first]],
        [`${name}(y, NaN)`, [({ x, y }) => (tf as any)[name](y, x), first]],
      ]),
    ),
    'maximum with a number': [({ x }) => tf.maximum(x, 0), first],
    'a number, maximum': [({ x }) => tf.maximum(0, x), first],
    'minimum of log': [({ x, y }) => tf.minimum(tf.log(y), tf.onesLike(x)), [2]],
    clip: [({ x }) => tf.clipByValue(x, -1, 1), first],
    prelu: [({ x, y }) => tf.prelu(x, y), first],
    max: [({ x }) => x.max(), first],
    min: [({ x }) => x.min(), first],
    'max of log': [({ y }) => tf.log(y).max(), first],
    'min of log': [({ y }) => tf.log(y).min(), first],
    'max, NaN last': [({ x }) => x.reverse().max(), first],
    'max by rows': [({ m }) => m.max(1), first],
    'min by columns': [({ m }) => m.min(0), first],
    sum: [({ x }) => x.sum(), first],
    mean: [({ x }) => x.mean(), first],
    prod: [({ x }) => x.prod(), first],
    norm: [({ x }) => x.norm(), first],
    'norm(inf)': [({ x }) => x.norm(Infinity), first],
    'norm(1)': [({ x }) => x.norm(1), first],
    softmax: [({ x }) => tf.softmax(x), all],
    logSoftmax: [({ x }) => tf.logSoftmax(x), all],
    logSumExp: [({ x }) => x.logSumExp(), first],
    cumsum: [({ x }) => x.cumsum(), all],
    cumprod: [({ x }) => tf.cumprod(x), all],
    'a NaN times zero': [({ m, n }) => tf.matMul(m, n), [0, 1]],
    'zero times a NaN': [({ m, n }) => tf.matMul(n, m), [0, 2]],
    dot: [({ x, y }) => x.dot(y), first],
    'relu of a sum': [({ x }) => tf.relu(x.sum()), first],
    'the gradient of relu': [({ x }) => tf.grad((x: tf.Tensor) => tf.relu(x).square().sum())(x), first],
    variance: [({ x }) => tf.moments(x).variance, first],
    addN: [({ x, y }) => tf.addN([y, x, y]), first],
    avgPool: [({ image }) => tf.avgPool(image, 2, 1, 'valid'), first],
  };
  test.each(engines)('goes through every operation in %s, %s', async (...engine: Engine) => {
    const found = await evaluate(
      engine,
      data,
      Object.fromEntries(Object.entries(cases).map(([name, [f]]) => [name, f])),
    );
    for (const [name, [, where]] of Object.entries(cases))
      expect(
        found[name].flatMap((value, i) => (Number.isNaN(value) ? [i] : [])),
        name,
      ).toEqual(where);
    const flags = await evaluate(engine, data, {
      equal: ({ x }) => x.equal(x),
      less: ({ x }) => x.less(1),
      greater: ({ x }) => x.greater(-1),
      notEqual: ({ x }) => x.notEqual(x),
      isNaN: ({ x }) => x.isNaN(),
      isFinite: ({ x }) => x.isFinite(),
    });
    expect(flags).toEqual({
      equal: [0, 1, 1, 1],
      less: [0, 1, 1, 1],
      greater: [0, 1, 1, 1],
      notEqual: [1, 0, 0, 0],
      isNaN: [1, 0, 0, 0],
      isFinite: [0, 1, 1, 1],
    });
  });

  test.each(['graph', 'xla'] as const)(
    'products of large matrices by the library keep it, and zero times infinity, in %s',
    async mode => {
      const side = 40,
        zeros = new Float64Array(side * side),
        bad = Float64Array.from(zeros, (_, i) => (i === 3 * side + 5 ? NaN : 0)),
        infinite = bad.map(v => (Number.isNaN(v) ? Infinity : v));
      for (const dtype of ['float32', 'float64'] as const)
        for (const a of [bad, infinite]) {
          const found = await evaluate(
            [mode, dtype],
            {
              a: ndarray(a, [side, side]),
              z: ndarray(zeros, [side, side]),
              v: ndarray(zeros.slice(0, side), [side, 1]),
              s: 0,
            },
            {
              left: ({ a, z }) => tf.matMul(a, z),
              right: ({ a, z }) => tf.matMul(z, a),
              vector: ({ a, v }) => tf.matMul(a, v),
              row: ({ a, v }) => tf.matMul(v, a, true),
              update: ({ a, z, s }) => z.sub(tf.matMul(a, z).mul(s)),
            },
          );
          const at = (values: number[]) => values.flatMap((value, i) => (Number.isNaN(value) ? [i] : []));
          const row3 = Array.from({ length: side }, (_, j) => 3 * side + j),
            column5 = Array.from({ length: side }, (_, i) => i * side + 5);
          expect([at(found.left), at(found.right), at(found.vector), at(found.row), at(found.update)]).toEqual([
            row3,
            column5,
            [3],
            [5],
            row3,
          ]);
        }
    },
  );

  test.each(['eager', 'graph', 'xla'] as const)(
    'a run that makes one is told to diverge though only max or min read it, in %s',
    async mode => {
      const step = ({ x }: { x: tf.Tensor; top: tf.Tensor }) => ({
        x: x.sub(0.25),
        top: tf.minimum(tf.log(x).max(), 100),
      });
      expect(await train(step, { x: ndarray([1, 2]), top: 0 }, { steps: 9, mode })).toMatchObject({
        status: 'diverged',
        step: 6,
      });
    },
  );

  test('flags under which it would be dropped are refused', () => {
    for (const flag of [
      '--xla_cpu_enable_fast_min_max',
      '--xla_cpu_enable_fast_min_max=true',
      '--xla_cpu_enable_fast_math=true',
    ]) {
      const { status, stderr } = spawnSync(
        process.execPath,
        [
          '--require',
          path.join(__dirname, '../../kernel-setup/typescript-hook.cjs'),
          path.join(__dirname, '../../src/base/environment.ts'),
        ],
        { encoding: 'utf8', env: { ...process.env, XLA_FLAGS: `--xla_cpu_prefer_vector_width=256 ${flag}` } },
      );
      expect(status).toBe(1);
      expect(stderr).toContain(
        `XLA_FLAGS: ${flag} makes max and min drop NaN, so that a diverged run would not be noticed; remove it`,
      );
    }
  });
});

test.each(engines)('numbers below the least normal one are zero, in %s, %s', async (...engine: Engine) => {
  const [small, factor] = engine[1] === 'float32' ? [1e-30, 1e-10] : [1e-300, 1e-10];
  const found = await evaluate(
    engine,
    { x: ndarray([small, 2 * small]), s: factor },
    { product: ({ x, s }) => x.mul(s).mul(1e10).mul(1e10), normal: ({ x }) => x.mul(1e-3).mul(1e3) },
  );
  expect(found.product).toEqual([0, 0]);
  found.normal.forEach((value, i) => expect(value / ((i + 1) * small)).toBeCloseTo(1, 5));
});

test.each(engines)('a sign of zero and infinities go through, in %s, %s', async (...engine: Engine) => {
  const data = { x: ndarray([-0, 0, -Infinity, Infinity]), o: ndarray([1, 1, 1, 1]) };
  const found = await evaluate(engine, data, {
    divided: ({ x, o }) => o.div(x),
    negated: ({ x, o }) => o.div(x.neg()),
    plus: ({ x }) => x.add(1),
    tanh: ({ x }) => tf.tanh(x),
    sigmoid: ({ x }) => tf.sigmoid(x),
    max: ({ x }) => x.max(),
    min: ({ x }) => x.min(),
  });
  expect(found).toMatchObject({
    divided: [-Infinity, Infinity, -0, 0],
    negated: [Infinity, -Infinity, 0, -0],
    plus: [1, 1, -Infinity, Infinity],
    tanh: [-0, 0, -1, 1],
    sigmoid: [0.5, 0.5, 0, 1],
    max: [Infinity],
    min: [-Infinity],
  });
});

import { expect, test as both } from 'vitest';
import { openblasCall } from '../../../src/compile/xla/openblas';
import { AT, DT } from '../../../src/compile/native';
import { compile, linalg, random, tf, train } from 'widenet';
import type { NativeBackend } from '../../../src/autodiff/tf';
import { core as test, isLong } from '../../support/tier';

type Shape = readonly number[];
type Case = readonly [shapeA: Shape, shapeB: Shape, ta: boolean, tb: boolean];

const cases: Case[] = [
  [[70, 1001], [1001, 130], false, false],
  [[70, 1001], [130, 1001], false, true],
  [[1001, 70], [1001, 130], true, false],
  [[1001, 70], [130, 1001], true, true],
  [[1001, 90], [90, 101], false, false],
  [[3, 70, 1001], [3, 130, 1001], false, true],
  [[2, 2, 500, 129], [2, 2, 500, 130], true, false],
  [[2, 16], [2, 16], false, true],
  [[20, 30], [40, 30], false, true],
  [[3, 20, 30], [3, 40, 30], false, true],
  [[4, 5, 2], [4, 2, 8], false, false],
  ...[false, true].flatMap(ta =>
    [false, true].flatMap((tb): Case[] => [
      [ta ? [501, 600] : [600, 501], tb ? [1, 501] : [501, 1], ta, tb],
      [ta ? [501, 1] : [1, 501], tb ? [600, 501] : [501, 600], ta, tb],
      [ta ? [7000, 33] : [33, 7000], tb ? [20, 7000] : [7000, 20], ta, tb],
      [ta ? [7000, 20] : [20, 7000], tb ? [33, 7000] : [7000, 33], ta, tb],
    ]),
  ),
  [[3, 600, 501], [3, 501, 1], false, false],
];

/** Products with a side of at most 6 entries, which are not OpenBLAS's own. */
const thin: Case[] = [
  [[301, 5], [1003, 5], false, true],
  [[301, 1003], [301, 5], true, false],
  ...[2, 3, 4, 6].flatMap((side): Case[] => [
    [[side, 90 + side], [side, 37], true, false],
    [[90 + side, side], [side, 37], false, false],
    [[2, side, 90], [2, 90, 37], false, false],
    [[90, side], [90, 37], true, false],
    [[90, 37], [90, side], true, false],
    [[90, 37], [side, 90], true, true],
  ]),
];

const attributes = (dtype: number, ta = false, tb = false) => [
  { name: 'T', type: AT.type, value: dtype },
  { name: 'adj_x', type: AT.bool, value: ta },
  { name: 'adj_y', type: AT.bool, value: tb },
];
const given = (shape: Shape, stream: string) => random.normal([...shape], { seed: 1, stream });

/** Products in double precision, entry by entry. */
function byHand([shapeA, shapeB, ta, tb]: Case, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const [ra, ca] = shapeA.slice(-2),
    [rb, cb] = shapeB.slice(-2);
  const [m, k] = ta ? [ca, ra] : [ra, ca],
    n = tb ? rb : cb;
  const count = a.length / (m * k);
  const c = new Float64Array(count * m * n);
  for (let item = 0; item < count; item++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++)
          sum += a[item * m * k + (ta ? l * ca + i : i * ca + l)] * b[item * k * n + (tb ? j * cb + l : l * cb + j)];
        c[item * m * n + i * n + j] = sum;
      }
  return c;
}

function nativeOp(type: string, inputs: tf.Tensor[], flags: Record<string, boolean> = {}, outputs = 1): tf.Tensor[] {
  const flagged = Object.entries(flags).map(([name, value]) => ({ name, type: AT.bool, value }));
  return (tf.backend() as NativeBackend).executeMultipleOutputs(
    type,
    [{ name: 'T', type: AT.type, value: DT.float }, ...flagged],
    inputs,
    outputs,
  );
}
const cholesky = (a: tf.Tensor) => nativeOp('Cholesky', [a])[0];

const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

function productOf([shapeA, shapeB, ta, tb]: Case, options: { dtype: 'float32' | 'float64'; threads?: number }) {
  const a = given(shapeA, 'a'),
    b = given(shapeB, 'b');
  const zeros = tf.matMul(tf.zeros([...shapeA]), tf.zeros([...shapeB]), ta, tb);
  const run = compile(
    ({ a, b }: { a: tf.Tensor; b: tf.Tensor; c: tf.Tensor }) => ({ a, b, c: tf.matMul(a, b, ta, tb) }),
    { ...options, mode: 'xla' },
  );
  return { a, b, c: run({ a, b, c: zeros }).then(({ c }) => c.values) };
}

both.each([...cases.filter((_, i) => (i % 3 === 0) !== isLong), ...(isLong ? [] : thin)])(
  '%j x %j, transposed %s %s: the addon computes it, to rounding, in both types',
  async (...one) => {
    const [shapeA, shapeB, ta, tb] = one;
    for (const [dtype, type, tolerance] of [
      ['float64', DT.double, 1e-11],
      ['float32', DT.float, 1e-3],
    ] as const) {
      expect(
        openblasCall({
          type: 'BatchMatMulV2',
          attributes: attributes(type, ta, tb),
          inputs: [0, 1],
          shapes: [shapeA, shapeB],
        })?.target,
      ).toBe('product');
      const { a, b, c } = productOf(one, { dtype });
      expect(largest(byHand(one, a.values, b.values), await c)).toBeLessThan(tolerance);
    }
  },
);

test.each(['float32', 'float64'] as const)('%s: the number of threads changes no bit', async dtype => {
  for (const one of [cases[1], ...thin.slice(0, 2)]) {
    const [first, second] = await Promise.all([1, 2].map(threads => productOf(one, { dtype, threads }).c));
    expect(first).toEqual(second);
  }
});

test.each([
  [[90, 301], false],
  [[301, 90], true],
  [[2, 300, 81], true],
] as const)(
  '%j times its own transpose, %s: half of it is computed, and it is exactly symmetric',
  async (shape, ta) => {
    const x = given(shape, 'a');
    const by: Case = [shape, shape, ta, !ta];
    const call = openblasCall({
      type: 'BatchMatMulV2',
      attributes: attributes(DT.double, ta, !ta),
      inputs: [4, 4],
      shapes: [shape, shape],
    });
    expect(call).toMatchObject({ target: 'gram', inputs: [4] });
    const zeros = tf.matMul(tf.zeros([...shape]), tf.zeros([...shape]), ta, !ta);
    const run = (dtype: 'float32' | 'float64', threads: number) =>
      compile((_: any, { x }: any) => ({ c: tf.matMul(x, x, ta, !ta) }), { dtype, threads, mode: 'xla' })(
        { c: zeros },
        { data: { x } },
      );
    for (const [dtype, tolerance] of [
      ['float64', 1e-11],
      ['float32', 1e-3],
    ] as const) {
      const [{ c }, other] = [await run(dtype, 1), await run(dtype, 2)];
      expect(other.c).toEqual(c);
      expect(largest(byHand(by, x.values, x.values), c.values)).toBeLessThan(tolerance);
      const n = c.shape[c.shape.length - 1];
      const turned = c.values.map((_: number, i: number) => {
        const [row, column] = [Math.floor(i / n) % n, i % n];
        return c.values[i - row * n - column + column * n + row];
      });
      expect(turned).toEqual(c.values);
    }
  },
);

test.each<Case>([
  [[70, 3], [3, 50], false, false],
  [[90, 70], [90, 5], true, false],
  [[4, 90], [90, 50], false, false],
])('%j x %j, transposed %s %s: thin products, too, are taken from what is there', async (...one) => {
  const [shapeA, shapeB, ta, tb] = one;
  const [a, b] = [given(shapeA, 'a'), given(shapeB, 'b')];
  const product = byHand(one, a.values, b.values);
  const shape = [ta ? shapeA[1] : shapeA[0], shapeB[1]];
  const x = given(shape, 'x');
  const run = compile(
    ({ x }: { x: tf.Tensor }, { a, b }: { a: tf.Tensor; b: tf.Tensor }) => ({
      x: x.sub(tf.matMul(a, b, ta, tb).mul(0.25)),
    }),
    { dtype: 'float64', mode: 'xla' },
  );
  const { x: moved } = await run({ x }, { data: { a, b } });
  expect(
    largest(
      x.values.map((v, i) => v - 0.25 * product[i]),
      moved.values,
    ),
  ).toBeLessThan(1e-12);
});

test('what is not a number reaches its row, and no other', async () => {
  const a = given([100, 100], 'a'),
    b = { shape: [100, 100], values: new Float64Array(1e4) };
  a.values[205] = NaN;
  const run = compile(
    ({ c }: { c: tf.Tensor }, { a, b }: { a: tf.Tensor; b: tf.Tensor }) => ({ c: c.add(tf.matMul(a, b)) }),
    { dtype: 'float64', mode: 'xla' },
  );
  const { c } = await run({ c: b }, { data: { a, b } });
  expect(Array.from(c.values.keys()).filter(i => Number.isNaN(c.values[i]))).toEqual(
    Array.from({ length: 100 }, (_, j) => 200 + j),
  );
});

/** Symmetric positive definite matrices, and right-hand sides. */
function systems(count: number, n: number, columns: number) {
  const r = given([count, n, n], 'r'),
    y = given([count, n, columns], 'y');
  const a = {
    shape: r.shape,
    values: byHand([r.shape, r.shape, false, true], r.values, r.values).map(
      (x, i) => x / n + ((i % (n * n)) % (n + 1) === 0 ? 1 : 0),
    ),
  };
  return { a, y };
}

const solveIn = (mode: 'graph' | 'xla' | 'auto', dtype: 'float32' | 'float64') =>
  compile(
    ({ x }: { x: tf.Tensor }, { a, y }: { a: tf.Tensor; y: tf.Tensor }) => ({
      x: linalg.choleskySolve(a, y).add(x.mul(0)),
    }),
    { dtype, mode },
  );

test.each([
  ['float64', 1e-11],
  ['float32', 1e-3],
] as const)(
  '%s: Cholesky and triangular solves give a x = y, for every matrix of a batch',
  async (dtype, tolerance) => {
    const { a, y } = systems(3, 50, 4);
    const { x } = await solveIn('xla', dtype)({ x: y }, { data: { a, y } });
    expect(largest(byHand([a.shape, y.shape, false, false], a.values, x.values), y.values)).toBeLessThan(tolerance);
  },
);

test('a Cholesky factor has zeros above its diagonal; one that does not exist is NaN, and its neighbours stand', async () => {
  const { a } = systems(3, 20, 1);
  a.values[400 + 21 * 7] = -1;
  const factor = compile(({ l }: { l: tf.Tensor }) => ({ l: cholesky(l) }), { dtype: 'float64', mode: 'xla' });
  const { l } = await factor({ l: a });
  expect(Array.from(l.values.subarray(400, 800)).every(Number.isNaN)).toBe(true);
  for (const at of [0, 800]) {
    const own = l.values.slice(at, at + 400) as Float64Array;
    expect(own.every((x, i) => i % 20 <= Math.floor(i / 20) || x === 0)).toBe(true);
    expect(largest(byHand([[20, 20], [20, 20], false, true], own, own), a.values.subarray(at, at + 400))).toBeLessThan(
      1e-12,
    );
  }
});

test('upper and lower triangles are solved, transposed and not', async () => {
  const { a, y } = systems(1, 30, 3);
  for (const lower of [true, false])
    for (const adjoint of [true, false]) {
      const run = compile(
        ({ x }: { x: tf.Tensor }, { a, y }: { a: tf.Tensor; y: tf.Tensor }) => ({
          x: nativeOp('MatrixTriangularSolve', [a, y], { lower, adjoint })[0].add(x.mul(0)),
        }),
        { dtype: 'float64', mode: 'xla' },
      );
      const { x } = await run({ x: y }, { data: { a, y } });
      const half = {
        ...a,
        values: a.values.map((v, i) => ((lower ? i % 30 <= Math.floor(i / 30) : i % 30 >= Math.floor(i / 30)) ? v : 0)),
      };
      expect(largest(byHand([a.shape, y.shape, adjoint, false], half.values, x.values), y.values)).toBeLessThan(1e-10);
    }
});

test('eigenvectors are columns, in the order of their eigenvalues; with values only, the same values', async () => {
  const { a } = systems(2, 24, 1);
  const run = compile(
    ({ v }: { v: tf.Tensor; e: tf.Tensor; only: tf.Tensor }, { a }: { a: tf.Tensor }) => {
      const [e, v0] = nativeOp('SelfAdjointEigV2', [a], { compute_v: true }, 2);
      return { v: v0.add(v.mul(0)), e, only: nativeOp('SelfAdjointEigV2', [a], { compute_v: false }, 2)[0] };
    },
    { dtype: 'float64', mode: 'xla' },
  );
  const { v, e, only } = await run({ v: a, e: tf.zeros([2, 24]), only: tf.zeros([2, 24]) }, { data: { a } });
  expect(largest(e.values, only.values)).toBeLessThan(1e-13);
  expect(Array.from(e.values).every((x, i) => i % 24 === 0 || x >= e.values[i - 1])).toBe(true);
  const scaled = v.values.map((x, i) => x * e.values[Math.floor(i / 576) * 24 + (i % 24)]) as Float64Array;
  expect(largest(byHand([a.shape, a.shape, false, false], a.values, v.values), scaled)).toBeLessThan(1e-12);
});

test('a step that factorises is compiled by XLA, and gives what the graph gives', async () => {
  const { a, y } = systems(1, 40, 1);
  const step = ({ x }: { x: tf.Tensor }, { a, y }: { a: tf.Tensor; y: tf.Tensor }) => ({
    x: linalg.choleskySolve(a, y.add(x.mul(0.1))),
  });
  const runs = await Promise.all(
    (['auto', 'graph'] as const).map(mode =>
      train(step, { x: y }, { data: { a, y }, steps: 5, mode, dtype: 'float64' }),
    ),
  );
  expect(runs.map(({ mode }) => mode)).toEqual(['xla', 'graph']);
  expect(largest(runs[0].state.x.values, runs[1].state.x.values)).toBeLessThan(1e-12);
});

test.each<[string, number, number[], number[]]>([
  ['tiny', DT.float, [1000, 3, 3], [1000, 3, 3]],
  ['a small matrix by a vector', DT.double, [400, 400], [400, 1]],
  ['an outer product', DT.float, [1000, 1], [1, 1000]],
  ['one matrix for many', DT.double, [5, 100, 100], [1, 100, 100]],
  ['of no matrices', DT.double, [0, 100, 100], [0, 100, 100]],
  ['of whole numbers', DT.int32, [1000, 1000], [1000, 1000]],
])('XLA computes what is %s itself', (_, dtype, a, b) => {
  expect(
    openblasCall({ type: 'BatchMatMulV2', attributes: attributes(dtype), inputs: [0, 1], shapes: [a, b] }),
  ).toBeUndefined();
});

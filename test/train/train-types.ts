/** The types of `train` and `compile`: this file is not run, the type check is the test. */
import { expectTypeOf } from 'vitest';
import {
  compile,
  fitRate,
  lines,
  ndarray,
  random,
  sweep,
  tensor,
  tf,
  train,
  type NdArray,
  type Recorded,
  type Run,
  type Step,
  type Tensors,
} from 'widenet';

const vector = ndarray([1, 2]);
const options = { steps: 1 };

export async function stateAndDataAreInferred() {
  const run = await train(
    (state, data) => {
      expectTypeOf(state).toEqualTypeOf<{ x: tf.Tensor<any> }>();
      expectTypeOf(data).toEqualTypeOf<{ a: tf.Tensor<any>; more: { b: tf.Tensor<any> } }>();
      return { x: state.x.sub(data.a).mul(data.more.b) };
    },
    { x: vector },
    {
      ...options,
      data: { a: 1, more: { b: tf.scalar(1) } },
      record: {
        risk: (state, data) => {
          expectTypeOf(state).toEqualTypeOf<{ x: tf.Tensor<any> }>();
          expectTypeOf(data.more.b).toEqualTypeOf<tf.Tensor<any>>();
          return state.x.mul(data.a).mean();
        },
      },
      until: row => {
        expectTypeOf(row.step).toEqualTypeOf<number>();
        expectTypeOf(row.t).toEqualTypeOf<number>();
        expectTypeOf(row.risk).toEqualTypeOf<Recorded>();
        // @ts-expect-error: no such value is recorded
        return row.riks < 1 || row.risk < 1;
      },
    },
  );
  expectTypeOf(run.state).toEqualTypeOf<{ x: NdArray }>();
  expectTypeOf(run.rows[0]).toEqualTypeOf<{ step: number; t: number; risk: Recorded }>();
  expectTypeOf(run.status).toEqualTypeOf<'done' | 'stopped' | 'interrupted' | 'diverged'>();
  expectTypeOf((await train(({ x }) => ({ x }), run.state, { ...options, from: run.step })).state).toEqualTypeOf<{
    x: NdArray;
  }>();
  const anyRun: Run = run;
  return anyRun;
}

export async function structuresKeepTheirForm() {
  const nested = await train(
    ({ net: { w, more }, n }) => ({ net: { w: w.add(more.b), more }, n }),
    { net: { w: vector, more: { b: tf.scalar(1) } }, n: 3 },
    options,
  );
  expectTypeOf(nested.state).toEqualTypeOf<{ net: { w: NdArray; more: { b: NdArray } }; n: NdArray }>();
  expectTypeOf((await train(([p, q]) => [q, p], [vector, vector], options)).state).toEqualTypeOf<NdArray[]>();
  expectTypeOf((await train(r => r.add(1), vector, options)).state).toEqualTypeOf<NdArray>();
  expectTypeOf((await train(s => s, Object.freeze({ x: vector }), options)).state).toEqualTypeOf<{ x: NdArray }>();
  const untyped: any = { p: 1 };
  expectTypeOf((await train(({ p }) => ({ p }), untyped, options)).state).toBeAny();
}

export async function namesAloneTypeAStep() {
  const step = ({ W, z }: Tensors<'W' | 'z'>, { X }: Tensors<'X'>): Tensors<'W' | 'z'> => ({
    W: W.add(X),
    z: z.mul(W),
  });
  expectTypeOf<Tensors<'W'>>().toEqualTypeOf<{ W: tf.Tensor<any> }>();
  const run = await train(
    step,
    { W: random.normal([2], { seed: 0, stream: 'W' }), z: 1 },
    { steps: 1, data: { X: 1 } },
  );
  expectTypeOf(run.state).toEqualTypeOf<{ W: NdArray; z: NdArray }>();
  // @ts-expect-error: the state has no z
  await train(step, { W: vector }, { steps: 1, data: { X: 1 } });
  const data = { X: vector, scale: 3 };
  const start = { W: vector };
  expectTypeOf<Tensors<typeof data>>().toEqualTypeOf<{ X: tf.Tensor<any>; scale: tf.Tensor<any> }>();
  const other: Step<typeof start, typeof data> = ({ W }, { X, scale }) => ({ W: W.sub(X.mul(scale)) });
  expectTypeOf((await train(other, start, { steps: 1, data })).state).toEqualTypeOf<{ W: NdArray }>();
}

export async function rowsAreTypedByRecord() {
  const step = ({ W }: Tensors<'W'>) => ({ W });
  const record = {
    scalar: ({ W }: Tensors<'W'>) => W.asScalar(),
    vector: ({ W }: Tensors<'W'>) => W.as1D(),
    matrix: ({ W }: Tensors<'W'>) => W.as2D(2, 1),
    unknown: ({ W }: Tensors<'W'>) => W.square().mean(),
    state: ({ W }: Tensors<'W'>) => W,
    untyped: ({ W }: any) => W,
  };
  const { rows, status } = await train(step, { W: vector }, { steps: 1, record, until: row => row.scalar < 1 });
  expectTypeOf(status).toEqualTypeOf<'done' | 'stopped' | 'interrupted' | 'diverged'>();
  const [row] = rows;
  expectTypeOf(row.scalar).toEqualTypeOf<number>();
  expectTypeOf(row.vector).toEqualTypeOf<number[]>();
  expectTypeOf(row.matrix).toEqualTypeOf<number[][]>();
  expectTypeOf(row.unknown).toEqualTypeOf<Recorded>();
  expectTypeOf(row.untyped).toEqualTypeOf<Recorded>();
  // Of an unknown rank, a number and nested arrays will do.
  expectTypeOf(Math.log(row.unknown) / row.t - (row.unknown ** 2 || 1)).toEqualTypeOf<number>();
  expectTypeOf(Math.max(...rows.map(({ unknown }) => unknown))).toEqualTypeOf<number>();
  expectTypeOf(row.state.map((w, i) => w * i).reduce((sum, w) => sum + w)).toEqualTypeOf<number>();
  expectTypeOf(row.state[1][0] + row.state.length).toEqualTypeOf<number>();
  const [first, second] = row.state;
  const lists: number[][] = row.state;
  fitRate(rows, { y: 'unknown', from: first + second + lists[0].length });
  lines({ one: { rows }, other: rows.map(row => ({ ...row, more: row.unknown / 2 })) }, { x: 't', y: 'unknown' });
  // @ts-expect-error: no such value is recorded
  rows.map(row => row.scalr);
  // @ts-expect-error: no such value is recorded
  (await train(step, { W: vector }, options)).rows[0].risk;
  const watched: Record<string, (state: Tensors<'W'>) => tf.Tensor> = record;
  const mixed = await train(step, { W: vector }, { ...options, record: watched });
  expectTypeOf(mixed.rows[0].whatever).toEqualTypeOf<Recorded>();
  const compiled = await compile(step, { record }).train({ W: vector }, { ...options, until: row => row.scalar < 1 });
  expectTypeOf(compiled.rows[0].matrix).toEqualTypeOf<number[][]>();
  const untyped: any = step;
  expectTypeOf((await train<any, any>(untyped, { W: 1 }, options)).rows[0].risk).toEqualTypeOf<Recorded>();
  const anyRun: Run = mixed;
  return anyRun;
}

export async function rowsOfSweepAreTypedByRun() {
  const cells = [1, 2].map(d => ({ d, kind: 'a' }));
  const one = await sweep('one', cells, ({ d }) => ({ risk: d / 2, kind: d }));
  expectTypeOf(one).toEqualTypeOf<
    { d: number; risk: number; kind: number; readonly status?: string; readonly message?: string }[]
  >();
  const many = await sweep('many', cells, async ({ d }) => Promise.all([d, d + 1].map(async seed => ({ seed }))));
  expectTypeOf(many).toEqualTypeOf<
    { d: number; kind: string; seed: number; readonly status?: string; readonly message?: string }[]
  >();
  const either = await sweep('either', cells, ({ d }) => (d > 1 ? { a: 1 } : { b: 'b' }));
  expectTypeOf(either[0].d).toEqualTypeOf<number>();
  const run = await train(({ x }) => ({ x }), { x: 1 }, { steps: 1, record: { risk: ({ x }) => x.asScalar() } });
  expectTypeOf(await sweep('rows', cells, () => run.rows)).toEqualTypeOf<
    {
      d: number;
      kind: string;
      step: number;
      t: number;
      risk: number;
      readonly status?: string;
      readonly message?: string;
    }[]
  >();
  const told = await sweep('told', cells, () => ({ status: 1 }));
  expectTypeOf(told[0].status).toEqualTypeOf<number>();
  expectTypeOf(told[0].message).toEqualTypeOf<string | undefined>();
  // @ts-expect-error: no setting has this name
  await sweep('wrong', cells, ({ m }) => ({ m }));
  // @ts-expect-error: a row is an object
  await sweep('wrong', cells, () => 3);
  // @ts-expect-error: no such option
  await sweep('wrong', cells, () => ({}), { resum: true });
}

export function hostArraysHaveNoArithmetic() {
  const W = random.normal([2], { seed: 0, stream: 'W' });
  expectTypeOf(tensor(W).mul(2)).toEqualTypeOf<tf.Tensor>();
  // @ts-expect-error: use tensor(array) first
  W.mul(2);
  // @ts-expect-error: use tensor(array) first
  W.add(W);
  // @ts-expect-error: use tensor(array) first
  vector.sub(W);
}

export async function aListOfNumbersIsATensorForEach() {
  const { state } = await train(({ r }) => ({ r: r.map(one => one.mul(2)) }), { r: [1, 2] }, { steps: 1 });
  expectTypeOf(state.r[0]).toEqualTypeOf<NdArray>();
}

export async function stepsMayBeAnnotated() {
  interface Net {
    readonly W: tf.Tensor2D;
    c: tf.Tensor;
  }
  const ranked = (net: Net, { X }: { X: tf.Tensor2D }): Net => ({ W: net.W.add(X), c: net.c });
  expectTypeOf((await train(ranked, { W: vector, c: 1 }, { ...options, data: { X: vector } })).state).toEqualTypeOf<{
    W: NdArray;
    c: NdArray;
  }>();
  const untyped = ({ W }: any, _: any) => ({ W: W.add(1) });
  expectTypeOf((await train(untyped, { W: vector }, options)).state).toEqualTypeOf<{ W: NdArray }>();
}

export async function gradientsNeedNoCasts() {
  const risk = ({ W, c }: { W: tf.Tensor; c: tf.Tensor }, { X }: { X: tf.Tensor }) => tf.matMul(X, W).mul(c).mean();
  const run = await train(
    (net, data) => {
      const [W, c] = tf.grads((W, c) => risk({ W, c }, data))([net.W, net.c]);
      const {
        value,
        grads: [again],
      } = tf.valueAndGrads((W, c) => risk({ W, c }, data).asScalar())([net.W, net.c]);
      const alone = tf.grad(W => risk({ ...net, W }, data))(net.W);
      return { W: net.W.sub(W).sub(again).sub(alone), c: net.c.sub(c).add(value) };
    },
    { W: vector, c: vector },
    { ...options, data: { X: vector }, record: { risk } },
  );
  expectTypeOf(run.state).toEqualTypeOf<{ W: NdArray; c: NdArray }>();
}

export async function compiledStepsAreTyped() {
  const run = compile(({ x }: { x: tf.Tensor }, { a }: { a: tf.Tensor }) => ({ x: x.add(a) }));
  expectTypeOf(await run({ x: 1 }, { data: { a: vector } })).toEqualTypeOf<{ x: NdArray }>();
  expectTypeOf(run.traces).toEqualTypeOf<number>();
  expectTypeOf(await compile(({ x }, { a }) => ({ x: x.add(a) }))({ x: 1 }, { data: { a: 1 } })).toBeAny();
  // @ts-expect-error: the state has no y
  await run({ y: 1 }, { data: { a: 3 } });
  // @ts-expect-error: the data has no b
  await run({ x: 1 }, { data: { b: 3 } });
}

export async function whatIsNoStepIsNoStep() {
  // @ts-expect-error: the state has no y
  await train(s => ({ x: s.y }), { x: 1 }, options);
  // @ts-expect-error: the next state has no x
  await train(s => ({ y: s.x }), { x: 1 }, options);
  // @ts-expect-error: the next x is no tensor
  await train(() => ({ x: 3 }), { x: 1 }, options);
  // @ts-expect-error: the next state is a promise
  await train(async s => s, { x: 1 }, options);
  // @ts-expect-error: the data has no b
  await train((s, { b }) => ({ x: s.x.add(b) }), { x: 1 }, { ...options, data: { a: 1 } });
  // @ts-expect-error: a recorded value is a tensor
  await train(s => s, { x: 1 }, { ...options, record: { risk: () => 3 } });
  // @ts-expect-error: until answers yes or no
  await train(s => s, { x: 1 }, { ...options, until: row => row.step });
  // @ts-expect-error: the state of the result has no y
  return (await train(s => s, { x: 1 }, options)).state.y;
}

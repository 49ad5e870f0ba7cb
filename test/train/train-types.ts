/** The types of `train` and `compile`: this file is not run, the type check is the test. */
import { expectTypeOf } from 'vitest';
import { compile, ndarray, tf, train, type NdArray, type Run } from 'widenet';

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
        return row.risk < 1;
      },
    },
  );
  expectTypeOf(run.state).toEqualTypeOf<{ x: NdArray }>();
  expectTypeOf(run.rows[0].step).toEqualTypeOf<number>();
  expectTypeOf(run.status).toEqualTypeOf<'done' | 'stopped' | 'interrupted' | 'diverged'>();
  expectTypeOf((await train(({ x }) => ({ x }), run.state, { ...options, from: run.step })).state).toEqualTypeOf<{
    x: NdArray;
  }>();
  const anyRun: Run = run;
  return anyRun;
}

export async function structuresKeepTheirForm() {
  const nested = await train(
    ({ net: [w, { b }], n }) => ({ net: [w.add(b), { b }], n }),
    { net: [vector, { b: tf.scalar(1) }] as [NdArray, { b: tf.Scalar }], n: 3 },
    options,
  );
  expectTypeOf(nested.state).toEqualTypeOf<{ net: [NdArray, { b: NdArray }]; n: NdArray }>();
  expectTypeOf((await train(([p, q]) => [q, p], [vector, vector], options)).state).toEqualTypeOf<NdArray[]>();
  expectTypeOf((await train(r => r.add(1), vector, options)).state).toEqualTypeOf<NdArray>();
  expectTypeOf((await train(s => s, Object.freeze({ x: vector }), options)).state).toEqualTypeOf<{ x: NdArray }>();
  const untyped: any = { p: 1 };
  expectTypeOf((await train(({ p }) => ({ p }), untyped, options)).state).toBeAny();
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

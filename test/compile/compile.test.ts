import { describe, expect, test } from 'vitest';
import { compile, ndarray, random, tf, train, type Draw } from 'widenet';

type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };
const here = /\(at .*compile\.test\.ts:\d+:\d+\)/;
const refused = (step: (state: X, data: any, draw: any) => any, state: object = one, data: object = {}) =>
  compile(step as any)(state as any, { data: data as any });

describe('traced', () => {
  test('the same layout is traced once, another shape, type or structure anew', async () => {
    let calls = 0;
    const run = compile(({ x }: X, { a }: { a: tf.Tensor }) => {
      calls++;
      return { x: x.add(a) };
    });
    expect(Array.from((await run(one, { data: { a: 1 } })).x.values)).toEqual([2, 3, 4]);
    expect(Array.from((await run(one, { data: { a: 5 }, steps: 2 })).x.values)).toEqual([11, 12, 13]);
    expect(run.traces).toBe(1);
    expect(calls).toBe(2); // the trace, and its replay
    await run({ x: ndarray([1, 2, 3, 4]) }, { data: { a: 1 } });
    expect(run.traces).toBe(2);
    await run({ x: ndarray(Int32Array.of(1, 2, 3)) }, { data: { a: ndarray(Int32Array.of(1)) } });
    expect(run.traces).toBe(3);
    await run(one, { data: { a: 1 } });
    expect([run.traces, calls]).toEqual([3, 6]);
    run.close();
  });

  test('nested structures, gradients and raw runtime ops are traced', async () => {
    const step = ({ net: [w, { b }] }: { net: [tf.Tensor, { b: tf.Tensor }] }) => {
      const loss = (w: tf.Tensor) => w.square().sum().mul(b.square().sum()) as tf.Scalar;
      const root = (tf.backend() as any).executeSingleOutput('Rsqrt', [{ name: 'T', type: 4, value: 1 }], [b]);
      return { net: [w.sub(tf.grad(loss)(w).mul(0.1)), { b: root }] as [tf.Tensor, { b: tf.Tensor }] };
    };
    const {
      net: [w, { b }],
    } = await compile(step)({ net: [ndarray([1, 2]), { b: 4 }] });
    expect(Array.from(w.values as Float32Array)).toEqual([1 - 0.2 * 16, 2 - 0.4 * 16].map(Math.fround));
    expect(b).toEqual({ shape: [], values: Float32Array.of(0.5) });
  });

  test('a state leaf may pass through, swap places, or become a constant', async () => {
    const run = compile(({ x, y, z }: { x: tf.Tensor; y: tf.Tensor; z: tf.Tensor }) => ({
      x: y,
      y: x,
      z: tf.zerosLike(z).add(7),
    }));
    expect(await run({ x: 1, y: 2, z: 3 }, { steps: 3 })).toMatchObject({
      x: { values: Float32Array.of(2) },
      y: { values: Float32Array.of(1) },
      z: { values: Float32Array.of(7) },
    });
  });

  test('a tensor that the caller disposes or an array that it changes after the call does no harm', async () => {
    const x = tf.tensor1d([1, 2]);
    const a = ndarray([1, 1]);
    const next = compile(({ x }: X, { a }: { a: tf.Tensor }) => ({ x: x.add(a) }))({ x }, { data: { a } });
    x.dispose();
    a.values.fill(100);
    expect(Array.from((await next).x.values)).toEqual([2, 3]);
  });
});

test('a step may read constants of its own', async () => {
  const run = compile(({ x }: X) => ({ x: x.mul(tf.tensor1d([2, 3]).dataSync()[1]) }));
  expect(Array.from((await run(one)).x.values)).toEqual([3, 6, 9]);
});

describe('frozen', () => {
  test('a number closed over stays what it was for a compiled program, and is what it is for each train', async () => {
    let rate = 1;
    const step = ({ x }: X) => ({ x: x.mul(rate) });
    const run = compile(step);
    expect((await run({ x: 3 })).x.values[0]).toBe(3);
    expect((await train(step, { x: 3 }, { steps: 1 })).state.x.values[0]).toBe(3);
    rate = 2;
    expect((await run({ x: 3 })).x.values[0]).toBe(3);
    expect((await train(step, { x: 3 }, { steps: 1 })).state.x.values[0]).toBe(6);
  });

  test('JavaScript beside the operations happens at the trace only', async () => {
    const seen: number[] = [];
    const run = compile(({ x }: X) => {
      seen.push(1);
      return { x: x.add(1) };
    });
    await run(one, { steps: 100 });
    await run(one, { steps: 100 });
    expect(seen.length).toBe(2);
  });
});

describe('refused, with the line', () => {
  test.each<[string, (x: tf.Tensor) => unknown]>([
    ['dataSync', x => x.dataSync()],
    ['arraySync', x => x.arraySync()],
    ['data', x => void x.data()],
    ['array', x => void x.array()],
    ['print', x => x.print()],
    ['a branch on a value', x => (x.sum().dataSync()[0] > 0 ? x : x.neg())],
  ])('%s', async (_, read) => {
    await expect(
      refused(({ x }) => {
        read(x);
        return { x };
      }),
    ).rejects.toThrow(/^compile: the step reads values of a tensor/);
    await expect(
      refused(({ x }) => {
        read(x);
        return { x };
      }),
    ).rejects.toThrow(here);
  });

  let count = 0;
  test.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['Math.random', x => x.mul(Math.random())],
    ['Date.now', x => x.mul(Date.now() % 1000)],
    ['performance.now', x => x.mul(performance.now())],
    ['a counter', x => x.mul(count++)],
    ['a branch on Math.random', x => [x.sin(), x.cos(), x.tan(), x.exp()][count++ % 4]],
    ['more operations at the second call', x => (count++ % 2 === 0 ? x : x.neg().neg())],
    ['tf.randomNormal', x => x.add(tf.randomNormal([3]))],
    ['tf.randomUniform', x => x.add(tf.randomUniform([3]))],
    ['tf.truncatedNormal', x => x.add(tf.truncatedNormal([3]))],
  ])('%s', async (_, f) => {
    await expect(refused(({ x }) => ({ x: f(x) }))).rejects.toThrow(/^compile: the step is not the same twice/);
    await expect(refused(({ x }) => ({ x: f(x) }))).rejects.toThrow(here);
  });

  test('ops that draw random numbers or keep a state', async () => {
    await expect(
      refused(({ x }) => ({ x: x.add(tf.multinomial(tf.tensor1d([0.5, 0.5]), 3).toFloat() as tf.Tensor) })),
    ).rejects.toThrow(/op Multinomial draws random numbers or keeps a state.*compile\.test\.ts/);
  });

  test('tensors from outside state and data, written or not', async () => {
    const fresh = tf.tensor1d([1, 1, 1]);
    const used = tf.tensor1d([1, 1, 1]).neg();
    for (const outside of [fresh, used]) {
      await expect(refused(({ x }) => ({ x: x.add(outside) }))).rejects.toThrow(
        /^compile: the step uses a tensor of shape \[3\] \(float32\) that is neither in state nor in data/,
      );
      await expect(refused(({ x }) => ({ x: x.add(outside) }))).rejects.toThrow(here);
      await expect(refused(() => ({ x: outside }))).rejects.toThrow(/neither in state nor in data/);
    }
    const v = tf.variable(tf.tensor1d([0, 0, 0]));
    await expect(refused(({ x }) => ({ x: x.add(v) }))).rejects.toThrow(/neither in state nor in data/);
    await expect(
      refused(({ x }) => {
        v.assign(x as tf.Tensor1D);
        return { x };
      }),
    ).rejects.toThrow(/the step assigns to or disposes the variable/);
    expect(Array.from(v.dataSync())).toEqual([0, 0, 0]);
  });

  test('ops whose result has a shape that depends on values, and ops the runtime has not', async () => {
    await expect(refused(({ x }) => ({ x: tf.unique(x).values }))).rejects.toThrow(
      /op UniqueV2 has no graph form here: the shape of its result depends on values.*compile\.test\.ts/,
    );
    const raw = (name: string, x: tf.Tensor) =>
      (tf.backend() as any).executeSingleOutput(name, [{ name: 'T', type: 4, value: 1 }], [x]);
    await expect(refused(({ x }) => ({ x: raw('NoSuchOp', x) }))).rejects.toThrow(/op NoSuchOp .*compile\.test\.ts/);
    await expect(refused(({ x }) => ({ x: raw('Cholesky', x) }))).rejects.toThrow(
      /op Cholesky has no graph form here: Shape must be at least rank 2.*compile\.test\.ts/,
    );
  });

  test('a next state that is not like the state', async () => {
    await expect(refused(({ x }) => ({ x: x.sum() }))).rejects.toThrow(
      'compile: state.x was returned as float32 [] but the state holds float32 [3]; shape and type must stay the same',
    );
    await expect(refused(({ x }) => ({ x: x.toInt() }))).rejects.toThrow(
      'compile: state.x was returned as int32 [3] but the state holds float32 [3]; shape and type must stay the same',
    );
    await expect(refused(() => ({}))).rejects.toThrow('compile: the step returned no state.x, but the state has it');
    await expect(refused(({ x }) => ({ x, y: x }))).rejects.toThrow(
      'compile: the step returned state.y, but the state does not have it',
    );
    await expect(refused(({ x }) => [x])).rejects.toThrow('compile: the step returned no state.x, but the state has it');
    await expect(refused(() => ({ x: 1 }))).rejects.toThrow(
      'compile: the step returned state.x as a number but must return a tensor',
    );
    await expect(refused(async ({ x }) => ({ x }))).rejects.toThrow(
      'compile: the step returned a promise but must return the next state at once',
    );
    await expect(refused(() => undefined)).rejects.toThrow(
      'compile: state is undefined but must be a tensor, a host array, a number, or a plain object of these',
    );
  });

  test('leaks, each with its shape and line, in every mode', async () => {
    const before = tf.memory().numTensors;
    const leak = ({ x }: X) => {
      tf.keep(x.neg());
      tf.keep(x.sum()).dispose();
      tf.variable(x.sum().toInt());
      return { x };
    };
    for (const mode of ['eager', 'graph', 'xla'] as const)
      await expect(train(leak, one, { steps: 1, mode })).rejects.toThrow(
        /^train: the step leaks 2 tensors: float32 \[3\] by tf\.keep \(at .*compile\.test\.ts:\d+:10\), int32 \[\] by tf\.variable \(at .*compile\.test\.ts:\d+:10\); return what must live on in the state$/,
      );
    for (const mode of ['eager', 'graph'] as const)
      await expect(
        train(s => s, one, { steps: 1, mode, record: { norm: ({ x }) => tf.keep(x.norm()) } }),
      ).rejects.toThrow(/^train: the record leaks 1 tensor: float32 \[\] by tf\.keep \(at .*compile\.test\.ts/);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('inside autodiff, which leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const outside = tf.keep(tf.tensor1d([1, 2, 3]));
    await expect(
      refused(({ x }) => ({ x: tf.grad(x => x.square().mul(x.exp()).mul(outside).sum())(x) })),
    ).rejects.toThrow(here);
    outside.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('float64: ops that have no doubles, attributes that are float32', async () => {
    const image = { x: random.uniform([1, 2, 2, 2], { seed: 0, stream: 'x' }) };
    const step = ({ x }: X) => ({ x: tf.localResponseNormalization(x as tf.Tensor4D, 1, 1, 0.1, 0.5) as tf.Tensor });
    await expect(compile(step, { dtype: 'float64' })(image)).rejects.toThrow(
      /op LRN takes alpha = 0.1 in float32 only, so it has no float64 form \(at .*compile\.test\.ts/,
    );
    const flat = ({ x }: X) => ({ x: tf.localResponseNormalization(x as tf.Tensor4D, 1, 1, 0.5, 0.5) as tf.Tensor });
    await expect(compile(flat, { dtype: 'float64' })(image)).rejects.toThrow(/op LRN .*compile\.test\.ts/);
  });

  test('a draw whose stream changes from call to call', async () => {
    let calls = 0;
    const step = ({ x }: X, _: unknown, draw: Draw) => ({ x: x.add(draw.normal([3], `stream ${calls++}`)) });
    await expect(refused(step)).rejects.toThrow(/^compile: the step is not the same twice/);
  });

  test('draws: a stream twice, a stream without a name, a shape that is none', async () => {
    await expect(
      refused(({ x }, _, draw) => ({ x: x.add(draw.normal([3], 'a')).add(draw.uniform([3], 'a')) })),
    ).rejects.toThrow(
      'compile: draw.uniform: stream "a" is drawn twice in one step, which gives the same numbers twice; name two streams',
    );
    await expect(refused(({ x }, _, draw) => ({ x: x.add(draw.normal([3])) }))).rejects.toThrow(
      'compile: draw.normal: stream is undefined but must be a name',
    );
    await expect(refused(({ x }, _, draw) => ({ x: x.add(draw.normal(3, 'a')) }))).rejects.toThrow(
      'compile: draw.normal: shape is 3 but must be whole numbers',
    );
  });

  test('state and data that are no tensors', async () => {
    await expect(refused(s => s, { x: 'a' })).rejects.toThrow(
      'compile: state.x is string but must be a tensor, a host array, a number, or a plain object of these',
    );
    await expect(refused(s => s, {})).rejects.toThrow('compile: state holds no tensor');
    await expect(refused(s => s, { x: { y: [1, NaN] } })).rejects.toThrow(
      'compile: state.x.y[1] holds NaN at entry 0; a state must begin finite',
    );
    await expect(refused(s => s, { x: tf.tensor1d([true], 'bool') })).rejects.toThrow(
      'compile: state.x is bool but a state holds float32 and int32',
    );
    await expect(refused(s => s, one, { a: new Map() })).rejects.toThrow('compile: data.a is object but must be');
    await expect(refused(s => s, one, { a: null })).rejects.toThrow('compile: data.a is null but must be');
    await expect(refused(s => s, one, { a: { shape: [2, 2], values: Float64Array.of(1) } })).rejects.toThrow(
      'compile: data.a has shape [2,2] but 1 values',
    );
    const gone = tf.scalar(1);
    gone.dispose();
    await expect(refused(s => s, one, { a: gone })).rejects.toThrow('compile: data.a is a tensor that was disposed');
  });

  test('options that are none', () => {
    expect(() => compile(3 as never)).toThrow('compile: step is number but must be a function');
    expect(() => compile(s => s, { mode: 'eager' as never })).toThrow(
      'compile: mode is "eager" but must be one of "auto", "graph", "xla"',
    );
    expect(() => compile(s => s, { dtype: 'float16' as never })).toThrow(
      'compile: dtype is "float16" but must be one of "float32", "float64"',
    );
    expect(() => compile(s => s, { threads: 0 })).toThrow('compile: threads is 0 but must be a whole number >= 1');
  });
});

test('a refusal leaves TensorFlow.js as it was: eager operations, random numbers and reads still work', async () => {
  await expect(refused(({ x }) => ({ x: x.mul(Math.random()) }))).rejects.toThrow(/not the same twice/);
  await expect(compile(({ x }: X) => ({ x: x.mul(x.dataSync()[0]) }), { dtype: 'float64' })(one)).rejects.toThrow(
    /reads values/,
  );
  const before = tf.memory().numTensors;
  expect(Array.from(tf.tidy(() => tf.tensor1d([0.1]).add(1).dataSync()))).toEqual([Math.fround(1.1)]);
  expect(tf.tidy(() => tf.scalar(0.1).dataSync())).toBeInstanceOf(Float32Array);
  expect(tf.memory().numTensors).toBe(before);
});

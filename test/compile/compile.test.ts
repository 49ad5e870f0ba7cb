import { describe, expect, test, vi } from 'vitest';
import { compile, evaluate, ndarray, random, tensor, tf, train } from 'widenet';

type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };

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

test('another structure of state or data is another trace', async () => {
  const run = compile((state: any, data: any) =>
    'y' in state ? { x: state.x.add(1), y: state.y.add(data.b ?? 10) } : { x: state.x.add(tf.scalar(2, 'int32')) },
  );
  expect((await run({ x: 1 })).x.values[0]).toBe(3);
  expect((await run({ x: 1, y: 1 })).y.values[0]).toBe(11);
  expect((await run({ x: 1, y: 1 }, { data: { b: 5 } })).y.values[0]).toBe(6);
  expect((await run({ x: 1, y: 1 }, { data: { a: 5 } })).y.values[0]).toBe(11);
  expect((await run({ y: 1, x: 5 })).x.values[0]).toBe(6);
  expect((await run({ x: ndarray(Int32Array.of(1), []) })).x.values).toEqual(Int32Array.of(3));
  expect((await run({ x: ndarray([0.5], []) })).x.values).toEqual(Float32Array.of(2.5));
  expect(run.traces).toBe(6);
});

test('leaves go by their names, in whatever order the step returns them', async () => {
  const step = ({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => ({ b: b.add(10), a: a.add(1) });
  for (const mode of ['eager', 'graph', 'xla'] as const)
    expect((await train(step, { a: 1, b: 2 }, { steps: 3, mode })).state, mode).toEqual({
      a: ndarray(Float32Array.of(4), []),
      b: ndarray(Float32Array.of(32), []),
    });
});

test('a function closed over is frozen; data is read at each call, also when the array changed in place', async () => {
  let f = tf.neg;
  const data = { a: ndarray([1, 1, 1]) };
  const run = compile(({ x }: X, { a }: { a: tf.Tensor }) => ({ x: f(x).add(a) }));
  expect(Array.from((await run(one, { data })).x.values)).toEqual([0, -1, -2]);
  f = tf.square;
  data.a.values.fill(5);
  expect(Array.from((await run(one, { data })).x.values)).toEqual([4, 3, 2]);
  one.x.values[0] = 7;
  expect(Array.from((await run(one, { data })).x.values)).toEqual([-2, 3, 2]);
  one.x.values[0] = 1;
});

test('from and seed key the draws, however many steps a call makes', async () => {
  const walk = compile(({ x }: X, _: object, draw) => ({ x: x.add(draw.normal([3], 'w')) }));
  const steps = 5000; // more than the numbers of one native call
  const whole = await walk({ x: tf.zeros([3]) }, { steps, seed: 3 });
  const half = await walk({ x: tf.zeros([3]) }, { steps: 2100, seed: 3 });
  expect(await walk(half, { steps: steps - 2100, from: 2100, seed: 3 })).toEqual(whole);
  expect(await walk(half, { steps: steps - 2100, seed: 3 })).not.toEqual(whole);
  expect(await walk({ x: tf.zeros([3]) }, { steps, seed: 4 })).not.toEqual(whole);
  const first = await walk({ x: tf.zeros([3]) }, { from: 8, seed: 3 });
  expect(first.x.values).toEqual(Float32Array.from(random.normal([3], { seed: 3, stream: 'w', step: 9 }).values));
});

test.each(['float32', 'float64'] as const)('a step may make typed arrays, in %s', async dtype => {
  const run = compile(
    ({ x }: X) => ({
      x: x
        .add(tf.tensor1d(new Float32Array([0.5, 0.25, 1])))
        .mul(tf.tensor1d(Float32Array.from([2, 2, 2])))
        .add(tf.tensor1d(new Int32Array([1, 0, 0]), 'int32')),
    }),
    { dtype },
  );
  expect(Array.from((await run(one)).x.values)).toEqual([4, 4.5, 8]);
});

test('a step that was refused is traced anew; a closed one too', async () => {
  let fails = true;
  const run = compile(({ x }: X) => {
    if (fails) throw new Error('not yet');
    return { x: x.neg() };
  });
  await expect(run(one)).rejects.toThrow('not yet');
  fails = false;
  expect(Array.from((await run(one)).x.values)).toEqual([-1, -2, -3]);
  run.close();
  expect(run.traces).toBe(0);
  expect(Array.from((await run(one)).x.values)).toEqual([-1, -2, -3]);
  expect(run.traces).toBe(1);
});

test('each entry of a state must begin finite, wherever it stands', async () => {
  for (const length of [1, 2, 3, 4, 5, 9])
    for (let entry = 0; entry < length; entry++)
      for (const bad of [NaN, Infinity, -Infinity]) {
        const values = new Float64Array(length).fill(1);
        values[entry] = bad;
        for (const state of [{ x: ndarray(values) }, { x: tf.tensor1d(Array.from(values)) }])
          await expect(train(s => s, state, { steps: 1 })).rejects.toThrow(
            `train: state.x holds ${bad} at entry ${entry}; a state must begin finite`,
          );
      }
});

test('numbers beyond single precision are refused where all floats are single, by their place', async () => {
  const step = ({ x }: X, { a }: { a: tf.Tensor }) => ({ x: x.add(a.max()) });
  const data = { a: ndarray([1, -1e300]) };
  for (const mode of ['eager', 'graph', 'xla'] as const) {
    await expect(train(step, { x: 1e39 }, { data, steps: 1, mode })).rejects.toThrow(
      'train: state.x holds 1e+39 at entry 0, beyond the 3.4028234663852886e+38 of float32',
    );
    await expect(train(step, { x: 1 }, { data, steps: 1, mode })).rejects.toThrow(
      'train: data.a holds -1e+300 at entry 1, beyond the 3.4028234663852886e+38 of float32',
    );
    const largest = { a: ndarray([-Infinity, 3.4028234663852886e38]) };
    const { state } = await train(step, { x: 0 }, { data: largest, steps: 1, mode });
    expect(state.x.values[0]).toBe(3.4028234663852886e38);
  }
  await expect(compile(step)({ x: 1 }, { data })).rejects.toThrow('compile: data.a holds -1e+300 at entry 1');
  expect(() => evaluate(x => x, data.a)).toThrow('evaluate: input 1 holds -1e+300 at entry 1');
  expect(() => evaluate(x => x, 1e39)).toThrow('evaluate: input 1 holds 1e+39 at entry 0');
  expect(() => tensor(data.a)).toThrow('tensor: the array holds -1e+300 at entry 1');
  const { state } = await train(step, { x: 1e39 }, { data, steps: 1, dtype: 'float64' });
  expect(state.x.values[0]).toBe(1e39);
});

test('a run that diverges says where its data hold NaN; one that masks them, or holds none, says nothing', async () => {
  const said = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const step = ({ x }: X, data: { a: { b: tf.Tensor } }) => ({ x: x.add(data.a.b.sum()) });
  const all = [ndarray(Float64Array.of(0, 1, NaN)), Float32Array.of(0, 1, NaN), tf.tensor1d([0, 1, NaN])];
  for (const b of all) {
    const data = { mask: tf.tensor1d([true, false]), a: { b } };
    expect(await train(step as any, { x: 1 }, { steps: 3, data })).toMatchObject({ status: 'diverged', step: 1 });
  }
  const told = 'train: the state is not finite after step 1, and data.a.b holds NaN at entry 2';
  expect(said.mock.calls).toEqual(all.map(() => [told]));
  said.mockClear();
  const masked = ({ x }: X, { b }: { b: tf.Tensor }) => ({ x: x.add(tf.where(b.isNaN(), tf.zerosLike(b), b).sum()) });
  const { state } = await train(masked, { x: 1 }, { steps: 1, data: { b: Float32Array.of(NaN, 2) } });
  expect(state.x.values).toEqual(Float32Array.of(3));
  expect((await train(({ x }: X) => ({ x: x.mul(1e38) }), { x: 1 }, { steps: 3, data: { b: 1 } })).status).toBe(
    'diverged',
  );
  expect(said.mock.calls).toEqual([]);
  said.mockRestore();
});

test("the tensors that are given stay the caller's, in every mode", async () => {
  const [a, b] = [tf.tensor1d([1, 2, 3]), tf.scalar(2)];
  const before = tf.memory().numTensors;
  for (const mode of ['eager', 'graph', 'xla'] as const) {
    const run = await train(({ x }: X, { b }) => ({ x: x.mul(b) }), { x: a }, { data: { b }, steps: 2, mode });
    expect(Array.from(run.state.x.values)).toEqual([4, 8, 12]);
    expect([Array.from(a.dataSync()), Array.from(b.dataSync())]).toEqual([[1, 2, 3], [2]]);
  }
  expect(tf.memory().numTensors).toBe(before);
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

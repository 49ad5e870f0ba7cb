import { expect, test, vi } from 'vitest';
import { compile, ndarray, random, tf, train } from 'widenet';
import { native } from '../../src/compile/native';

type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };

// The first test of the file, as steps that others compile are held until they are collected.
test('beyond 16 programs those that no run and no compiled step holds are let go', async () => {
  const created = vi.spyOn(native, 'createSession'),
    released = vi.spyOn(native, 'release');
  const open = () => {
    const gone = new Set<unknown>(released.mock.calls.flatMap(([handles]) => handles));
    return created.mock.results.filter(({ value }) => !gone.has(value)).length;
  };
  const adding =
    (n: number) =>
    ({ x }: X) => ({ x: x.add(n) });
  for (let n = 0; n < 40; n++) await train(adding(n), one, { steps: 1, mode: 'graph' });
  expect(open()).toBe(16);
  const held = Array.from({ length: 20 }, (_, n) => compile(adding(100 + n), { mode: 'graph' }));
  for (const run of held) await run(one);
  for (let n = 0; n < 5; n++) await train(adding(200 + n), one, { steps: 1, mode: 'graph' });
  for (const [n, run] of held.entries()) expect((await run(one)).x.values[0]).toBe(101 + n);
  expect(open()).toBe(21); // the 20 that are held, and the one that came last
  for (const run of held) run.close();
  await new Promise(setImmediate);
  await train(adding(300), one, { steps: 1, mode: 'graph' });
  expect(open()).toBe(16);
  vi.restoreAllMocks();
});

test('what was compiled before is traced once, and all that a trace makes is let go', async () => {
  const calls = { step: 0, record: 0 };
  const run = async (factor: number) => {
    const step = ({ x }: X) => {
      calls.step++;
      return { x: x.mul(factor) };
    };
    const sum = ({ x }: X) => {
      calls.record++;
      return x.sum();
    };
    return (await train(step, one, { steps: 1, record: { sum } })).rows.map(row => row.sum);
  };
  expect(await run(7)).toEqual([6, 42]);
  expect(calls).toEqual({ step: 2, record: 2 });
  const made = [vi.spyOn(native, 'createGraph'), vi.spyOn(native, 'createFunction')];
  const released = vi.spyOn(native, 'release');
  expect(await run(7)).toEqual([6, 42]);
  expect(calls).toEqual({ step: 3, record: 3 });
  expect(await run(8)).toEqual([6, 48]);
  expect(calls).toEqual({ step: 5, record: 5 });
  const gone = new Set<unknown>(released.mock.calls.flatMap(([handles]) => handles));
  for (const { mock } of made) for (const { value } of mock.results) expect(gone.has(value)).toBe(true);
  vi.restoreAllMocks();
});

test('a step counts as it is at the call, or is refused if what it closes over changes before it is compiled', async () => {
  let factor = 2;
  const step = ({ x }: X) => ({ x: x.mul(factor) });
  const run = () => train(step, one, { steps: 1 });
  const runs = [run(), run()];
  factor = 3;
  for (const run of await Promise.allSettled(runs)) expect(run.status).toBe('rejected');
  factor = 2;
  await run();
  const known = run();
  factor = 3;
  expect(Array.from((await known).state.x.values)).toEqual([2, 4, 6]);
});

test('programs that differ in a number that JSON does not have are not taken for one another', async () => {
  const at = async (mode: 'eager' | 'graph' | 'xla', alpha: number) =>
    (await train(s => s, { x: ndarray([1, -2]) }, { steps: 0, mode, record: { v: ({ x }) => tf.leakyRelu(x, alpha) } }))
      .rows[0].v;
  for (const alpha of [0, -0, Infinity, -Infinity, NaN])
    for (const mode of ['graph', 'xla'] as const) expect(await at(mode, alpha), mode).toEqual(await at('eager', alpha));
});

test('programs that differ in a constant, in results or in records are not taken for one another', async () => {
  const [a, b] = [
    [1, 2, 3],
    [1, 2, 4],
  ].map(list => ({ x }: X) => ({ x: x.add(tf.tensor1d(list)) }));
  const pair = { x: 1, y: 2 };
  type Pair = { x: tf.Tensor; y: tf.Tensor };
  for (const mode of ['graph', 'xla'] as const) {
    const at = async (step: (s: X) => X, dtype: 'float32' | 'float64' = 'float32') =>
      Array.from((await train(step, one, { steps: 1, mode, dtype })).state.x.values);
    expect([await at(a), await at(b), await at(a)]).toEqual([
      [2, 4, 6],
      [2, 4, 7],
      [2, 4, 6],
    ]);
    const thirds = async (dtype: 'float32' | 'float64') =>
      (await train(s => s, { x: 1 / 3 }, { steps: 1, mode, dtype })).state.x.values;
    expect([await thirds('float32'), await thirds('float64'), await thirds('float32')]).toEqual([
      Float32Array.of(1 / 3),
      Float64Array.of(1 / 3),
      Float32Array.of(1 / 3),
    ]);
    const swapped = await train(({ x, y }: Pair) => ({ x: y, y: x }), pair, {
      steps: 1,
      mode,
      record: { v: ({ x }) => x },
    });
    const same = await train(({ x, y }: Pair) => ({ x, y }), pair, { steps: 1, mode, record: { v: ({ y }) => y } });
    const other = await train(({ x, y }: Pair) => ({ x, y }), pair, { steps: 1, mode, record: { v: ({ x }) => x } });
    expect([swapped, same, other].map(run => run.rows.map(row => row.v))).toEqual([
      [1, 2],
      [2, 2],
      [1, 1],
    ]);
    const drawn = async (kind: 'normal' | 'uniform', stream: string) =>
      (await train((_: X, __: any, draw) => ({ x: draw[kind]([3], stream) }), one, { steps: 1, mode })).state.x.values;
    expect(await drawn('normal', 'a')).not.toEqual(await drawn('uniform', 'a'));
    expect(await drawn('normal', 'a')).not.toEqual(await drawn('normal', 'b'));
    expect(await drawn('normal', 'b')).toEqual(
      Float32Array.from(random.normal([3], { seed: 0, stream: 'b', step: 1 }).values),
    );
  }
  for (const mode of ['graph', 'xla', 'graph'] as const)
    expect((await train(a, one, { steps: 1, mode })).mode).toBe(mode);
  for (const threads of [1, 2, 1]) expect((await train(a, one, { steps: 1, threads })).threads).toBe(threads);
});

test('an integer over 0 is an error in graph, and -1 by xla', async () => {
  const step = ({ i }: { i: tf.Tensor }, { zero }: { zero: tf.Tensor }) => ({ i: tf.floorDiv(i, zero) });
  const [state, data] = [{ i: ndarray(Int32Array.of(6), []) }, { zero: ndarray(Int32Array.of(0), []) }];
  await expect(compile(step, { mode: 'graph' })(state, { data })).rejects.toThrow(
    /^compile: op FloorDiv fails in graph mode .*\(at .*program\.test\.ts/,
  );
  expect((await compile(step, { mode: 'xla' })(state, { data })).i.values[0]).toBe(-1);
});

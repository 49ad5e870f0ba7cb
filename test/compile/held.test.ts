import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { compile, Interrupted, ndarray, random, tf, type Tensors } from 'widenet';
import { native } from '../../src/compile/native';

const step = ({ x }: Tensors<'x'>, { a }: Tensors<'a'>, draw: any, number: tf.Scalar) => ({
  x: x
    .mul(a)
    .add(draw.normal([3], 'noise'))
    .add(number.mul(0.01)),
});
const start = { x: ndarray([1, 2, 3]) };
const data = { a: ndarray([0.5, 0.6, 0.7]) };

test('several calls on a held state give what one call gives, with its draws and numbers of steps', async () => {
  const run = compile(step);
  const held = await run.hold(start, { data, from: 2, seed: 7 });
  expect(held.step).toBe(2);
  expect(held.read()).toEqual({ x: { shape: [3], values: Float32Array.of(1, 2, 3) } });
  await held.advance();
  await held.advance({ steps: 4 });
  expect(held.step).toBe(7);
  expect(held.read()).toEqual(await run(start, { data, from: 2, seed: 7, steps: 5 }));
  held.close();
});

test('what is given may change afterwards, and so may what was read', async () => {
  const run = compile(({ x }: Tensors<'x'>, { a }: Tensors<'a'>) => ({ x: x.add(a) }), { dtype: 'float64' });
  const [x, a] = [ndarray([1]), ndarray([10])];
  const held = await run.hold({ x }, { data: { a } });
  [x.values[0], a.values[0]] = [100, 1000];
  held.read().x.values[0] = 5;
  await held.advance();
  expect(Array.from(held.read().x.values)).toEqual([11]);
  held.close();
});

test('nothing is copied between calls', async () => {
  const run = compile(({ x }: Tensors<'x'>, { a }: Tensors<'a'>) => ({ x: x.add(a) }));
  const x = random.normal([1e5], { seed: 1, stream: 'x' });
  const held = await run.hold({ x }, { data: { a: x } });
  const copies = (spy: { mock: { calls: any[][] } }, size: (...call: any[]) => number) =>
    spy.mock.calls.filter(call => size(...call) >= 1e5).length;
  const made = vi.spyOn(native, 'createTensor');
  const read = vi.spyOn(native, 'readTensor');
  try {
    for (let i = 0; i < 3; i++) await held.advance({ steps: 2 });
    expect([copies(made, values => values.length), copies(read, (_, count) => count)]).toEqual([0, 0]);
    held.read();
    expect(copies(read, (_, count) => count)).toBe(1);
  } finally {
    vi.restoreAllMocks();
    held.close();
  }
});

test('an interrupt keeps the steps that were done; the next call goes on from there', async () => {
  const run = compile(step);
  const steps = 2 ** 22;
  const held = await run.hold(start, { data });
  const controller = new AbortController();
  const moving = held.advance({ steps, signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  await expect(moving).rejects.toThrow(Interrupted);
  const { step: done } = held;
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(steps);
  await held.advance();
  expect(held.read()).toEqual(await run(start, { data, steps: done + 1 }));
  held.close();
});

test('a call that fails leaves the state as it was', async () => {
  const held = await compile(({ i }: Tensors<'i'>) => ({ i: tf.gather(tf.tensor1d([1, 2, 9], 'int32'), i) })).hold({
    i: Int32Array.of(0),
  });
  await held.advance();
  await expect(held.advance({ steps: 3 })).rejects.toThrow('index');
  expect(held.read().i).toEqual({ shape: [1], values: Int32Array.of(1) });
  expect(held.step).toBe(1);
  held.close();
});

test('a state that is no longer finite is given as it is', async () => {
  const held = await compile(({ x }: Tensors<'x'>) => ({ x: x.mul(x) })).hold({ x: 1e10 });
  await held.advance({ steps: 3 });
  expect(held.read().x).toEqual({ shape: [], values: Float32Array.of(Infinity) });
  expect(held.step).toBe(3);
  held.close();
});

test('use at the wrong time is refused by name', async () => {
  const held = await compile(step).hold(start, { data });
  const moving = held.advance({ steps: 5 });
  await expect(held.advance()).rejects.toThrow(
    'compile: advance is called before the call of advance has ended: await',
  );
  expect(() => held.read()).toThrow('compile: read is called before the call of advance has ended');
  expect(() => held.close()).toThrow('compile: close is called before the call of advance has ended');
  await moving;
  await expect(held.advance({ steps: -1 })).rejects.toThrow('steps is -1');
  await expect(held.advance({ step: 3 } as any)).rejects.toThrow('step');
  for (const signal of [null, 5, {}])
    await expect(held.advance({ signal } as any)).rejects.toThrow(/compile: signal is \w+ but must be an AbortSignal/);
  expect(held.step).toBe(5);
  held.close();
  held.close();
  expect(() => held.read()).toThrow('compile: read is called on a held state that is closed');
  await expect(held.advance()).rejects.toThrow('compile: advance is called on a held state that is closed');
});

test('the collector frees what nobody refers to, and nothing of which a function is in use', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const collected = async () => {
    for (let i = 0; i < 5; i++) {
      await new Promise(resolve => setTimeout(resolve, 5));
      collect();
    }
  };
  const run = compile(step);
  const { advance, read, close } = await run.hold(start, { data });
  await collected();
  const moving = advance({ steps: 200000 });
  await collected();
  await moving;
  expect(read()).toEqual(await run(start, { data, steps: 200000 }));
  close();

  const released = vi.spyOn(native, 'release');
  await (async () => void (await run.hold(start, { data })))();
  released.mockClear();
  await collected();
  expect(released).toHaveBeenCalled();
  vi.restoreAllMocks();
});

import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { compile, ndarray, tf, train } from 'widenet';
import { native } from '../../src/compile/native';

type X = { x: tf.Tensor };
const x = ({ x }: X) => ({ x });
const one = { x: ndarray([1, 2, 3]) };

/** What the addon gave and was not given back: all but the sessions, which the cache of programs keeps. */
const held = new Map<unknown, string>();

// What the engine learns of the runtime at its first runs, it keeps.
beforeAll(() => train(x, { x: 1 }, { steps: 1 }));

beforeEach(() => {
  held.clear();
  for (const name of ['createTensor', 'createGraph', 'createFunction', 'drawTensor'] as const) {
    const make = native[name] as (...args: unknown[]) => unknown;
    vi.spyOn(native, name).mockImplementation(((...args: unknown[]) => {
      const handle = make(...args);
      held.set(handle, name);
      return handle;
    }) as never);
  }
  const { run, release } = native;
  vi.spyOn(native, 'run').mockImplementation(async (...args) => {
    const outputs = await run(...args);
    for (const output of outputs) held.set(output, 'run');
    return outputs;
  });
  vi.spyOn(native, 'release').mockImplementation(handles => {
    for (const handle of handles) held.delete(handle);
    release(handles);
  });
});
afterEach(() => vi.restoreAllMocks());

const grow = ({ x }: X) => ({ x: x.mul(10) });
const outOfRange = ({ x }: X) => ({
  x: x.gather(
    x
      .sum()
      .cast('int32')
      .add(tf.tensor1d([0, 1, 2], 'int32')),
  ),
});
const outside = tf.tensor1d([1, 2, 3]);
const unstable = ({ x }: X) => ({ x: tf.where(x.mean().greater(50), tf.fill([3], NaN), x.mul(1.1)) });

const runs: Record<string, () => Promise<unknown>> = {
  'a run': () => train(grow, one, { steps: 5 }),
  'a run in float64 that records and is fed data': () =>
    train(({ x }: X, { a }: { a: tf.Tensor }) => ({ x: x.mul(a) }), one, {
      steps: 5,
      dtype: 'float64',
      data: { a: 0.5 },
      record: { x: ({ x }: X) => x },
    }),
  'a run with random numbers': () =>
    train(({ x }: X, _, draw) => ({ x: x.add(draw.normal([3], 'noise')) }), one, { steps: 5 }),
  'a run whose rows are recorded in the graph': () =>
    train(grow, one, { steps: 5, mode: 'graph', record: { x: ({ x }: X) => x } }),
  'a run that stops early': () =>
    train(grow, one, { steps: 5000, record: { mean: s => s.x.mean() }, until: ({ mean }) => mean > 100 }),
  'a run that diverges': () => train(unstable, one, { steps: 5000, every: 10 }),
  'an eager run': () =>
    train(({ x }: X, _, draw) => ({ x: x.add(draw.normal([3], 'noise')) }), one, {
      steps: 5,
      mode: 'eager',
      record: { x: ({ x }) => x },
    }),
  'a refused run': () =>
    expect(train(({ x }: X) => ({ x: x.add(Math.random()) }), one, { steps: 5 })).rejects.toThrow('Math.random'),
  'a run refused for its record': () =>
    expect(train(grow, one, { steps: 5, record: { bad: () => 3 as never } })).rejects.toThrow('record.bad'),
  'a run refused for a tensor it keeps': () =>
    expect(train(({ x }: X) => ({ x: tf.keep(x.add(1)).mul(2) }), one, { steps: 5 })).rejects.toThrow('leaks'),
  'a run refused for a tensor from outside': () =>
    expect(train(({ x }: X) => ({ x: x.add(outside) }), one, { steps: 5 })).rejects.toThrow('neither in state'),
  'a run that fails as it runs': () =>
    expect(train(outOfRange, one, { steps: 5, mode: 'graph', record: { x: ({ x }: X) => x } })).rejects.toThrow(
      'not in',
    ),
  'a call': () => compile(grow)(one, { steps: 3 }),
  'calls of one program': async () => {
    const run = compile(grow);
    await run(await run(one), { steps: 3 });
  },
  'a refused call': () =>
    expect(compile(({ x }: X) => ({ x: x.add(Math.random()) }))(one)).rejects.toThrow('Math.random'),
  'a call that fails as it runs': () => expect(compile(outOfRange, { mode: 'graph' })(one)).rejects.toThrow('not in'),
};

test.each(Object.keys(runs))('%s gives all its native memory back as it ends', async name => {
  await runs[name]();
  expect([...held.values()]).toEqual([]);
});

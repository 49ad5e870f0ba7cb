import { afterEach, expect, test, vi } from 'vitest';

/**
 * The library as an import in a cell finds it after an edit: every module of src/ anew, TensorFlow.js itself as it was.
 */
async function reloaded() {
  vi.resetModules();
  const library = await import('../src');
  const { sharedProgress } = await import('../src/notebook/shared-progress');
  return { ...library, sharedProgress };
}

afterEach(() => vi.restoreAllMocks());

test('gradients are right after two reloads, and nothing is wrapped twice', async () => {
  const measured = [];
  for (let load = 0; load < 3; load++) {
    const { tf, linalg } = await reloaded();
    const x = tf.tensor1d([0.3, -0.7]);
    const frames: number[] = [];
    const cubes = (x: any) => {
      frames.push(new Error().stack!.split('\n').filter(line => line.includes('/autodiff/tape.ts')).length);
      return tf.pow(x, 3).sum();
    };
    const second = tf.grad(y => tf.grad(cubes)(y).sum())(x);
    const written = vi.spyOn(tf.engine() as any, 'addTapeNode');
    const raw = tf.backend() as any;
    const { TF_ATTR_TYPE, TF_FLOAT } = raw.binding;
    const negate = (y: any) =>
      tf.add(raw.executeSingleOutput('Neg', [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }], [y]), y);
    expect(() => tf.grad(negate)(x)).toThrow(/^gradient: op Neg has no derivative/);
    const notes = written.mock.calls.filter(([name]) => name === 'Neg').length;
    written.mockRestore();
    const solved = tf.grad(a => linalg.choleskySolve(a.add(tf.eye(2)), x).sum())(tf.tensor2d([1, 0, 0, 3], [2, 2]));
    const cross = tf.grad((y: any) => tf.losses.softmaxCrossEntropy(y, x) as any)(tf.tensor1d([0.2, 0.8]));
    measured.push([second, solved, cross].map(t => Array.from(t.dataSync())).concat([frames, [notes]]));
  }
  const [second, , , frames, [notes]] = measured[0];
  expect(second.map(v => Math.round(v * 1e5) / 1e5)).toEqual([1.8, -4.2]);
  expect(frames.length).toBe(1);
  expect(notes).toBe(1);
  expect(measured[1]).toEqual(measured[0]);
  expect(measured[2]).toEqual(measured[0]);
});

test('what a notebook has claimed, set, shown and drawn is known after a reload', async () => {
  vi.spyOn(console, 'log').mockReturnValue();
  const before = await reloaded();
  before.params({ quick: { n: 3 } });
  before.claim({ id: 'kept', statement: '2 > 1', measured: 2, expect: { above: 1 }, source: 'arithmetic' });
  before.show(before.lines([{ x: 0, y: 1 }], { x: 'x', y: 'y', title: 'a line' }));
  before.random.normal([1], { seed: 0, stream: 'costarring' });
  const after = await reloaded();
  expect(after.verdicts).not.toBe(before.verdicts);
  expect(after.verdicts()).toMatchObject([{ id: 'kept', verdict: 'holds' }]);
  const { session } = await import('../src/notebook/session');
  expect(session().settings).toEqual({ n: 3 });
  expect(session().figures.map(({ title }) => title)).toEqual(['a line']);
  expect(() => after.random.normal([1], { seed: 0, stream: 'liquid' })).toThrow(/same numbers as stream "costarring"/);
});

test('runs that were started before and after a reload share a line of progress', async () => {
  const label = vi.fn(() => 'runs');
  const first = (await reloaded()).sharedProgress(10, label);
  const second = (await reloaded()).sharedProgress(10, label);
  first.at(1);
  second.at(1);
  expect(label.mock.calls).toEqual([[2]]);
  first.end();
  second.end();
});

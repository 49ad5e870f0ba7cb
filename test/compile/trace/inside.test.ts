import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile, eigenvalues, type Held, ndarray, sweep, tf, train } from 'widenet';

type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };
const steps = 1;
const unheard: unknown[] = [];
const note = (reason: unknown) => unheard.push(reason);
beforeAll(async () => {
  process.on('unhandledRejection', note);
  held = await halved.hold(one);
});
afterAll(() => void process.off('unhandledRejection', note));

const half = ({ x }: X) => ({ x: x.div(2) });
const halved = compile(half);
let held: Held<X>;
/** What begins a run, of the tensors of a step or of other values. */
const begun: [string, (x: any) => Promise<any>][] = [
  ['train', x => train(half, { x }, { steps })],
  ['train', () => train(half, one, { steps })],
  ['train', () => train(half, one, { steps: -1 })],
  ['a compiled step', x => halved({ x })],
  ['a compiled step', () => halved.train(one, { steps })],
  ['a compiled step', () => halved.hold(one)],
  ['advance of a held state', () => held.advance()],
  ["sweep 'inner'", () => sweep('inner', [{ m: 1 }], ({ m }) => ({ m }))],
  ['eigenvalues', () => eigenvalues(ndarray([[1]]))],
];
/** What a step may make of the promise. */
const uses: [string, (promise: Promise<any>, s: X) => unknown][] = [
  ['left alone', (_, s) => s],
  ['used as its result', promise => ({ x: (promise as any).state.x })],
  ['awaited', async promise => ({ x: (await promise).state.x })],
  [
    'left alone by what throws later',
    async () => {
      await null;
      throw new Error('later');
    },
  ],
];

for (const mode of ['eager', 'graph', 'xla'] as const)
  test.each(begun.flatMap(([name, begin]) => uses.map(([use, of]) => [name, use, begin, of] as const)))(
    `%s, %s, inside a step or a recorded value, in ${mode}`,
    async (name, _, begin, of) => {
      const before = tf.memory().numTensors;
      const message = new RegExp(
        `^${name}: a step and a recorded value may not call it; .* \\(at .*inside\\.test\\.ts:\\d+:\\d+\\)$`,
      );
      const step = (s: X): any => of(begin(s.x), s);
      await expect(train(step, one, { steps, mode })).rejects.toThrow(message);
      await expect(train(s => s, one, { steps, mode, record: { y: step } })).rejects.toThrow(message);
      await new Promise(setImmediate);
      expect(unheard.splice(0)).toEqual([]);
      expect(tf.memory().numTensors).toBe(before);
      expect((await halved(one)).x.values).toEqual(Float32Array.of(0.5, 1, 1.5));
    },
  );

import { expect, test } from 'vitest';
import { compile, ndarray, tf, type Draw } from 'widenet';
import { UsageError } from '../../../src/base/check';

/** Steps that do not do the same at the second call. */
type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };
const here = /\(at .*replay\.test\.ts:\d+:\d+\)/;
const refused = (step: (state: X, data: any, draw: any) => any, state: object = one, data: object = {}) =>
  compile(step as any)(state as any, { data: data as any });
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

test('a draw whose stream changes from call to call', async () => {
  let calls = 0;
  const step = ({ x }: X, _: unknown, draw: Draw) => ({ x: x.add(draw.normal([3], `stream ${calls++}`)) });
  await expect(refused(step)).rejects.toThrow(/^compile: the step is not the same twice/);
});

test.each<[string, (x: tf.Tensor) => tf.Tensor, RegExp]>([
  ['dropout', x => tf.dropout(x, 0.5), /^compile: the step is not the same twice/],
  [
    'a refusal that the step catches',
    x => {
      try {
        x.dataSync();
      } catch {
        return x;
      }
      return x;
    },
    /^compile: the step reads values of a tensor/,
  ],
  [
    'constants that differ in their values only',
    x => x.add(tf.tensor1d([1, 2, performance.now()])),
    /^compile: the step is not the same twice/,
  ],
])('refused: %s', async (_, f, message) => {
  const refusal = compile(({ x }: X) => ({ x: f(x) }))(one);
  await expect(refusal).rejects.toThrow(message);
  await expect(refusal).rejects.toThrow(here);
  await expect(refusal).rejects.toThrow(UsageError);
});

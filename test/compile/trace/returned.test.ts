import { expect, test } from 'vitest';
import { compile, ndarray, type tf, train } from 'widenet';

type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };
const refused = (step: (state: X, data: any, draw: any) => any, state: object = one, data: object = {}) =>
  compile(step as any)(state as any, { data: data as any });

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

test.each(['eager', 'graph', 'xla'] as const)('a recorded value without entries is refused, in %s', async mode => {
  await expect(
    train(s => s, one, { steps: 1, mode, record: { none: ({ x }) => x.slice([0], [0]).reshape([2, 0]) } }),
  ).rejects.toThrow('train: record.none has shape [2,0] but must hold a number');
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile, evaluate, fori, grad, hvp, jacobian, map, ndarray, scan, sgd, tf, train, whileLoop } from 'widenet';

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

describe('async functions', () => {
  /** What a refused function rejects with when the event loop turns: heard by nobody, it ends a plain process. */
  const unheard: unknown[] = [];
  const note = (reason: unknown) => unheard.push(reason);
  beforeAll(() => void process.on('unhandledRejection', note));
  afterAll(() => void process.off('unhandledRejection', note));
  const later = async (..._: unknown[]): Promise<never> => {
    await null;
    throw new Error('later');
  };
  const x = tf.keep(tf.tensor1d([1, 2]));
  const scalar = tf.keep(tf.scalar(1));
  const options = { steps: 1 };
  const lossOf = (step: any) => train(step, { params: 1, velocity: 0 }, options);

  test.each<[string, string, (later: any) => unknown]>([
    ['compile: the step returned a promise but must return the next state', 'compile', f => refused(f)],
    ...(['eager', 'graph', 'xla'] as const).flatMap(mode => [
      [
        'train: the step returned a promise but must return the next state',
        mode,
        (f: any) => train(f, one, { ...options, mode }),
      ] as any,
      [
        'train: the step returned a promise but must return the next state',
        `${mode}, which leaks`,
        (f: any) => train((({ x }: X) => f(tf.keep(x.neg()))) as any, one, { ...options, mode }),
      ],
      [
        'train: record.y returned a promise but must return a tensor',
        mode,
        (f: any) => train(s => s, one, { ...options, mode, record: { y: f } }),
      ],
      [
        'train: state.x is Promise but must be a tensor',
        mode,
        (f: any) => train((() => ({ x: f() })) as any, one, { ...options, mode }),
      ],
    ]),
    [
      'train: until returned a promise but must return true or false',
      'until',
      until => train(s => s, one, { ...options, until }),
    ],
    ['fori: the body returned a promise but must return the next carry', 'fori', f => fori(2, f, x)],
    ['scan: the body returned a promise but must return [carry, y]', 'scan', f => scan(f, x, 2)],
    ['map: f returned a promise but must return tensors', 'map', f => map(f, x)],
    [
      'whileLoop: the condition returned a promise but must return a bool scalar',
      'condition',
      f => whileLoop(f, x => x, x),
    ],
    [
      'whileLoop: the body returned a promise but must return the next carry',
      'whileLoop',
      f => whileLoop(x => x.sum().less(9), f, x),
    ],
    ['grad: f returned a promise but must return a tensor', 'grad', f => grad(f, x)],
    ['hvp: f returned a promise but must return a tensor', 'hvp', f => hvp(f, x, x)],
    ['jacobian: f returned a promise but must return a tensor', 'jacobian', f => jacobian(f, x)],
    ['gradient: the function returned a promise but must return a tensor', 'tf.grad', f => tf.grad(f)(x)],
    [
      'gradient: the function returned a promise but must return a tensor',
      'a loss',
      f => lossOf(sgd(f, { rate: 1 }).step),
    ],
    [
      'sgd: rate returned a promise but must return a tensor',
      'a rate',
      rate => lossOf(sgd<{ w: tf.Tensor }, object>((w: any) => w.square(), { rate }).step),
    ],
    ['evaluate: f returned a promise but must return a tensor', 'evaluate', f => evaluate(f, scalar)],
  ])('%s (%s)', async (message, _, call) => {
    await expect((async () => call(later))()).rejects.toThrow(message);
    await new Promise(setImmediate);
    expect(unheard.splice(0)).toEqual([]);
  });
});

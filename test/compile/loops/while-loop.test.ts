import { describe, expect, test } from 'vitest';
import { fori, ndarray, tf, train, whileLoop, type Draw, type Tensors } from 'widenet';

const one = { x: ndarray([1, 2, 3]) };
type X = Tensors<'x'>;

/** The steps of 3 n + 1 from n to 1. */
function collatz(n: number): number {
  let steps = 0;
  for (; n > 1; steps++) n = n % 2 ? 3 * n + 1 : n / 2;
  return steps;
}

describe.each(['eager', 'graph', 'xla'] as const)('%s', mode => {
  const end = async (step: any, state: object = one): Promise<number[]> =>
    Array.from(((await train(step, state as any, { steps: 1, mode })).state as any).x.values);
  const int = (value: number) => tf.scalar(value, 'int32');
  const next = (n: tf.Tensor) => {
    const half = n.floorDiv(int(2));
    return tf.where(half.mul(int(2)).equal(n), half, n.mul(int(3)).add(int(1)));
  };
  const steps = (n: tf.Tensor) =>
    whileLoop(
      ({ n }) => n.greater(int(1)),
      ({ n, k }) => ({ n: next(n), k: k.add(int(1)) }),
      { n, k: int(0) },
    ).k;

  test('3 n + 1: as many iterations as it takes, none too; inside another loop', async () => {
    const numbers = [27, 1, 6, 97];
    const state = { x: ndarray(Int32Array.from(numbers)) };
    expect(await end(({ x }: X) => ({ x: tf.stack(numbers.map((_, i) => steps(x.gather(i)))) }), state)).toEqual(
      numbers.map(collatz),
    );
    const longest = ({ x }: X) => ({ x: fori(30, (i, most) => most.maximum(steps(i.add(int(1)))), x) });
    const all = Array.from({ length: 30 }, (_, i) => collatz(i + 1));
    expect(await end(longest, { x: ndarray(Int32Array.of(0), []) })).toEqual([Math.max(...all)]);
  });

  test('a loop that goes on after its most iterations is refused, by name and line', async () => {
    const endless =
      (most: number) =>
      ({ x }: X) => ({
        x: whileLoop(
          x => x.sum().less(10),
          x => x.add(1),
          x,
          { most },
        ).mul(1),
      });
    const counted = ({ x }: X) => {
      const k = whileLoop(
        k => k.less(3),
        k => k.add(1),
        tf.scalar(0),
        { most: 2 },
      );
      return { x: x.mul(k) };
    };
    await expect(end(counted)).rejects.toThrow(/goes on after 2 iterations/);
    await expect(end(endless(1))).rejects.toThrow(
      mode === 'eager'
        ? /^whileLoop: it goes on after 1 iterations, the most that it may make/
        : /^train: whileLoop goes on after 1 iterations, the most that it may make.* \(at .*while-loop\.test\.ts:\d+:\d+\)/,
    );
    expect(await end(endless(2))).toEqual([3, 4, 5]);
    await expect(end(({ x }: X) => ({ x: fori(2, (_, x) => endless(1)({ x }).x, x) }))).rejects.toThrow(
      /goes on after 1 iter/,
    );
  });

  test('a gradient through it is refused, by name and line; one of something else is not', async () => {
    const f = (x: tf.Tensor, a: tf.Tensor) =>
      whileLoop(
        x => x.sum().less(10),
        x => x.mul(a),
        x,
      ).sum() as tf.Scalar;
    const at = /^(train: )?gradient: op whileLoop has no derivative \(at .*while-loop\.test\.ts:\d+:\d+\)/;
    await expect(end(({ x }: X) => ({ x: tf.grad(x => f(x, tf.scalar(2)))(x) }))).rejects.toThrow(at);
    await expect(
      end(({ x }: X) => ({
        x: tf
          .grad(a => f(x, a))(tf.scalar(2))
          .add(x),
      })),
    ).rejects.toThrow(at);
    expect(
      await end(({ x }: X) => ({
        x: tf.grad(
          y =>
            y
              .square()
              .mul(f(x, tf.scalar(2)))
              .sum() as tf.Scalar,
        )(x.clone()),
      })),
    ).toEqual([24, 48, 72]);
  });

  test('refused: draws, a condition that is no bool scalar, options', async () => {
    const refused = (condition: any, body: any = (x: any) => x, options: any = {}) =>
      expect(end(({ x }: X) => ({ x: whileLoop(condition, body, x, options) }))).rejects;
    await refused((x: any) => x.less(1)).toThrow('whileLoop: the condition gave bool [3] but must give a bool scalar');
    await refused((x: any) => x.sum()).toThrow('whileLoop: the condition gave float32 [] but must give a bool scalar');
    await refused(() => true).toThrow('whileLoop: the condition gave boolean but must give a tensor');
    await refused((x: any) => x.sum().less(1), undefined, { most: 0 }).toThrow('whileLoop: most is 0 but');
    await refused((x: any) => x.sum().less(1), undefined, { must: 2 }).toThrow(
      'whileLoop: must is no option; did you mean most?',
    );
    const drawn = (x: tf.Tensor, draw: Draw) => x.add(draw.normal([3], 'z'));
    for (const step of [
      ({ x }: X, _: unknown, draw: Draw) => ({
        x: whileLoop(
          x => x.sum().less(9),
          x => drawn(x, draw),
          x,
        ),
      }),
      ({ x }: X, _: unknown, draw: Draw) => ({
        x: whileLoop(
          x => drawn(x, draw).sum().less(9),
          x => x.add(1),
          x,
        ),
      }),
    ])
      await expect(end(step)).rejects.toThrow(/the body of whileLoop draws/);
  });
});

import { describe, expect, test } from 'vitest';
import { ndarray, scan, tf, train, type Tensors } from 'widenet';

const one = { x: ndarray([1, 2, 3]) };
type X = Tensors<'x'>;

describe.each(['eager', 'graph', 'xla'] as const)('%s', mode => {
  const recorded = async (f: (state: X) => any, state: object = one): Promise<any> => {
    const record = { value: (state: any) => f(state) as tf.Tensor };
    return (await train(s => s, state as any, { steps: 1, every: 1, mode, record })).rows[1].value;
  };

  test('entries of several tensors and types, in order; ys of several shapes', async () => {
    const f = ({ x }: X) => {
      const xs = {
        a: tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]),
        k: tf.tensor1d([1, 0, 2], 'int32'),
        on: tf.tensor1d([true, false, true], 'bool'),
      };
      const [last, ys] = scan(
        (c, { a, k, on }) => [c.add(tf.where(on, a.sum(), c)), { c, a: a.mul(k), not: on.logicalNot() }],
        x.sum(),
        xs,
      );
      return tf.concat([last.reshape([1]), ys.c, ys.a.flatten(), ys.not.cast('float32')] as tf.Tensor[]);
    };
    const expected = [29, 6, 9, 18, 1, 2, 0, 0, 10, 12, 0, 1, 0];
    expect(await recorded(({ x }) => f({ x }))).toEqual(expected);
  });

  test('a number stands for 0, 1, ...; a y of null gives null; 0 entries give ys of length 0', async () => {
    expect(await recorded(({ x }) => scan((c, i) => [c.add(i), i.mul(2)], x.sum(), 4)[1].cast('float32'))).toEqual([
      0, 2, 4, 6,
    ]);
    expect(
      await recorded(({ x }) => {
        const [last, ys] = scan((c, i) => [c.add(i), null], x.sum(), 4);
        expect(ys).toBe(null);
        return last;
      }),
    ).toBe(12);
    expect(
      await recorded(({ x }) => {
        const [last, ys] = scan((c, a) => [c.add(a.sum()), tf.stack([a, a])], x.sum(), tf.zeros([0, 3]));
        expect(ys.shape).toEqual([0, 2, 3]);
        return last;
      }),
    ).toBe(6);
  });

  test('refused: first axes that differ, numbers, nothing to run along, a body that returns no pair, a y that changes', async () => {
    const refused = (body: any, xs: any) => expect(recorded(({ x }) => scan(body, x, xs)[0])).rejects;
    const same = (c: any) => [c, null];
    await refused(same, { a: tf.zeros([2, 3]), b: tf.zeros([3]) }).toThrow(
      'scan: xs.b is [3] but xs.a is [2,3]; their first axes must be as long',
    );
    await refused(same, { a: tf.scalar(1) }).toThrow(
      'scan: xs.a is a number but must have a first axis, which the loop runs along',
    );
    await refused(same, {}).toThrow('scan: xs holds no tensor; without any, give the number of iterations');
    await refused(same, -1).toThrow('scan: xs is -1 but must be a whole number >= 0');
    await refused((c: any) => c, 3).toThrow('scan: the body must return [carry, y], y being null where there is none');
    await refused((c: any) => [c.sum(), null], 3).toThrow('scan: carry was returned as float32 [] but the carry holds');
    if (mode !== 'eager') return;
    let calls = 0;
    await refused((c: any) => [c, calls++ === 0 ? c : c.sum()], 3).toThrow(
      'scan: y was returned as float32 [] but before as float32 [3]',
    );
    calls = 0;
    await refused((c: any) => [c, calls++ === 0 ? c : [c]], 3).toThrow(
      'scan: the body returned a y of another structure than before',
    );
  });
});

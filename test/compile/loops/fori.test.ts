import { describe, expect, test } from 'vitest';
import { compile, fori, linalg, ndarray, scan, tf, train, type Draw, type Tensors } from 'widenet';

const modes = ['eager', 'graph', 'xla'] as const;
const native = ['graph', 'xla'] as const;
const one = { x: ndarray([1, 2, 3]) };
type X = Tensors<'x'>;
const int = (value: number) => tf.scalar(value, 'int32');

describe.each(modes)('%s', mode => {
  const end = async (step: any, state: object = one, options: object = {}): Promise<number[]> => {
    const run = await train(step, state as any, { steps: 1, mode, ...options });
    return Array.from((run.state as any).x.values);
  };

  test('the number of an iteration, a constant, data, a carry that stays, in several steps and rows', async () => {
    const step = ({ x }: X, { a }: Tensors<'a'>, _: Draw, number: tf.Scalar) => {
      const large = tf.range(0, 20).gather([3, 4, 5]);
      const last = fori(
        4,
        (i, { x, k, same }) => ({ same, k: k.add(i), x: x.mul(a).add(large).add(number).add(same) }),
        {
          x,
          k: int(10),
          same: tf.tensor([1, 0, 0]),
        },
      );
      return { x: last.x.add(last.k) };
    };
    const record = { sum: ({ x }: X, { a }: Tensors<'a'>) => fori(3, (_, s) => s.add(x.sum().mul(a)), tf.scalar(0)) };
    const run = await train(step, one, { data: { a: 0.5 }, steps: 3, mode, record });
    let x = [1, 2, 3];
    run.rows.forEach(({ sum }, step) => {
      if (step > 0) {
        for (let i = 0; i < 4; i++) x = x.map((v, j) => v * 0.5 + j + 3 + step + (j === 0 ? 1 : 0));
        x = x.map(v => v + 16);
      }
      expect(sum).toBeCloseTo(1.5 * (x[0] + x[1] + x[2]), 3);
    });
    x.forEach((v, j) => expect(run.state.x.values[j]).toBeCloseTo(v, 4));
  });

  test('0 iterations give the carry, 1 the body; the body of a loop of 0 is refused all the same', async () => {
    expect(await end(({ x }: X) => ({ x: fori(0, (_, x) => x.add(1), x) }))).toEqual([1, 2, 3]);
    expect(await end(({ x }: X) => ({ x: fori(1, (i, x) => x.add(1).add(i), x) }))).toEqual([2, 3, 4]);
    await expect(end(({ x }: X) => ({ x: fori(0, (_, x) => x.sum(), x) }))).rejects.toThrow(/carry was returned as/);
  });

  test('int32 and bool carries that swap; all leaves of a nested carry', async () => {
    const step = ({ x }: X) => {
      const start = { a: { odd: tf.scalar(true, 'bool') }, b: [tf.scalar(false, 'bool'), int(2 ** 24)] };
      const { a, b } = fori(
        5,
        (i: tf.Tensor, { a, b }: any) => ({ b: [a.odd, b[1].add(i).add(int(1))], a: { odd: b[0] } }),
        start as any,
      ) as any;
      return { x: tf.stack([a.odd.cast('int32'), b[0].cast('int32'), b[1]]).mul(x.min()) };
    };
    expect(await end(step, { x: ndarray(Int32Array.of(1, 2, 3)) })).toEqual([0, 1, 2 ** 24 + 15]);
  });

  test('linear algebra, products and a gradient inside a body', async () => {
    const A = tf.tensor2d([4, 1, 0, 1, 3, 1, 0, 1, 5], [3, 3]);
    const loss = (x: tf.Tensor, A: tf.Tensor) => x.mul(tf.dot(A, x)).sum().div(2) as tf.Scalar;
    const step = ({ x }: X, { A }: Tensors<'A'>) => ({
      x: fori(
        3,
        (_, x) =>
          linalg
            .choleskySolve(A, tf.grad(x => loss(x, A))(x))
            .add(x)
            .div(2)
            .mul(0.5),
        x,
      ),
    });
    (await end(step, one, { data: { A } })).forEach((x, j) => expect(x).toBeCloseTo((j + 1) / 8, 5));
    A.dispose();
  });

  test('a carry of another shape or type, another structure, no tensor', async () => {
    const refused = (body: any, carry: (x: tf.Tensor) => unknown = x => ({ h: x })) =>
      expect(end(({ x }: X) => ({ x: fori(2, body, carry(x) as any) as any }))).rejects;
    await refused((_: unknown, { h }: any) => ({ h: h.sum() })).toThrow(
      'fori: carry.h was returned as float32 [] but the carry holds float32 [3]; shape and type must stay the same',
    );
    await refused((_: unknown, { h }: any) => ({ h: h.toInt() })).toThrow(
      'fori: carry.h was returned as int32 [3] but the carry holds float32 [3]; shape and type must stay the same',
    );
    await refused(() => ({})).toThrow('fori: the body returned no carry.h, but the carry has it');
    await refused((_: unknown, { h }: any) => ({ h, g: h })).toThrow(
      'fori: the body returned carry.g, but the carry does not have it',
    );
    await refused((_: unknown, { h }: any) => h && { h: 1 }).toThrow(
      'fori: the body returned carry.h as a number but must return a tensor',
    );
    await refused(
      (_: unknown, x: any) => x,
      () => 'x',
    ).toThrow('fori: carry is string but must be a tensor, a host array, a number, or a plain object of these');
    await refused(3).toThrow('fori: body is number but must be a function');
    await expect(end(({ x }: X) => ({ x: fori(1.5, (_, x) => x, x) }))).rejects.toThrow(
      'fori: n is 1.5 but must be a whole number >= 0',
    );
  });

  test('draws in a body, by line; before it they may be read', async () => {
    await expect(
      end(({ x }: X, _: unknown, draw: Draw) => ({ x: fori(1, (_, x) => x.add(draw.normal([3], 'z')), x) })),
    ).rejects.toThrow(
      /^train: draw\.normal: the body of fori draws, which would give each iteration the same numbers; draw before the loop, for all iterations at once \(at .*fori\.test\.ts:\d+:\d+\)$/,
    );
    const step = ({ x }: X, _: unknown, draw: Draw) => {
      const z = draw.normal([4, 3], 'z');
      return { x: fori(4, (i, x) => x.add(z.gather(i)), x).sub(z.sum(0)) };
    };
    (await end(step)).forEach((v, j) => expect(v).toBeCloseTo(j + 1, 5));
  });

  test('an index out of range in a body', async () => {
    const step = ({ x }: X) => ({ x: fori(3, (i, x) => x.add(x.gather(i.add(i))), x) });
    await expect(end(step)).rejects.toThrow(/index 4|index value 4|indices.* = 4/);
    const inner = ({ x }: X) => ({ x: scan((c: any, _: any) => [step({ x: c }).x, null], x, 2)[0] });
    await expect(end(inner)).rejects.toThrow(/index 4|index value 4|indices.* = 4/);
  });

  test('tensors kept in a body are leaks', async () => {
    await expect(end(({ x }: X) => ({ x: fori(2, (_, x) => tf.keep(x.neg()).neg(), x) }))).rejects.toThrow(
      /^train: the step leaks \d tensors?: float32 \[3\] by tf\.keep \(at .*fori\.test\.ts:\d+:\d+\)/,
    );
  });
});

describe.each(native)('what only a compiled loop refuses, by name and line, %s', mode => {
  const refused = (step: any) => expect(train(step, one, { steps: 1, mode })).rejects;

  test('reading the number of the iteration, or a value', async () => {
    const at = /^train: the step reads values of a tensor .* \(at .*fori\.test\.ts:\d+:\d+\)$/;
    await refused(({ x }: X) => ({ x: fori(5, (i, x) => (i.dataSync()[0] === 3 ? x : x.add(1)), x) })).toThrow(at);
    await refused(({ x }: X) => ({ x: fori(5, (i, x) => (i.arraySync() > 3 ? x : x.add(1)), x) })).toThrow(at);
  });

  test('a tensor of the body used outside it', async () => {
    await refused(({ x }: X) => {
      let last = x;
      fori(3, (_, x) => (last = x.mul(2)), x);
      return { x: last };
    }).toThrow(
      /^train: the step uses a tensor of shape \[3\] \(float32\) outside the body of fori that made it; return it from the body/,
    );
    await refused(({ x }: X) => {
      let last = x;
      const y = fori(3, (_, x) => (last = x.mul(2)), x);
      return { x: fori(3, (_, x) => x.add(last), y) };
    }).toThrow(/outside the body of fori that made it/);
  });

  test('a body that is not the same twice', async () => {
    let count = 0;
    await refused(({ x }: X) => ({ x: fori(3, (_, x) => x.add(count++), x) })).toThrow(
      /^train: the step is not the same twice: .* \(at .*fori\.test\.ts:\d+:\d+\)$/,
    );
    await refused(({ x }: X) => ({ x: fori(3, (_, x) => (count++ % 2 ? x.neg().abs() : x.neg()), x) })).toThrow(
      /^train: the step is not the same twice: /,
    );
    await refused(({ x }: X) => ({ x: fori(count++, (_, x) => x.add(1), x) })).toThrow(/not the same twice: /);
  });

  test('the place of an index out of range', async () => {
    const step = ({ x }: X) => ({ x: fori(3, (i, x) => x.add(x.gather(i.add(i))), x.add(x.gather(int(0)))) });
    await refused(step).toThrow(
      mode === 'xla'
        ? /^train: op GatherV2 of step 1 has index 4, which is not in \[0, 3\) \(at .*fori\.test\.ts:\d+:\d+\)$/
        : /^train: op GatherV2 fails in graph mode with float32 \(at .*fori\.test\.ts:\d+:\d+\): .* 4 is not in \[0, 3\)/,
    );
  });
});

test('a body is traced twice, however many iterations there are', async () => {
  let calls = 0;
  const halve = (_: tf.Scalar, x: tf.Tensor) => {
    calls++;
    return x.mul(0.5).add(1);
  };
  const run = compile(({ x }: X) => ({ x: fori(1000, halve, x) }));
  (await run(one)).x.values.forEach(x => expect(x).toBeCloseTo(2, 6));
  expect(calls).toBe(2);
});

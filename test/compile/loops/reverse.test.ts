import { expect, test } from 'vitest';
import { fori, ndarray, scan, tensor, tf, train, type Tensors } from 'widenet';
import golden from '../../golden/loops.json';
import { bothDerivatives } from '../../support/both-derivatives';

/**
 * Loops and their first and second derivatives against JAX's (golden/loops.py says which): in float64 by graph and XLA
 * to 1e-11, the rounding of some hundred operations; in float32 by plain TensorFlow.js, in and outside a step, to 2e-5.
 */
interface Values {
  shape: number[];
  values: number[];
}
type Part = 'x' | 'v' | 'w' | 'f' | 'first' | 'second';
const known = golden.cases as Record<string, Record<Part, Values[]>>;

const times = (A: tf.Tensor, x: tf.Tensor) =>
  tf.matMul(A as tf.Tensor2D, x.expandDims(-1) as tf.Tensor2D).squeeze([-1]);
const joined = (...parts: tf.Tensor[]) => tf.concat(parts.map(part => part.flatten()));

const cases: Record<string, (...x: tf.Tensor[]) => tf.Tensor> = {
  numbered: (x, A) => fori(7, (i, x) => tf.sin(times(A, x)).add(x.mul(0.1).mul(i)), x),
  swapped(u, v) {
    const last = fori(5, (_, { u, v }) => ({ u: v.mul(1.1), v: u.add(v.square().mul(0.3)) }), { u, v });
    return joined(last.u, last.v);
  },
  unchanged(a, b) {
    const last = fori(4, (_, { a, b }) => ({ a, b: a.mul(b) }), { a, b });
    return joined(last.a, last.b);
  },
  none: a => fori(0, (_, a) => a.exp(), a),
  once: (a, b) => fori(1, (_, a) => a.exp().mul(b), a),
  recurrent(h, W, U, xs) {
    const step = (h: tf.Tensor, x: tf.Tensor) => {
      const next = tf.tanh(times(W, h).add(times(U, x)));
      return [next, next.slice([0], [2]).mul(x)] as const;
    };
    return joined(...scan(step, h, xs));
  },
  looked_up(c, W) {
    const step = (c: tf.Tensor, i: tf.Tensor) => [tf.tanh(c.add(W.gather(i))), c.sum()] as const;
    return joined(...scan(step, c, tf.tensor1d([2, 0, 3, 2], 'int32')));
  },
  counted(c) {
    const start = { c: c.gather(0), k: tf.scalar(1, 'int32'), even: tf.scalar(true, 'bool') };
    const [last, ys] = scan(
      ({ c, k, even }, x) => [
        {
          c: c.add(tf.where(even, k, k.neg()).mul(x.square())),
          k: k.add(tf.scalar(2, 'int32')),
          even: even.logicalNot(),
        },
        x.mul(k),
      ],
      start,
      c,
    );
    return joined(last.c, ys);
  },
  scan_in_fori: (c, a, xs) =>
    fori(
      3,
      (i, c) => {
        const [last, ys] = scan((c, x) => [tf.sin(c.mul(x)).add(a), c.mul(a)], c, xs);
        return last.add(ys.sum(0).mul(0.1).mul(i));
      },
      c,
    ),
  fori_in_scan(c, a, xs) {
    const inner = (c: tf.Tensor, x: tf.Tensor) =>
      fori(
        3,
        (j, c) =>
          c
            .mul(0.5)
            .add(tf.tanh(a.mul(x)))
            .add(c.square().mul(0.1).mul(j)),
        c,
      );
    const step = (c: tf.Tensor, x: tf.Tensor) => {
      const next = inner(c, x);
      return [next, next.mul(x)] as const;
    };
    return joined(...scan(step, c, xs));
  },
  descended(x, A) {
    const loss = (x: tf.Tensor) => times(A, x).pow(4).sum().div(4).add(x.square().sum()) as tf.Scalar;
    return fori(6, (_, x) => x.sub(tf.grad(loss)(x).mul(0.1)), x);
  },
};

/** f, and both its derivatives, as one vector. */
const derivatives = (name: string, [x, v, [w]]: tf.Tensor[][]): tf.Tensor =>
  joined(cases[name](...x), ...bothDerivatives(cases[name], x, v, w));

const given = (name: string) => [known[name].x, known[name].v, known[name].w];
const expected = (name: string) =>
  [known[name].f, known[name].first, known[name].second].flatMap(part => part.flatMap(({ values }) => values));
const names = Object.keys(cases);

function expectClose(name: string, values: ArrayLike<number>, tolerance: number): void {
  const right = expected(name);
  const scale = Math.max(1, ...right.map(Math.abs));
  expect(values.length, name).toBe(right.length);
  right.forEach((x, i) => expect(Math.abs(values[i] - x) / scale, `${name}, entry ${i}`).toBeLessThan(tolerance));
}

test('every loop of JAX has its case here', () => {
  expect(names).toEqual(Object.keys(known));
});

test.each([
  ['eager', 'float32', 2e-5],
  ['graph', 'float64', 1e-11],
  ['xla', 'float64', 1e-11],
] as const)('loops, their gradients and Hessians are those of JAX: %s, %s', async (mode, dtype, tolerance) => {
  const data = Object.fromEntries(
    names.map(name => [
      name,
      given(name).map(part => part.map(({ shape, values }) => ndarray(Float64Array.from(values), shape))),
    ]),
  );
  const record = Object.fromEntries(
    names.map(name => [name, (_: unknown, data: any) => derivatives(name, data[name])]),
  );
  const { rows } = await train(state => state, { k: 0 }, { data, steps: 1, every: 1, mode, dtype, record });
  for (const name of names) expectClose(name, rows[1][name], tolerance);
});

test('outside a step they run iteration by iteration, on the tape of TensorFlow.js', () => {
  for (const name of names) {
    const values = tf.tidy(() =>
      derivatives(
        name,
        given(name).map(part => part.map(({ shape, values }) => tensor(ndarray(values, shape)))),
      ),
    );
    expectClose(name, values.dataSync(), 2e-5);
    values.dispose();
  }
});

test.each(['eager', 'graph', 'xla'] as const)('what a body returns as it is has a gradient too, %s', async mode => {
  const f = (c: tf.Tensor, w: tf.Tensor, xs: tf.Tensor) => {
    const [last, ys] = scan((_, x) => [w, x], c, xs);
    return last.mul(2).add(ys.sum()) as tf.Scalar;
  };
  const record = {
    gradients: ({ w, xs }: Tensors<'w' | 'xs'>) => joined(...tf.grads((w, xs) => f(w.mul(0), w, xs))([w, xs])),
  };
  const { rows } = await train(s => s, { w: 3, xs: ndarray([1, 2]) }, { steps: 1, mode, record });
  expect(rows[0].gradients).toEqual([2, 1, 1]);
});

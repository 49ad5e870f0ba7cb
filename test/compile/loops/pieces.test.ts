import { expect } from 'vitest';
import { fori, ndarray, tf, train, type Tensors } from 'widenet';
import { iterate } from '../../../src/compile/loops/iterate';
import { inPieces } from '../../../src/compile/loops/pieces';
import { core as test, long } from '../../support/tier';

test('a loop in pieces is the loop, whatever its length, in both directions', () => {
  tf.tidy(() => {
    for (const count of [1, 2, 3, 4, 5, 8, 9, 11])
      for (const reverse of [false, true]) {
        const loop = {
          name: 'test',
          count,
          conditional: false,
          reverse,
          body: (i: tf.Scalar, [c]: tf.Tensor[], [x]: tf.Tensor[]) => ({
            carry: [c.mul(0.5).add(x.mul(i)).sum(0, true).add(c)],
            y: [c.mul(i), x.sum()],
          }),
        };
        const given = { carry: [tf.tensor([1, 2])], xs: [tf.range(0, 2 * count).reshape([count, 2])] };
        const [whole, cut] = [iterate(loop, given), inPieces(loop, given, iterate)];
        expect(cut.ys.map(y => y.shape)).toEqual([[count, 2], [count]]);
        [...whole.carry, ...whole.ys].forEach((t, i) =>
          expect(Array.from([...cut.carry, ...cut.ys][i].dataSync())).toEqual(Array.from(t.dataSync())),
        );
      }
  });
});

long('carries of 2 GB: their gradient is taken in pieces', async () => {
  const [n, entries] = [1000, 250_000];
  const decayed = (a: tf.Tensor, x: tf.Tensor) => fori(n, (_, x) => x.mul(a), x).mean() as tf.Scalar;
  const step = ({ a, x }: Tensors<'a' | 'x'>) => ({ a: tf.grad(a => decayed(a, x))(a), x });
  const { state } = await train(
    step,
    { a: 1, x: ndarray(new Float32Array(entries).fill(1)) },
    { steps: 1, dtype: 'float64' },
  );
  expect(state.a.values[0]).toBeCloseTo(n, 8);
});

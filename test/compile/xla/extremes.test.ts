import { expect, test } from 'vitest';
import { compile, evaluate, fori, ndarray, type tf } from 'widenet';

const [N, I] = [NaN, Infinity];
const lists = [
  [1, N, 3],
  [3, N, 1],
  [N, 1, 3],
  [1, 3, N],
  [3, 1, N],
  [N, N, N],
  [-I, N, -I],
  [N, I, I],
  [I, -I, N],
  [2, 2, 1],
];
const rows = ndarray(lists);
const columns = evaluate(x => x.transpose(), rows);

test.each(['float32', 'float64'] as const)('argMax and argMin pass over NaN, in every engine, in %s', async dtype => {
  const expected = {
    max: Int32Array.of(2, 0, 2, 1, 0, 0, 0, 1, 0, 0),
    min: Int32Array.of(0, 2, 1, 0, 1, 0, 0, 0, 1, 2),
  };
  const step = (_: object, { rows, columns }: { rows: tf.Tensor; columns: tf.Tensor }) => ({
    max: rows.argMax(1),
    min: rows.argMin(1),
    down: columns.argMax(0),
    inLoop: fori(2, () => rows.argMin(1), rows.argMax(1)) as tf.Tensor,
    ints: rows.isNaN().toInt().argMax(1),
  });
  const ints = Int32Array.from(lists, list => Math.max(0, list.findIndex(Number.isNaN)));
  const none = Int32Array.from(lists, () => 0);
  const state = Object.fromEntries(['max', 'min', 'down', 'inLoop', 'ints'].map(name => [name, ndarray(none)]));
  expect(evaluate(x => x.argMax(1), rows).values).toEqual(expected.max);
  expect(evaluate(x => x.argMin(1), rows).values).toEqual(expected.min);
  for (const mode of ['graph', 'xla'] as const) {
    const end = await compile(step as any, { mode, dtype })(state, { data: { rows, columns } });
    const values = Object.fromEntries(Object.entries(end as any).map(([name, { values }]: any) => [name, values]));
    expect(values, mode).toEqual({ ...expected, down: expected.max, inLoop: expected.min, ints });
  }
});

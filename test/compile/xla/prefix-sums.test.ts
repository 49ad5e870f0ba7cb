import { expect, test } from 'vitest';
import { grad, ndarray, random, tf, train } from 'widenet';

type X = { x: tf.Tensor };
type Case = readonly [shape: number[], axis: number];
const cases: Case[] = [
  [[1], 0],
  [[70], 0],
  [[9, 33], 1],
  [[9, 33], 0],
  [[5, 7, 6], 1],
  [[2, 3, 4, 5], -3],
  [[3, 1, 4], 1],
  [[5, 1], -1],
];

/** In double precision, entry by entry, with the weights that entry l of the result has on entry i. */
function byHand([shape, axis]: Case, exclusive: boolean, reverse: boolean, x: ArrayLike<number>) {
  const at = axis < 0 ? axis + shape.length : axis;
  const product = (sizes: number[]) => sizes.reduce((all, entries) => all * entries, 1);
  const [length, inner] = [shape[at], product(shape.slice(at + 1))];
  return Array.from(x, (_, place) => {
    const l = Math.floor(place / inner) % length;
    let sum = 0;
    for (let i = 0; i < length; i++)
      if ((reverse ? i > l : i < l) || (!exclusive && i === l)) sum += x[place + (i - l) * inner];
    return sum;
  });
}

const options = [false, true].flatMap(exclusive => [false, true].map(reverse => [exclusive, reverse] as const));
const close = (got: ArrayLike<number>, expected: ArrayLike<number>, digits: number) => {
  expect(got.length).toBe(expected.length);
  for (let i = 0; i < got.length; i++) expect(got[i]).toBeCloseTo(expected[i], digits);
};

test.each(options)('exclusive %s, reverse %s: values and gradients, along each axis', async (exclusive, reverse) => {
  const drawn = (stream: string) => cases.map(([shape]) => random.normal(shape, { seed: 1, stream }));
  const data = { x: drawn('x'), w: drawn('w') };
  const sum = (x: tf.Tensor, i: number) => tf.cumsum(x, cases[i][1], exclusive, reverse);
  type Data = Record<'x' | 'w', tf.Tensor[]>;
  const record = Object.fromEntries(
    cases.flatMap((_, i) => [
      [`sum${i}`, (_: object, { x }: Data) => sum(x[i], i)],
      [`slope${i}`, (_: object, { x, w }: Data) => grad((x: tf.Tensor) => sum(x, i).mul(w[i]).sum(), x[i])],
    ]),
  );
  for (const [mode, dtype] of [
    ['xla', 'float32'],
    ['xla', 'float64'],
    ['graph', 'float32'],
    ['eager', 'float32'],
  ] as const) {
    const [row] = (await train(s => s, { y: 0 }, { data, steps: 0, record, mode, dtype })).rows as any[];
    cases.forEach((given, i) => {
      const digits = dtype === 'float64' ? 12 : 4;
      close(row[`sum${i}`].flat(Infinity), byHand(given, exclusive, reverse, data.x[i].values), digits);
      close(row[`slope${i}`].flat(Infinity), byHand(given, exclusive, !reverse, data.w[i].values), digits);
    });
  }
});

test('of no entries there is nothing to add up', async () => {
  const total = (shape: number[]) => () => tf.cumsum(tf.zeros(shape), 1).sum();
  const record = { along: total([3, 0]), beside: total([0, 3]) };
  for (const mode of ['xla', 'graph', 'eager'] as const)
    expect((await train(s => s, { y: 0 }, { steps: 0, record, mode })).rows[0], mode).toMatchObject({
      along: 0,
      beside: 0,
    });
});

test('NaN and infinities reach what comes after them, and integers are added up too', async () => {
  const data = { x: ndarray([1, NaN, 2, Infinity, 1, -Infinity, 1, 2, Infinity, 3], [2, 5]) };
  const record = {
    rows: (_: object, { x }: X) => tf.cumsum(x, 1),
    columns: (_: object, { x }: X) => tf.cumsum(x, 0, false, true),
    integers: () => tf.cumsum(tf.tensor1d([1, 2, 3], 'int32'), 0, true),
  };
  for (const mode of ['xla', 'graph', 'eager'] as const)
    expect((await train(s => s, { y: 0 }, { data, steps: 0, record, mode })).rows[0], mode).toMatchObject({
      rows: [
        [1, NaN, NaN, NaN, NaN],
        [-Infinity, -Infinity, -Infinity, NaN, NaN],
      ],
      columns: [
        [-Infinity, NaN, 4, Infinity, 4],
        [-Infinity, 1, 2, Infinity, 3],
      ],
      integers: [0, 1, 3],
    });
});

test('the bits are those of adding up one after the other, on each count of threads', async () => {
  const x = random.normal([6, 1000], { seed: 2, stream: 'x' });
  const values = Float32Array.from(x.values);
  for (let i = 0; i < values.length; i++) if (i % 1000) values[i] = Math.fround(values[i - 1] + values[i]);
  for (const threads of [1, 2]) {
    const { state } = await train(({ x }: X) => ({ x: tf.cumsum(x, 1) }), { x }, { steps: 1, mode: 'xla', threads });
    expect(state.x.values).toEqual(values);
  }
});

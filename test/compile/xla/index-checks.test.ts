import { expect, test } from 'vitest';
import { compile, ndarray, tf, train } from 'widenet';
import type { NativeBackend } from '../../../src/autodiff/tf';

/**
 * Each operation that reads or writes by indices, in a step whose index k grows by one each step from 0: the first step
 * it is not in [0, 3).
 */
const int = (...values: number[]) => ndarray(Int32Array.from(values), values.length === 1 ? [] : [values.length]);
type S = { x: tf.Tensor; k: tf.Tensor };
const raw = (type: string, attributes: [string, number][], inputs: tf.Tensor[]) =>
  (tf.backend() as NativeBackend).executeSingleOutput(
    type,
    attributes.map(([name, value]) => ({ name, type: 4, value })),
    inputs,
  );

const kinds: Record<string, [op: string, f: (x: any, k: any) => tf.Tensor, negative?: boolean]> = {
  gather: ['GatherV2', (x, k) => tf.gather(x, tf.stack([tf.zerosLike(k), k]))],
  'gather along the last axis': [
    'GatherV2',
    (x, k) => tf.gather(tf.stack([x, x, x, x, x]), tf.stack([k, tf.zerosLike(k)]), 1),
  ],
  'gather of one entry': ['GatherV2', (x, k) => tf.gather(x, k)],
  gatherND: [
    'GatherNd',
    (x, k) =>
      tf.gatherND(tf.stack([x, x, x, x, x], 1), tf.stack([tf.stack([k, tf.zerosLike(k)]), tf.zeros([2], 'int32')])),
  ],
  scatterND: ['ScatterNd', (x, k) => tf.scatterND(k.reshape([1, 1]), x.slice([0], [1]), [3])],
  tensorScatterUpdate: [
    'TensorScatterUpdate',
    (x, k) => tf.tensorScatterUpdate(x, k.reshape([1, 1]), x.slice([0], [1])),
  ],
  sparseToDense: ['SparseToDense', (x, k) => tf.sparseToDense(k.reshape([1]), x.slice([0], [1]), [3], x.sum())],
  unsortedSegmentSum: [
    'UnsortedSegmentSum',
    (x, k) =>
      raw(
        'UnsortedSegmentSum',
        [
          ['T', 1],
          ['Tindices', 3],
          ['Tnumsegments', 3],
        ],
        [x, tf.stack([k, k, k]), tf.scalar(3, 'int32')],
      ),
    true,
  ],
  'the gradient of gather': [
    'GatherV2',
    (x, k) =>
      tf.grad(x =>
        tf
          .gather(x, tf.stack([k]))
          .square()
          .sum(),
      )(x),
  ],
};
const start = (k: number) => ({ x: ndarray([1, 2, 3]), k: int(k) });
const stepOf =
  (f: (x: any, k: any) => tf.Tensor, by: number) =>
  ({ x, k }: S): S => ({ x: x.add(f(x, k).sum().mul(0)), k: k.add(tf.scalar(by, 'int32')) });

test.each(Object.entries(kinds))(
  '%s: an index beyond the end, or below zero, is told with operation, step and line',
  async (_, [op, f, mayBeNegative]) => {
    for (const [by, index, step] of [
      [1, 3, 4],
      [-1, -1, 2],
    ] as const) {
      const run = (mode: 'eager' | 'graph' | 'xla') =>
        train(stepOf(f, by), start(0), { steps: 1000, every: 1000, mode });
      if (by < 0 && mayBeNegative) {
        // Such an entry belongs to no segment.
        for (const mode of ['graph', 'xla'] as const) expect((await run(mode)).status).toBe('done');
        continue;
      }
      await expect(run('xla')).rejects.toThrow(
        new RegExp(
          `^train: op ${op} of step ${step} has index ${index}, which is not in \\[0, 3\\) \\(at .*index-checks\\.test\\.ts:\\d+:\\d+\\)$`,
        ),
      );
      await expect(run('graph')).rejects.toThrow(
        new RegExp(
          `^train: op (${op}|UnsortedSegmentSum) fails in graph mode .*\\(at .*index-checks\\.test\\.ts[^)]*\\): (?!.*node name)`,
        ),
      );
      await expect(run('eager')).rejects.toThrow(/index|indices|segment|bounds/i);
    }
    const inRange = await train(stepOf(f, 0), start(2), { steps: 5, mode: 'xla' });
    expect(Array.from(inRange.state.x.values)).toEqual([1, 2, 3]);
  },
);

test('a compiled step tells it too, with the number of the step; steps before are as they were', async () => {
  const run = compile(stepOf(kinds.gather[1], 1), { mode: 'xla' });
  expect((await run(start(0), { steps: 3 })).k.values[0]).toBe(3);
  await expect(run(start(0), { steps: 100, from: 50 })).rejects.toThrow(
    'compile: op GatherV2 of step 54 has index 3, which is not in [0, 3)',
  );
  await expect(run(start(-2147483648))).rejects.toThrow(
    'op GatherV2 of step 1 has index -2147483648, which is not in [0, 3)',
  );
});

test('what is recorded is checked too, beside steps with and without indices, by XLA and by the graph', async () => {
  const record = { entry: ({ x, k }: S) => tf.gather(x, k) };
  const count = ({ x, k }: S): S => ({ x, k: k.add(tf.scalar(1, 'int32')) });
  await expect(train(count, start(0), { steps: 9, record, mode: 'xla' })).rejects.toThrow(
    /^train: op GatherV2 recorded after step 3 has index 3, which is not in \[0, 3\) \(at .*index-checks\.test/,
  );
  await expect(train(count, start(0), { steps: 9, every: 4, record, mode: 'xla' })).rejects.toThrow(
    'recorded after step 4 has index 4',
  );
  const indexing = stepOf((x, k) => tf.gather(x, tf.minimum(k, tf.scalar(2, 'int32'))), 1);
  await expect(train(indexing, start(0), { steps: 9, record, mode: 'xla' })).rejects.toThrow(
    'op GatherV2 recorded after step 3 has index 3',
  );
  const slow = ({ x, k }: S) =>
    tf.add(
      tf.gather(x, k),
      tf.dilation2d(x.reshape([1, 1, 3, 1]) as tf.Tensor4D, tf.zeros([1, 1, 1]), 1, 'same').sum(),
    );
  await expect(train(count, start(0), { steps: 9, record: { slow } })).rejects.toThrow(
    /^train: op GatherV2 .*\(at .*index-checks\.test.*not in \[0, 3\)/,
  );
  expect((await train(count, start(0), { steps: 2, record, mode: 'xla' })).rows.map(row => row.entry)).toEqual([
    1, 2, 3,
  ]);
});

test('bincount counts no number beyond its end, and tells one below zero', async () => {
  const counted = ({ k }: S) => tf.bincount(tf.stack([k, k]) as tf.Tensor1D, [], 2);
  const run = (mode: 'eager' | 'graph' | 'xla', by: number) =>
    train(
      stepOf((_, k) => counted({ k } as S), by),
      start(0),
      { steps: 9, every: 9, mode, record: { counted } },
    );
  for (const mode of ['eager', 'graph', 'xla'] as const) {
    expect((await run(mode, 0)).rows[1].counted).toEqual([2, 0]);
    expect((await run(mode, 238609294)).rows[1].counted).toEqual([0, 0]); // after 9 steps k is 2^31 - 2
    await expect(run(mode, -1)).rejects.toThrow(
      mode === 'xla' ? /op Bincount .*step [12] has index -1, .*index-checks\.test/ : /non-negative/,
    );
  }
});

test.each(['eager', 'graph', 'xla'] as const)(
  '%s: a run that stops, or diverges, ends so, whatever fails after that row',
  async mode => {
    const count = stepOf((x, k) => tf.gather(x, k), 1);
    const diverge = ({ x, k }: S): S => ({
      x: x.add(tf.gather(x, k).sum().mul(0)).mul(1e30),
      k: k.add(tf.scalar(1, 'int32')),
    });
    for (let again = 0; again < 3; again++) {
      // a program that has run before begins with longer calls
      expect(await train(count, start(0), { steps: 99, until: ({ step }) => step === 2, mode })).toMatchObject({
        status: 'stopped',
        step: 2,
      });
      expect(await train(diverge, start(0), { steps: 99, mode })).toMatchObject({ status: 'diverged', step: 2 });
      await expect(train(count, start(0), { steps: 99, until: ({ step }) => step === 4, mode })).rejects.toThrow(
        /index|indices/,
      );
    }
  },
);

test('of several the first operation is told', async () => {
  const step = ({ x, k }: S): S => ({
    x: tf.gather(x, tf.stack([k, k, k])).add(tf.gather(tf.concat([x, x]), tf.stack([k, k, k]))),
    k: k.add(tf.scalar(1, 'int32')),
  });
  await expect(train(step, start(0), { steps: 20, mode: 'xla' })).rejects.toThrow(
    'op GatherV2 of step 4 has index 3, which is not in [0, 3)',
  );
  const second = ({ x, k }: S): S => ({
    x: tf.gather(tf.concat([x, x]), tf.stack([k, k, k])).add(tf.gather(x, tf.stack([k, k, k]))),
    k: k.add(tf.scalar(1, 'int32')),
  });
  await expect(train(second, start(4), { steps: 20, mode: 'xla' })).rejects.toThrow(
    'op GatherV2 of step 1 has index 4, which is not in [0, 3)',
  );
});

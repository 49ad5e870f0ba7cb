import { expect, test } from 'vitest';
import { ndarray, tf, train } from 'widenet';

type X = { x: tf.Tensor };
const one = { x: ndarray([1, 2, 3]) };

test('leaks, each with its shape and line, in every mode', async () => {
  const before = tf.memory().numTensors;
  const leak = ({ x }: X) => {
    tf.keep(x.neg());
    tf.keep(x.sum()).dispose();
    tf.variable(x.sum().toInt());
    return { x };
  };
  for (const mode of ['eager', 'graph', 'xla'] as const)
    await expect(train(leak, one, { steps: 1, mode })).rejects.toThrow(
      /^train: the step leaks 2 tensors: float32 \[3\] by tf\.keep \(at .*leaks\.test\.ts:\d+:8\), int32 \[\] by tf\.variable \(at .*leaks\.test\.ts:\d+:8\); return what must live on in the state$/,
    );
  for (const mode of ['eager', 'graph'] as const)
    await expect(
      train(s => s, one, { steps: 1, mode, record: { norm: ({ x }) => tf.keep(x.norm()) } }),
    ).rejects.toThrow(/^train: the record leaks 1 tensor: float32 \[\] by tf\.keep \(at .*leaks\.test\.ts/);
  expect(tf.memory().numTensors).toBe(before);
});

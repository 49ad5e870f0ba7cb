import os from 'node:os';
import { expect, test } from 'vitest';
import { xlaDump } from '../../support/xla-dump';

/** A small step on one thread, then one that is large enough for several. */
const main = `async ({ tf, train, ndarray }) => {
  const go = (size, threads) => train(({ x }) => ({ x: tf.tanh(x).mul(0.9) }), { x: ndarray(new Float32Array(size).fill(1), [size / 100, 100]) }, { steps: 2, threads });
  await go(100, 1);
  await go(1e6, 2);
}`;

test.skipIf(os.availableParallelism() < 2)(
  "full vectors, and a large step is cut for the machine's threads, also when a small one came first (needs two processors)",
  () => {
    const { programs, settings } = xlaDump(main);
    expect(settings).toContain('xla_cpu_prefer_vector_width: 512');
    expect(programs.filter(text => text.includes('f32[10000,100]'))).toHaveLength(1);
    expect(programs.find(text => text.includes('f32[10000,100]'))).toContain('outer_dimension_partitions');
  },
);

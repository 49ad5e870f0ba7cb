import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(__dirname, '..');

/** A small step on one thread, then one that is large enough for several; XLA writes down what it makes of them. */
const script = `
const { tf, train, ndarray } = require(${JSON.stringify(path.join(root, 'src/index.ts'))});
const go = (size, threads) => train(({ x }) => ({ x: tf.tanh(x).mul(0.9) }), { x: ndarray(new Float32Array(size).fill(1), [size / 100, 100]) }, { steps: 2, threads });
go(100, 1).then(() => go(1e6, 2)).catch(error => { console.error(error); process.exit(1); });
`;

test.skipIf(os.availableParallelism() < 2)('full vectors, and a large step is cut for the machine\'s threads, also when a small one came first (needs two processors)', () => {
  const dump = fs.mkdtempSync(path.join(os.tmpdir(), 'widenet-xla-'));
  try {
    const made = spawnSync(process.execPath, ['--require', path.join(root, 'kernel-setup/typescript-hook.cjs'), '-e', script],
      { cwd: root, encoding: 'utf8', env: { ...process.env, XLA_FLAGS: `--xla_dump_to=${dump} --xla_dump_hlo_as_text` } });
    expect(made.stderr).toBe('');
    const files = fs.readdirSync(dump);
    expect(fs.readFileSync(path.join(dump, files.find(name => name.endsWith('debug_options'))!), 'utf8')).toContain('xla_cpu_prefer_vector_width: 512');
    const programs = files.filter(name => name.endsWith('after_optimizations.txt')).map(name => fs.readFileSync(path.join(dump, name), 'utf8'));
    expect(programs.filter(text => text.includes('f32[10000,100]'))).toHaveLength(1);
    expect(programs.find(text => text.includes('f32[10000,100]'))).toContain('outer_dimension_partitions');
  } finally {
    fs.rmSync(dump, { recursive: true });
  }
});

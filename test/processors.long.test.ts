/**
 * The numerical tests once more, as a processor without AVX-512 computes: with other vector instructions sums are added
 * in another order, and last bits differ. What rests on the bits of the machine that wrote a test fails here.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(__dirname, '..');
// Derivatives of linear algebra take longest, and are compared within wide tolerances.
const names = readdirSync(path.join(root, 'test', 'math')).filter(name => !name.includes('derivatives'));
const files = ['test/base/random.test.ts', ...names.map(name => `test/math/${name}`)];
const instructions = { XLA_FLAGS: '--xla_cpu_max_isa=AVX2', ONEDNN_MAX_CPU_ISA: 'AVX2', OPENBLAS_CORETYPE: 'Haswell' };

test('the numerical tests pass with the instructions of AVX2', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...files], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...instructions, NO_COLOR: '1' },
  });
  expect(status, `${stdout}${stderr}`.slice(-4000)).toBe(0);
  expect(stdout).toMatch(new RegExp(`Test Files +${files.length} passed`));
});

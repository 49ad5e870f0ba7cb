/**
 * The numerical tests once more, as older processors compute: with fewer vector instructions sums are added in another order, and
 * last bits differ. What rests on the bits of the machine that wrote a test fails here.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(__dirname, '..');
const files = ['barboni2025', 'diffusion', 'eigen', 'finite-volume', 'kernels', 'linalg', 'linalg-derivatives', 'losses', 'metrics', 'relaxation']
  .map(name => `test/${name}.test.ts`);

test.each([
  ['AVX2, without AVX-512', { XLA_FLAGS: '--xla_cpu_max_isa=AVX2', ONEDNN_MAX_CPU_ISA: 'AVX2', OPENBLAS_CORETYPE: 'Haswell' }],
  ['SSE4.2', { XLA_FLAGS: '--xla_cpu_max_isa=SSE4_2', ONEDNN_MAX_CPU_ISA: 'SSE41', OPENBLAS_CORETYPE: 'Nehalem' }],
])('%s', (_, environment) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...files],
    { cwd: root, encoding: 'utf8', env: { ...process.env, ...environment, NO_COLOR: '1' } });
  expect(status, `${stdout}${stderr}`.slice(-4000)).toBe(0);
  expect(stdout).toMatch(new RegExp(`Test Files +${files.length} passed`));
}, 600_000);

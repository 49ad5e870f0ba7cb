/**
 * The kernel, spoken to by Jupyter's own client and by its conformance suite; the tests themselves are
 * test/kernel/*.py.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ended, listen } from '../../kernel-setup/shared/child.mjs';
import { testKernels } from '../support/kernel';
import { root } from '../support/root';
import { isLong } from '../support/tier';

const python = path.join(root, '.venv', 'bin', 'python');
const runner = path.join(__dirname, 'run.py');
const ready = existsSync(python);
const names = { WIDENET_TEST_KERNEL: '', WIDENET_TEST_FOLDER: '', WIDENET_TEST_COPY_KERNEL: '', WIDENET_TEST_COPY: '' };
const all: Record<string, string[]> = ready
  ? JSON.parse(
      execFileSync(python, [runner, '--list'], {
        encoding: 'utf8',
        env: { ...process.env, ...names, PYTHONDONTWRITEBYTECODE: '1' },
      }),
    )
  : {};

/** The modules of the long tier: kernels that die, draw pictures, or get messages at random. */
const atLength = ['fuzz', 'death', 'clients', 'habits', 'history', 'rows', 'figures', 'console', 'server'];
const modules = Object.entries(all).filter(([module]) => atLength.includes(module) === isLong);

interface Result {
  name: string;
  status: 'passed' | 'failed' | 'skipped';
  detail: string;
}

/** Runs a module with kernels and folders of its own, since others run at the same time. */
async function runModule(module: string): Promise<{ results: Result[]; log: string }> {
  const kernels = await testKernels();
  try {
    const child = spawn(python, [runner, module], { env: kernels.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const results: Result[] = [];
    let log = '';
    listen(child.stdout, { onLine: line => line.startsWith('{') && results.push(JSON.parse(line)) });
    listen(child.stderr, { onText: text => (log += text) });
    await ended(child);
    return { results, log };
  } finally {
    kernels.remove();
  }
}

test('the Python environment is there (without it the tests below are skipped, except under CI=true)', context => {
  if (!ready && !process.env.CI) context.skip('no .venv here: run `npm run setup`');
  expect(ready, 'no .venv here: run `npm run setup`').toBe(true);
});

describe.runIf(ready)('kernel', () => {
  // Modules wait most of their time, so two of them run at once: `maxConcurrency` of vitest.config.mts.
  describe.concurrent.each(modules)('%s', (module, ids) => {
    let run: { results: Result[]; log: string };
    beforeAll(async () => {
      run = await runModule(module);
    }, 3_600_000);

    test.each(ids)('%s', id => {
      const result = run.results.find(r => r.name === id);
      expect(result, run.log).toBeDefined();
      expect(result!.status, `${result!.detail}\n${run.log}`).toBe('passed');
    });
  });
});

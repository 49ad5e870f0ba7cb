import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vitest compiles the library itself; what others load, src/index.cjs, would be a second copy of it.
  resolve: { alias: { widenet: fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Tests wait for kernels and browsers half of their time.
    maxWorkers: 2,
    testTimeout: 120_000,
    // The cells of tests are no history of the user's.
    env: { WIDENET_HISTORY: '' },
  },
});

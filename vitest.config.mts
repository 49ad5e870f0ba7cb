import { defineConfig } from 'vitest/config';

export default defineConfig({
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

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest come first, so that none of them is left to run alone at the end. */
const longest = [
  'kernel/kernel',
  'run/repository',
  'run/run',
  'train/types',
  'plain-tslab',
  'kernel/types/types',
  'kills.long',
  'browser.long',
  'autodiff/derivatives',
  'math/linalg-derivatives',
  'train/train',
].map(name => `/test/${name}.test.ts`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const place = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex(name => moduleId.endsWith(name));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

const root = fileURLToPath(new URL('.', import.meta.url));
/** The files with tests of the long tier (test/support/tier.ts): some have no others, and their names say so. */
const onlyLong = 'test/**/*.long.test.ts';
const partlyLong = readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
  .map(name => `test/${name}`)
  .filter(name => name.endsWith('.test.ts') && readFileSync(root + name, 'utf8').includes("support/tier'"));

export default defineConfig(({ mode }) => ({
  // Vitest compiles the library itself; what others load, src/index.cjs, would be a second copy of it.
  resolve: { alias: { widenet: fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
  test: {
    include: mode === 'long' ? [onlyLong, ...partlyLong] : ['test/**/*.test.ts'],
    exclude: mode === 'long' ? [] : [onlyLong],
    // Groups of the core are empty in the long tier.
    passWithNoTests: mode === 'long',
    pool: 'forks',
    // Tests wait for kernels and browsers half of their time.
    maxWorkers: 2,
    maxConcurrency: 2,
    sequence: { sequencer: LongestFirst },
    // After this a test has hung; how long it takes depends on what else the machine does.
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
    expect: { poll: { timeout: 600_000 } },
    // The cells of tests are no history of the user's.
    env: { WIDENET_HISTORY: '', WIDENET_LONG: mode === 'long' ? '1' : '' },
  },
}));

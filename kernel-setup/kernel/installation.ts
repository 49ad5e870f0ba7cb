/** What the kernel cannot do without. It is tried when the kernel could not start, to tell a broken installation. */
import { execFileSync } from 'node:child_process';
import { root } from './syntax/root';
import { compiler } from './types/server';

const parts: Record<string, () => unknown> = {
  zeromq: () => require('zeromq'),
  '@swc/core': () => require('@swc/core'),
  'oxc-parser': () => require('oxc-parser'),
  'magic-string': () => require('magic-string'),
  tslab: () => require.resolve('tslab/package.json'),
  'typescript-7': () => execFileSync(compiler(root), ['--version'], { cwd: root, stdio: 'pipe' }),
};

/** Why the kernel could not start: the part of the installation that is broken, or else what was thrown. */
export function reasonOf(thrown: unknown): unknown {
  for (const [name, use] of Object.entries(parts))
    try {
      use();
    } catch (error) {
      // What comes behind may advise against the lock file.
      const [detail] = (error as Error).message.split(/\n|\. /);
      const reason = new Error(`${name} is not as installed; run \`npm run setup -- --repair\` (${detail})`);
      return Object.assign(reason, { stack: '' });
    }
  return thrown;
}

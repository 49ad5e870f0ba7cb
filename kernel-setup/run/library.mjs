/** The library's own modules, for commands: loaded on first use, when the set-up has brought TypeScript. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * @typedef {{
 *   exact: typeof import('../../src/exact'), html: typeof import('../../src/html'),
 *   key: typeof import('../../src/key'), params: typeof import('../../src/params'),
 *   stored: typeof import('../../src/stored'), verdict: typeof import('../../src/verdict'),
 * }} Modules
 */

/**
 * @template {keyof Modules} M
 * @param {M} name
 * @returns {Modules[M]}
 */
export function library(name) {
  require('../typescript-hook.cjs');
  return require(`../../src/${name}.ts`);
}

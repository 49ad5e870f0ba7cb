/** Modules of src/ for the npm scripts. They are loaded on first use, when the set-up has installed TypeScript. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * @typedef {{
 *   'base/exact': typeof import('../../src/base/exact'),
 *   'notebook/claims': typeof import('../../src/notebook/claims'),
 *   'notebook/html': typeof import('../../src/notebook/html'),
 *   'notebook/key': typeof import('../../src/notebook/key'),
 *   'notebook/params': typeof import('../../src/notebook/params'),
 *   'notebook/stored': typeof import('../../src/notebook/stored'),
 *   'notebook/verdict': typeof import('../../src/notebook/verdict'),
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

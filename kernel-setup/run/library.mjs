/** Modules of src/ for the npm scripts. They are loaded on first use, when the set-up has installed TypeScript. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * @typedef {{
 *   'base/check': typeof import('../../src/base/check'),
 *   'base/lossless-json': typeof import('../../src/base/lossless-json'),
 *   'notebook/claims-table': typeof import('../../src/notebook/claims-table'),
 *   'notebook/html': typeof import('../../src/notebook/html'),
 *   'notebook/cache-key': typeof import('../../src/notebook/cache-key'),
 *   'notebook/packed': typeof import('../../src/notebook/packed'),
 *   'notebook/params': typeof import('../../src/notebook/params'),
 *   'notebook/stored-results': typeof import('../../src/notebook/stored-results'),
 *   'notebook/expectation': typeof import('../../src/notebook/expectation'),
 *   'notebook/verdict': typeof import('../../src/notebook/verdict'),
 *   'train/row-files': typeof import('../../src/train/row-files'),
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

/** The library's own modules, for commands: loaded on first use, when the set-up has brought TypeScript. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** @returns {typeof import('../../src/verdict')} */
export const verdict = () => load('verdict');
/** @returns {typeof import('../../src/params')} */
export const params = () => load('params');
/** @returns {typeof import('../../src/html')} */
export const html = () => load('html');

/** @param {string} name */
function load(name) {
  require('../typescript-hook.cjs');
  return require(`../../src/${name}.ts`);
}

// Runs the main.mjs of a folder, the last argument, as a cell that imports it does.
'use strict';
const path = require('node:path');
const { createModules } = require('../../../kernel-setup/kernel/modules/modules.ts');
const { installTexts } = require('../../../kernel-setup/kernel/stop/texts.ts');

const calls = new Proxy({}, { get: (_, name) => (/^\d+$/.test(String(name)) ? 0 : (/** @type {unknown} */ x) => x) });
Object.defineProperty(globalThis, '__stop__', { value: calls });
installTexts();
const cwd = process.argv[process.argv.length - 1];
createModules({ cwd, root: path.join(__dirname, '..', '..', '..') })
  .import('./main.mjs')
  .catch(error => console.log(error.name, error.code));

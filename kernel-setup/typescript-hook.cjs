// Lets `require` load the project's TypeScript as it stands on disk, with no build step.
// What TypeScript makes of a file is cached by the file's content, so an unchanged file costs one read.
'use strict';
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { threadId } = require('node:worker_threads');

const cache = path.join(__dirname, '..', 'node_modules', '.cache', 'widenet-typescript');

/** @param {string} file @param {string} source */
function transpile(file, source) {
  const ts = require('typescript');
  const { outputText } = ts.transpileModule(source, {
    fileName: file,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true,
      inlineSourceMap: true, inlineSources: true,
    },
  });
  return outputText;
}

require.extensions['.ts'] = function load(/** @type {any} */ module, /** @type {string} */ file) {
  const source = fs.readFileSync(file, 'utf8');
  const key = createHash('sha256').update(__filename).update(file).update('\0').update(source).digest('hex');
  const cached = path.join(cache, `${key}.js`);
  let code;
  try {
    code = fs.readFileSync(cached, 'utf8');
  } catch {
    code = transpile(file, source);
    fs.mkdirSync(cache, { recursive: true });
    const part = `${cached}.${process.pid}.${threadId}.part`;
    fs.writeFileSync(part, code);
    fs.renameSync(part, cached);
  }
  module._compile(code, file);
};

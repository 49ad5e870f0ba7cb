// Lets `require` load the project's TypeScript as it stands on disk, with no build step.
// What TypeScript makes of a file is cached by the file's content, so an unchanged file costs one read.
'use strict';
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { threadId } = require('node:worker_threads');

const cache = path.join(__dirname, '..', 'node_modules', '.cache', 'widenet-typescript');

/** @returns {typeof import('typescript')} */
function compiler() {
  try {
    return require('typescript');
  } catch (/** @type {any} */ error) {
    throw new Error(
      `typescript is not as installed; run \`npm run setup -- --repair\` (${error.message.split('\n')[0]})`,
    );
  }
}

/** @param {string} file @param {string} source */
function transpile(file, source) {
  const ts = compiler();
  const { outputText } = ts.transpileModule(source, {
    fileName: file,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
      inlineSourceMap: true,
      inlineSources: true,
    },
  });
  return outputText;
}

/** @param {string[]} texts */
const hash = (...texts) =>
  texts.reduce((sum, text) => sum.update(text).update('\0'), createHash('sha256')).digest('hex');

/** Code as it is cached: with its own hash behind it, so that a damaged file is not run. @param {string} code */
const sealed = code => `${code}\n//${hash(code)}`;

/** @param {string} cached @returns {string | undefined} */
function readCached(cached) {
  try {
    const text = fs.readFileSync(cached, 'utf8');
    const code = text.slice(0, text.lastIndexOf('\n//'));
    return text === sealed(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Where nothing can be written, the next process transpiles again. @param {string} cached @param {string} code */
function writeCached(cached, code) {
  const part = `${cached}.${process.pid}.${threadId}.part`;
  try {
    fs.mkdirSync(cache, { recursive: true });
    fs.writeFileSync(part, sealed(code));
    fs.renameSync(part, cached);
  } catch (/** @type {any} */ error) {
    if (!error.code) throw error;
  }
}

require.extensions['.ts'] = function load(/** @type {any} */ module, /** @type {string} */ file) {
  const source = fs.readFileSync(file, 'utf8');
  const cached = path.join(cache, `${hash(__filename, file, source)}.js`);
  let code = readCached(cached);
  if (code === undefined) {
    code = transpile(file, source);
    writeCached(cached, code);
  }
  module._compile(code, file);
};

/** The modules that draw figures, as one script for pages that load no modules. */
const { readFileSync } = require('node:fs');
const path = require('node:path');

const shared = ['text.mjs', 'fit.mjs', 'contexts.mjs'];

/**
 * What draws figures in a page (drawing.mjs, page.mjs) or makes pictures of them (picture.mjs), after what both share.
 * @param {string[]} names
 */
exports.scriptOf = (...names) =>
  [...shared, ...names]
    .map(name => readFileSync(path.join(__dirname, name), 'utf8'))
    .map(code => code.replace(/^import .*$/gm, '').replace(/^export (?=(async )?function|const)/gm, ''))
    .map(code => code.replace(/\/\*\*[^]*?\*\/|^\s*\/\/.*$/gm, '').replace(/^\s*\n/gm, ''))
    .join('');

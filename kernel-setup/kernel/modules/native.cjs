// Node.js's own loading of ES modules: in TypeScript that is compiled to CommonJS, `import` becomes `require`.
'use strict';
/** @param {string} url @returns {Promise<Record<string, unknown>>} */
exports.load = url => import(url);

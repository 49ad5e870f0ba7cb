/** A self-contained page with tables and figures, which needs no network. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { scriptOf } from '../plotly-renderer/script.cjs';
import { writeWhole } from '../shared/files.mjs';
import { library } from './library.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * Writes a page. `summary` and `notebooks` are HTML; `figures` are what the boxes of `figureBox` show, by their keys.
 * @param {string} root @param {string} file
 * @param {{ title: string, summary: string, notebooks: string, figures: (readonly [string, unknown])[] }} content
 */
export function writePage(root, file, { title, summary, notebooks, figures }) {
  const parts = {
    title: escaped(title),
    summary,
    notebooks,
    figures: packed(JSON.stringify(Object.fromEntries(figures))),
    plotly: packed(fs.readFileSync(path.join(root, 'node_modules', 'plotly.js-dist', 'plotly.js'))),
    drawing: scriptOf('drawing.mjs', 'page.mjs'),
  };
  const page = fs.readFileSync(path.join(here, 'report.html'), 'utf8');
  writeWhole(
    file,
    page.replace(
      /<!-- (\w+) -->|\/\* (\w+) \*\//g,
      (all, a, b) => parts[/** @type {keyof typeof parts} */ (a ?? b)] ?? all,
    ),
  );
}

/** Where a figure is drawn. @param {string} key @param {string} title */
export const figureBox = (key, title) =>
  `<div class="figure" data-figure="${escaped(key)}" role="figure" aria-label="${escaped(title)}"></div>`;

/** A text for `unpacked` in the page. @param {string | Buffer} text */
const packed = text => gzipSync(text).toString('base64');

/** Any value as the text of a page. @param {unknown} value */
export const escaped = value =>
  library('notebook/html').escapeHtml(
    typeof value === 'string'
      ? value
      : typeof value === 'number'
        ? String(value)
        : JSON.stringify(library('base/lossless-json').encode('report', 'value', value)),
  );

/** A part that opens on a click. @param {string} title @param {string} html */
export const details = (title, html, open = false) =>
  `<details${open ? ' open' : ''}><summary>${escaped(title)}</summary>${html}</details>`;

/** A part of the path in a link. @param {string} name */
export const linked = name => escaped(name.split('/').map(encodeURIComponent).join('/'));

/** @param {string} name @param {unknown} text */
export const marked = (name, text) => ({ html: `<b class="${escaped(name)}">${escaped(text)}</b>` });

/** @param {string} time */
export const minute = time => time.slice(0, 16).replace('T', ' ');

/** @param {string[]} lines */
export const listed = lines =>
  lines.length > 0 ? `<ul>${lines.map(line => `<li>${escaped(line)}</li>`).join('')}</ul>` : '';

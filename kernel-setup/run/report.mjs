/** The report: one self-contained page with every verdict and every figure, which needs no network. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeWhole } from '../shared/files.mjs';
import { differences } from './differences.mjs';
import { whereFailed } from './execute.mjs';
import { library } from './library.mjs';
import { sourceOf } from './notebooks.mjs';
import { outputPaths } from './output-folder.mjs';
import { readParts } from './parts.mjs';

/** @typedef {import('./results.mjs').Result} Result */

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * Writes report/index.html from all results that can be read; of the rest it says what is wrong.
 * @param {string} root @param {string} output @param {{ name: string, result?: Result, problem?: string }[]} outcomes
 */
export function writeReport(root, output, outcomes) {
  const drawn = outcomes.flatMap(({ result }) => (result ? [{ result, ...readParts(output, result) }] : []));
  const figures = drawn.flatMap(({ result, figures }) => [...figures].map(([id, f]) => [`${result.name}/${id}`, f]));
  const page = fs.readFileSync(path.join(here, 'report.html'), 'utf8');
  const parts = {
    summary: summary(outcomes),
    notebooks: drawn.map(section).join('\n'),
    figures: inScript(Object.fromEntries(figures)),
    plotly: fs.readFileSync(path.join(root, 'node_modules', 'plotly.js-dist', 'plotly.js'), 'utf8'),
  };
  writeWhole(
    outputPaths(output).report,
    page.replace(
      /<!-- (\w+) -->|\/\* (\w+) \*\//g,
      (all, a, b) => parts[/** @type {keyof typeof parts} */ (a ?? b)] ?? all,
    ),
  );
}

/** JSON that ends no script and opens no comment. @param {unknown} value */
const inScript = value => JSON.stringify(value).replaceAll('<', '\\u003c');

/** Any value as the text of a page. @param {unknown} value */
const escaped = value =>
  library('notebook/html').escapeHtml(
    typeof value === 'string'
      ? value
      : typeof value === 'number'
        ? String(value)
        : JSON.stringify(library('base/exact').encode('report', 'value', value)),
  );

/** A part of the path in a link. @param {string} name */
const linked = name => escaped(name.split('/').map(encodeURIComponent).join('/'));

/**
 * The first heading of the executed notebook.
 * @param {import('./notebooks.mjs').Notebook | undefined} notebook
 */
function titleOf(notebook) {
  const first = notebook?.cells.find(cell => cell.cell_type === 'markdown');
  return /^#\s+(.+)$/m.exec(first ? sourceOf(first) : '')?.[1].replace(/[*`$\\]/g, '');
}

/** @param {string[]} head @param {string[]} rows */
const table = (head, rows) =>
  `<table><thead><tr>${head.map(h => `<th>${h}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;

/** @param {string} time */
const minute = time => escaped(time.slice(0, 16).replace('T', ' '));

/** @param {{ name: string, result?: Result, problem?: string }[]} outcomes */
function summary(outcomes) {
  const count = (/** @type {Result} */ r, /** @type {string} */ v) => r.claims.filter(c => c.verdict === v).length;
  const rows = outcomes.map(({ name, result: r, problem }) =>
    r
      ? `<tr><td><a href="#${linked(name)}">${escaped(name)}</a></td><td class="${escaped(r.status)}">${escaped(r.status)}</td>` +
        `<td>${count(r, 'holds')}</td><td${count(r, 'fails') === 0 ? '' : ' class="fails"'}>${count(r, 'fails')}</td><td>${count(r, 'not tested')}</td>` +
        `<td>${escaped(r.profile)}</td><td>${escaped(r.seconds)} s</td><td>${minute(r.finished)}</td></tr>`
      : `<tr><td>${escaped(name)}</td><td class="failed" colspan="7">${escaped(`${problem}; run it again`)}</td></tr>`,
  );
  return table(['notebook', 'status', 'holds', 'fails', 'not tested', 'profile', 'time', 'finished (UTC)'], rows);
}

/** @param {{ result: Result } & ReturnType<typeof readParts>} drawn */
function section({ result, notebook, problems }) {
  const { name, failure, settings, figures, versions, claims, partial = [], unreadable = [] } = result;
  return [
    `<section id="${linked(name)}"><h2>${escaped(titleOf(notebook) ?? name)}</h2>`,
    `<p class="facts"><a href="../notebooks/${linked(name)}.ipynb">executed notebook</a></p>`,
    failure &&
      `<p class="fails">Failed ${escaped(whereFailed(failure))}: ${escaped(`${failure.name}: ${failure.message}`)}</p>`,
    ...problems.map(problem => `<p class="fails">Incomplete: ${escaped(problem)}; run it again</p>`),
    claimsTable(claims, unreadable),
    partial.length > 0 &&
      `<details><summary>Not a result: what its cells claimed before it failed</summary>${claimsTable(partial, [])}</details>`,
    `<p class="facts">Settings: ${pairs(settings) || 'none declared'}</p>`,
    changes(result),
    ...figures.map(
      ({ id, title }) =>
        `<div class="figure" data-figure="${escaped(`${name}/${id}`)}" role="img" aria-label="${escaped(title)}"></div>`,
    ),
    `<details><summary>Versions</summary><p class="facts">${pairs(versions)}</p></details></section>`,
  ]
    .filter(Boolean)
    .join('\n');
}

/** @param {Record<string, unknown>} facts */
const pairs = facts =>
  Object.entries(facts)
    .map(([name, value]) => `<span><b>${escaped(name)}</b> ${escaped(value)}</span>`)
    .join(' ');

/**
 * What moved since the run before.
 * @param {Result} result
 */
function changes(result) {
  if (!result.previous) return '';
  const moved = differences(result).map(line => `<li>${escaped(line)}</li>`);
  const since = `Since the run of ${minute(result.previous.finished)}: ${moved.length > 0 ? `${moved.length} differences` : 'nothing moved'}`;
  return `<details${moved.length > 0 ? ' open' : ''}><summary>${since}</summary><ul>${moved.join('')}</ul></details>`;
}

/** @param {import('./results.mjs').Claim[]} claims @param {string[]} unreadable */
function claimsTable(claims, unreadable) {
  const { band, measurement } = library('notebook/verdict');
  if (claims.length === 0 && unreadable.length === 0) return '<p>No claims.</p>';
  const rows = claims.map(
    c =>
      `<tr><td class="${escaped(c.verdict.replace(' ', '-'))}">${escaped(c.verdict)}</td><td>${escaped(c.statement)}${c.note ? ` <i>(${escaped(c.note)})</i>` : ''}</td>` +
      `<td>${escaped(measurement(c))}</td><td>${escaped(band(c.expect))}</td><td>${escaped(c.source)}</td></tr>`,
  );
  const others = unreadable.map(
    problem => `<tr><td class="fails">unreadable</td><td colspan="4">${escaped(problem)}</td></tr>`,
  );
  return table(['verdict', 'claim', 'measured', 'expected', 'source'], [...rows, ...others]);
}

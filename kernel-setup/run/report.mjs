/** The report: one self-contained page with every verdict and every figure, which needs no network. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeWhole } from '../setup/stamp.mjs';
import { placeOf } from './execute.mjs';
import { library } from './library.mjs';
import { readNotebook, sourceOf } from './notebooks.mjs';
import { differences, places } from './results.mjs';

/** @typedef {import('./results.mjs').Result} Result */

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * Writes report/index.html from all results.
 * @param {string} root @param {string} output @param {Result[]} results
 */
export function writeReport(root, output, results) {
  const figures = Object.fromEntries(results.flatMap(({ name, figures }) =>
    figures.map(({ id }) => [`${name}/${id}`, JSON.parse(fs.readFileSync(path.join(places(output).figures(name), `${id}.json`), 'utf8'))])));
  const page = fs.readFileSync(path.join(here, 'report.html'), 'utf8');
  const parts = {
    summary: summary(results),
    notebooks: results.map(result => section(result, titleOf(output, result))).join('\n'),
    figures: JSON.stringify(figures).replaceAll('<', '\\u003c'),
    plotly: fs.readFileSync(path.join(root, 'node_modules', 'plotly.js-dist', 'plotly.js'), 'utf8'),
  };
  writeWhole(places(output).report, page.replace(/<!-- (\w+) -->|\/\* (\w+) \*\//g, (all, a, b) => parts[/** @type {keyof typeof parts} */ (a ?? b)] ?? all));
}

/**
 * The first heading of the executed notebook.
 * @param {string} output @param {Result} result
 */
function titleOf(output, { name }) {
  const first = readNotebook(places(output).notebook(name)).cells.find(cell => cell.cell_type === 'markdown');
  return /^#\s+(.+)$/m.exec(first ? sourceOf(first) : '')?.[1].replace(/[*`$\\]/g, '') ?? name;
}

/** @param {string[]} head @param {string[]} rows */
const table = (head, rows) => `<table><thead><tr>${head.map(h => `<th>${h}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;

/** @param {string} time */
const minute = time => library('html').escapeHtml(time.slice(0, 16).replace('T', ' '));

/** @param {Result[]} results */
function summary(results) {
  const { escapeHtml } = library('html');
  const count = (/** @type {Result} */ r, /** @type {string} */ v) => String(r.claims.filter(c => c.verdict === v).length);
  const rows = results.map(r => `<tr><td><a href="#${escapeHtml(r.name)}">${escapeHtml(r.name)}</a></td><td class="${r.status}">${r.status}</td>`
    + `<td>${count(r, 'holds')}</td><td${count(r, 'fails') === '0' ? '' : ' class="fails"'}>${count(r, 'fails')}</td><td>${count(r, 'not tested')}</td>`
    + `<td>${r.profile}</td><td>${r.seconds} s</td><td>${minute(r.finished)}</td></tr>`);
  return table(['notebook', 'status', 'holds', 'fails', 'not tested', 'profile', 'time', 'finished (UTC)'], rows);
}

/** @param {Result} result @param {string} title */
function section(result, title) {
  const { escapeHtml } = library('html');
  const { name, failure, settings, figures, versions } = result;
  return [
    `<section id="${escapeHtml(name)}"><h2>${escapeHtml(title)}</h2>`,
    `<p class="facts"><a href="../notebooks/${escapeHtml(encodeURI(name))}.ipynb">executed notebook</a></p>`,
    failure && `<p class="fails">Failed ${placeOf(failure)}: ${escapeHtml(`${failure.name}: ${failure.message}`)}</p>`,
    claimsTable(result.claims),
    `<p class="facts">Settings: ${pairs(settings) || 'none declared'}</p>`,
    changes(result),
    ...figures.map(({ id, title }) => `<div class="figure" data-figure="${escapeHtml(`${name}/${id}`)}" role="img" aria-label="${escapeHtml(title)}"></div>`),
    `<details><summary>Versions</summary><p class="facts">${pairs(versions)}</p></details></section>`,
  ].filter(Boolean).join('\n');
}

/** @param {Record<string, unknown>} facts */
function pairs(facts) {
  const { escapeHtml } = library('html');
  const text = (/** @type {unknown} */ value) => escapeHtml(typeof value === 'string' ? value : JSON.stringify(value));
  return Object.entries(facts).map(([name, value]) => `<span><b>${escapeHtml(name)}</b> ${text(value)}</span>`).join(' ');
}

/**
 * What moved since the run before.
 * @param {Result} result
 */
function changes(result) {
  if (!result.previous) return '';
  const moved = differences(result).map(line => `<li>${library('html').escapeHtml(line)}</li>`);
  const since = `Since the run of ${minute(result.previous.finished)}: ${moved.length > 0 ? `${moved.length} differences` : 'nothing moved'}`;
  return `<details${moved.length > 0 ? ' open' : ''}><summary>${since}</summary><ul>${moved.join('')}</ul></details>`;
}

/** @param {import('../../src/verdict').Claim[]} claims */
function claimsTable(claims) {
  const { escapeHtml } = library('html');
  const { band, measurement } = library('verdict');
  if (claims.length === 0) return '<p>No claims.</p>';
  const rows = claims.map(c => `<tr><td class="${c.verdict.replace(' ', '-')}">${c.verdict}</td><td>${escapeHtml(c.statement)}${c.note ? ` <i>(${escapeHtml(c.note)})</i>` : ''}</td>`
    + `<td>${escapeHtml(measurement(c))}</td><td>${escapeHtml(band(c.expect))}</td><td>${escapeHtml(c.source)}</td></tr>`);
  return table(['verdict', 'claim', 'measured', 'expected', 'source'], rows);
}

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
import { isRefuted } from './results.mjs';

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
    summary: `${headline(drawn.map(({ result }) => result))}${summary(outcomes)}`,
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
        : JSON.stringify(library('base/lossless-json').encode('report', 'value', value)),
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

/** @param {string} name @param {unknown} text */
const marked = (name, text) => ({ html: `<b class="${escaped(name)}">${escaped(text)}</b>` });

/** @param {string} time */
const minute = time => time.slice(0, 16).replace('T', ' ');

const kinds = /** @type {const} */ (['claim', 'check']);

/** How many of these hold, marked where one does not. @param {import('./results.mjs').Claim[]} claims */
function count(claims) {
  const said = library('notebook/claims-table').tally(claims);
  return claims.some(isRefuted) ? marked('fails', said) : said;
}

/** How many claims and how many checks all notebooks make, and what became of them. @param {Result[]} results */
function headline(results) {
  const { tally } = library('notebook/claims-table');
  const all = results.flatMap(result => result.claims);
  const parts = kinds.map(kind => {
    const some = all.filter(claim => claim.kind === kind);
    return `${some.length} ${kind}${some.length === 1 ? '' : 's'}: ${tally(some)}`;
  });
  return `<p><b>${escaped(parts.join('. '))}.</b></p>`;
}

/** @param {{ name: string, result?: Result, problem?: string }[]} outcomes */
function summary(outcomes) {
  const head = ['notebook', 'status', 'claims', 'checks', 'profile', 'time', 'finished (UTC)'];
  const rows = outcomes.map(({ name, result, problem }) => {
    if (!result) return [name, marked('failed', `${problem}; run it again`), '', '', '', '', ''];
    const { status, claims, profile, seconds, finished } = result;
    return [
      { html: `<a href="#${linked(name)}">${escaped(name)}</a>` },
      marked(status, status),
      ...kinds.map(kind => count(claims.filter(claim => claim.kind === kind))),
      profile,
      `${seconds} s`,
      minute(finished),
    ];
  });
  return library('notebook/html').htmlTable(head, rows);
}

/** @param {{ result: Result } & ReturnType<typeof readParts>} drawn */
function section({ result, notebook, problems }) {
  const { name, failure, settings, figures, versions, claims, partial = [], unreadable = [] } = result;
  const failed = (/** @type {string} */ text) => `<p class="fails">${escaped(text)}</p>`;
  return [
    `<section id="${linked(name)}"><h2>${escaped(titleOf(notebook) ?? name)}</h2>`,
    `<p class="facts"><a href="../notebooks/${linked(name)}.ipynb">executed notebook</a></p>`,
    failure && failed(`Failed ${whereFailed(failure)}: ${failure.name}: ${failure.message}`),
    ...problems.map(problem => failed(`Incomplete: ${problem}; run it again`)),
    claimsTable(claims, unreadable),
    partial.length > 0 && details('Not a result: what its cells claimed before it failed', claimsTable(partial, [])),
    `<p class="facts">Settings: ${pairs(settings) || 'none declared'}</p>`,
    changes(result),
    ...figures.map(({ id, title }) => {
      const key = escaped(`${name}/${id}`);
      return `<div class="figure" data-figure="${key}" role="img" aria-label="${escaped(title)}"></div>`;
    }),
    `${details('Versions', `<p class="facts">${pairs(versions)}</p>`)}</section>`,
  ]
    .filter(Boolean)
    .join('\n');
}

/** A part that opens on a click. @param {string} title @param {string} html */
const details = (title, html, open = false) =>
  `<details${open ? ' open' : ''}><summary>${escaped(title)}</summary>${html}</details>`;

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
  const count = moved.length > 0 ? `${moved.length} differences` : 'nothing moved';
  const title = `Since the run of ${minute(result.previous.finished)}: ${count}`;
  return details(title, `<ul>${moved.join('')}</ul>`, moved.length > 0);
}

/** @param {import('./results.mjs').Claim[]} claims @param {string[]} unreadable */
function claimsTable(claims, unreadable) {
  if (claims.length === 0 && unreadable.length === 0) return '<p>No claims.</p>';
  const { htmlTable } = library('notebook/html');
  const tables = library('notebook/claims-table').claimsTables(claims);
  const others = unreadable.map(problem => [marked('fails', 'unreadable'), problem]);
  return [
    ...tables.map(({ caption, head, rows }) => {
      const judged = rows.map(([verdict, ...rest]) => [marked(verdict.replace(' ', '-'), verdict), ...rest]);
      return htmlTable(head, judged, caption);
    }),
    others.length > 0 ? htmlTable(['', 'shown as a claim, but none'], others) : '',
  ].join('\n');
}

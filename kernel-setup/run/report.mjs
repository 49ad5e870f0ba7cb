/** The report: one self-contained page with every verdict and every figure, which needs no network. */
import { isDeepStrictEqual } from 'node:util';
import { declared } from './declared.mjs';
import { differences } from './differences.mjs';
import { whereFailed } from './execute.mjs';
import { besideParent, firstText, hypothesis, parentOf } from './fork-report.mjs';
import { agreement, freshVerdicts } from './fresh-seeds.mjs';
import { library } from './library.mjs';
import { outputPaths } from './output-folder.mjs';
import { details, escaped, figureBox, linked, listed, marked, minute, writePage } from './page.mjs';
import { readParts } from './parts.mjs';
import { inline } from './prose.mjs';
import { isRefuted } from './results.mjs';

/**
 * @typedef {import('./results.mjs').Result} Result
 * @typedef {import('./notebooks.mjs').Notebook} Notebook
 */

/**
 * What a notebook has to show: a result, or what is wrong with it, or `committed`, the outputs of the committed
 * notebook, with the results on fresh seeds that can stand beside it, and what is said of those that cannot.
 * @typedef {{
 *   name: string, result?: Result, problem?: string, fresh?: Result[], leftOut?: string[],
 *   committed?: Pick<Result, 'claims' | 'settings'>,
 * }} Outcome
 */

/**
 * Writes report/index.html from all results that can be read; of the rest it says what is wrong.
 * @param {string} root @param {string} output @param {Outcome[]} outcomes
 */
export function writeReport(root, output, outcomes) {
  const drawn = outcomes.map(outcome => {
    if (!outcome.result) return { ...outcome, figures: new Map() };
    const parts = readParts(output, outcome.result);
    return { ...outcome, ...parts, parent: parentOf(root, parts.notebook) };
  });
  writePage(root, outputPaths(output).report, {
    title: 'which claims hold',
    summary: headline(outcomes) + summary(outcomes),
    notebooks: drawn.flatMap(sections).join('\n'),
    figures: drawn.flatMap(({ name, figures }) =>
      [...figures].map(([id, f]) => /** @type {const} */ ([`${name}/${id}`, f])),
    ),
  });
}

/** The first heading of the executed notebook. @param {Notebook | undefined} notebook */
const titleOf = notebook => /^#\s+(.+)$/m.exec(firstText(notebook))?.[1];

const kinds = /** @type {const} */ (['claim', 'check']);

/** How many of these hold, marked where one does not. @param {import('./results.mjs').Claim[]} claims */
function count(claims) {
  const said = library('notebook/claims-table').tally(claims);
  return claims.some(isRefuted) ? marked('fails', said) : said;
}

/**
 * How many claims and how many checks all notebooks make, what became of them, and how many hold on fresh seeds too.
 * @param {Outcome[]} outcomes
 */
function headline(outcomes) {
  const { tally } = library('notebook/claims-table');
  const shown = outcomes.map(({ name, result, committed }) => ({ name, claims: (result ?? committed)?.claims ?? [] }));
  const all = shown.flatMap(({ claims }) => claims);
  const parts = kinds.map(kind => {
    const some = all.filter(claim => claim.kind === kind);
    return `${some.length} ${kind}${some.length === 1 ? '' : 's'}: ${tally(some)}.`;
  });
  const fresh = outcomes.flatMap(outcome => outcome.fresh ?? []);
  const { said, others } = agreement(shown, fresh);
  const failed = outcomes.filter(({ result, problem }) => problem || result?.status === 'failed');
  return [
    `<p><b>${escaped(parts.join(' '))}</b></p>`,
    failed.length > 0 ? `<p class="fails">Failed: ${escaped(failed.map(({ name }) => name).join(', '))}.</p>` : '',
    fresh.length > 0 ? `<p>${escaped(`${said}${others.length > 0 ? ', not:' : '.'}`)}</p>${listed(others)}` : '',
  ].join('');
}

/** @param {Outcome[]} outcomes */
function summary(outcomes) {
  const head = ['notebook', 'status', 'claims', 'checks', 'profile', 'time', 'finished (UTC)'];
  const rows = outcomes.map(({ name, result, problem, committed }) => {
    if (problem) return [name, marked('failed', `${problem}; run it again`), '', '', '', '', ''];
    const { claims } = /** @type {Pick<Result, 'claims'>} */ (result ?? committed);
    return [
      { html: `<a href="#${linked(name)}">${escaped(name)}</a>` },
      result ? marked(result.status, result.status) : 'as committed',
      ...kinds.map(kind => count(claims.filter(claim => claim.kind === kind))),
      ...(result ? [result.profile, `${result.seconds} s`, minute(result.finished)] : ['', '', '']),
    ];
  });
  return library('notebook/html').htmlTable(head, rows);
}

/** @param {Outcome & Partial<ReturnType<typeof readParts>> & { parent?: import('./fork-report.mjs').Parent }} drawn */
function sections({ name, result, committed, fresh = [], leftOut = [], notebook, problems = [], parent }) {
  if (result) return [section({ result, fresh, leftOut, notebook, problems, parent })];
  if (!committed) return [];
  return [
    `<section id="${linked(name)}"><h2>${escaped(name)}</h2>`,
    '<p class="facts">As the committed notebook shows it; only fresh seeds were run here.</p>',
    `${claimsTable(committed.claims, [], fresh)}${freshFacts(fresh, leftOut)}</section>`,
  ];
}

/**
 * Where the notebooks executed on fresh seeds are, and which of them do not stand in the table.
 * @param {Result[]} fresh @param {string[]} leftOut
 */
function freshFacts(fresh, leftOut) {
  const files = fresh.map(({ name, settings }) => {
    const set = escaped(settings.firstSeed);
    return `from ${set} on (<code>fresh-seeds/${set}/notebooks/${escaped(name)}.ipynb</code>)`;
  });
  return [
    fresh.length > 0 ? `<p class="facts">Executed on fresh seeds: ${files.join(', ')}</p>` : '',
    leftOut.length > 0 ? `<p class="facts">Fresh seeds that are not in the table:</p>${listed(leftOut)}` : '',
  ].join('');
}

/**
 * @typedef {Pick<ReturnType<typeof readParts>, 'notebook' | 'problems'>} Parts
 * @param {{
 *   result: Result, fresh: Result[], leftOut: string[], parent?: import('./fork-report.mjs').Parent,
 * } & Parts} drawn
 */
function section({ result, fresh, leftOut, notebook, problems, parent }) {
  const { name, failure, figures, versions, claims, partial = [], unreadable = [] } = result;
  const failed = (/** @type {string} */ text) => `<p class="fails">${escaped(text)}</p>`;
  return [
    `<section id="${linked(name)}"><h2>${inline(titleOf(notebook) ?? name)}</h2>`,
    `<p class="facts">The executed notebook is a file of its own, in the folder of this run: `,
    `<code>notebooks/${escaped(name)}.ipynb</code></p>`,
    hypothesis(name, notebook),
    failure && failed(`Failed ${whereFailed(failure)}: ${failure.name}: ${failure.message}`),
    ...problems.map(problem => failed(`Incomplete: ${problem}; run it again`)),
    claimsTable(claims, unreadable, fresh),
    freshFacts(fresh, leftOut),
    besideParent(result, parent),
    partial.length > 0 &&
      details('Not a result: what its cells claimed before it failed', claimsTable(partial, [], [])),
    settingsFacts(result, notebook),
    changes(result),
    ...figures.map(({ id, title }) => figureBox(`${name}/${id}`, title)),
    `${details('Versions', `<p class="facts">${pairs(versions)}</p>`)}</section>`,
  ]
    .filter(Boolean)
    .join('\n');
}

/**
 * The parameters, and which of them are others than the notebook declares for its profile.
 * @param {Result} result @param {Notebook | undefined} notebook
 */
function settingsFacts({ settings, profile }, notebook) {
  const { parameters } = notebook ? declared(notebook) : {};
  const own = { ...parameters?.quick, ...(profile === 'full' && parameters?.full) };
  const set = Object.keys(own).filter(name => name in settings && !isDeepStrictEqual(settings[name], own[name]));
  const chosen = set.length > 0 ? `, with --set ${set.join(', ')}` : '';
  return `<p class="facts">Settings (profile ${escaped(profile)}${escaped(chosen)}): ${pairs(settings) || 'none declared'}</p>`;
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
  const moved = differences(result);
  const count = moved.length > 0 ? `${moved.length} differences` : 'nothing moved';
  const title = `Since the run of ${minute(result.previous.finished)}: ${count}`;
  return details(title, listed(moved), moved.length > 0);
}

/** The head of the column of alternatives, which the report shows a line each. */
const failing = 'what would have failed';

/** @param {string[]} lines @param {string} none */
const inLines = (lines, none = '') => ({
  html: lines.map(line => `<div>${escaped(line)}</div>`).join('') || escaped(none),
});

/**
 * @param {import('./results.mjs').Claim[]} claims @param {string[]} unreadable
 * @param {Result[]} fresh results on fresh seeds, for a column of their own
 */
function claimsTable(claims, unreadable, fresh) {
  if (claims.length === 0 && unreadable.length === 0) return '<p>No claims.</p>';
  const { htmlTable } = library('notebook/html');
  const { alternatives, claimsTables } = library('notebook/claims-table');
  const others = unreadable.map(problem => [marked('fails', 'unreadable'), problem]);
  return [
    ...claimsTables(claims).map(({ caption, head, rows, claims }) => {
      const judged = rows.map(([verdict, ...rest], i) => [
        marked(verdict.replace(' ', '-'), verdict),
        ...rest.map((text, j) => (head[j + 1] === failing ? inLines(alternatives(claims[i]), text) : text)),
        ...(fresh.length > 0 ? [inLines(freshVerdicts(claims[i], fresh))] : []),
      ]);
      return htmlTable([...head, ...(fresh.length > 0 ? ['on fresh seeds'] : [])], judged, caption);
    }),
    others.length > 0 ? htmlTable(['', 'shown as a claim, but none'], others) : '',
  ].join('\n');
}

/** Two runs laid side by side: what was set, what each found of each claim, and the figures of both. */
import { whereFailed } from './execute.mjs';
import { library } from './library.mjs';
import { allNotebooks } from './notebooks.mjs';
import { escaped, figureBox, linked, listed, marked, minute, writePage } from './page.mjs';
import { readParts } from './parts.mjs';
import { storedResult } from './results.mjs';

/**
 * @typedef {import('./results.mjs').Result} Result
 * @typedef {import('./results.mjs').Claim} Claim
 * @typedef {{ name: string, output: string }} Run
 * @typedef {{ run: Run, result: Result, figures: { key: string, title: string, figure: unknown }[] }} Side
 */

/**
 * The notebooks of which both runs have results, and why others are left out.
 * @param {string} root @param {[Run, Run]} runs
 */
export function inBoth(root, runs) {
  const found = allNotebooks(root).map(({ name }) => ({
    name,
    sides: runs.map(run => ({ run, ...storedResult(run.output, name) })),
  }));
  const some = found.filter(({ sides }) => sides.some(({ result, problem }) => result || problem));
  const isWhole = (/** @type {typeof found[0]} */ { sides }) => sides.every(({ result }) => result);
  return {
    pairs: some.filter(isWhole).map(({ sides: [a, b] }) => /** @type {[Side, Side]} */ ([drawn(a), drawn(b)])),
    leftOut: some
      .filter(notebook => !isWhole(notebook))
      .map(({ name, sides }) => {
        const { run, problem } = /** @type {typeof sides[0]} */ (sides.find(({ result }) => !result));
        return `${name}: ${problem ?? 'not run'} in ${run.name}`;
      }),
  };
}

/** @param {{ run: Run, result?: Result }} side @returns {Side} */
function drawn({ run, result: some }) {
  const result = /** @type {Result} */ (some);
  const { figures } = readParts(run.output, result);
  return {
    run,
    result,
    figures: result.figures.map(({ id, title }) => ({
      key: `${run.name}/${result.name}/${id}`,
      title,
      figure: figures.get(id),
    })),
  };
}

/**
 * Writes the page of two runs.
 * @param {string} root @param {string} file @param {ReturnType<typeof inBoth>} found
 */
export function writeTwoRuns(root, file, { pairs, leftOut }) {
  const [[{ run: first }, { run: second }]] = pairs;
  writePage(root, file, {
    title: `${first.name} beside ${second.name}`,
    summary: leftOut.length > 0 ? `<p>Left out:</p>${listed(leftOut)}` : '',
    notebooks: pairs.map(section).join('\n'),
    figures: pairs
      .flat()
      .flatMap(({ figures }) => figures.map(({ key, figure }) => /** @type {const} */ ([key, figure]))),
  });
}

/** @param {[Side, Side]} sides */
function section(sides) {
  const [{ result }] = sides;
  const failures = sides.flatMap(({ run, result: { failure } }) =>
    failure ? `<p class="fails">${escaped(`${run.name} failed ${whereFailed(failure)}: ${failure.message}`)}</p>` : [],
  );
  return [
    `<section id="${linked(result.name)}"><h2>${escaped(result.name)}</h2>`,
    ...failures,
    settings(sides),
    verdicts(sides),
    ...figures(sides),
    '</section>',
  ].join('\n');
}

/** @param {[Half, Half]} sides */
const head = sides => sides.map(({ run }) => run.name);

/** A table whose rows begin with what is compared. @param {Parameters<ReturnType<typeof html>['htmlTable']>} table */
const ofTwo = (...table) => `<div class="two">${html().htmlTable(...table)}</div>`;

const html = () => library('notebook/html');

/**
 * What a table of two runs needs of each: a column's head and the results.
 * @typedef {{ run: { name: string }, result: Pick<Result, 'claims' | 'settings' | 'profile'> & Partial<Result> }} Half
 */

/** What differs between the runs, settings first. @param {[Half, Half]} sides */
export function settings(sides) {
  const facts = sides.map(({ result: { settings, profile, code, finished } }) => ({
    ...settings,
    profile,
    ...(code !== undefined && { code }),
    ...(finished !== undefined && { 'finished (UTC)': minute(finished) }),
  }));
  const said = (/** @type {unknown} */ value) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? '-'));
  const names = [...new Set(facts.flatMap(one => Object.keys(one)))];
  const rows = names
    .map(name => [name, ...facts.map(one => said(/** @type {Record<string, unknown>} */ (one)[name]))])
    .filter(([, a, b]) => a !== b);
  const same = names.length - rows.length;
  return ofTwo(['', ...head(sides)], rows, `Settings that differ; ${same} are the same`);
}

/** The claims of both, row by row. @param {[Half, Half]} sides */
export function verdicts(sides) {
  const { band } = library('notebook/expectation');
  const { measurement } = library('notebook/verdict');
  const [first, second] = sides.map(({ result }) => new Map(result.claims.map(claim => [claim.id, claim])));
  const ids = [...new Set([...first.keys(), ...second.keys()])];
  const verdict = (/** @type {Claim | undefined} */ claim) =>
    claim ? marked(claim.verdict.replace(' ', '-'), claim.verdict) : '-';
  const values = (/** @type {Claim | undefined} */ claim) =>
    claim?.measured === undefined
      ? '-'
      : `${measurement(claim.measured, claim.expect)}, expected ${band(claim.expect)}`;
  const rows = ids.map(id => {
    const [a, b] = [first.get(id), second.get(id)];
    return [/** @type {Claim} */ (a ?? b).statement, verdict(a), values(a), verdict(b), values(b)];
  });
  const turned = ids.filter(id => first.get(id)?.verdict !== second.get(id)?.verdict).length;
  const caption = `Verdicts: ${turned === 0 ? 'all the same' : `${turned} of ${ids.length} differ`}`;
  const [a, b] = head(sides);
  return ofTwo(['claim', a, 'measured', b, 'measured'], rows, caption);
}

/** Whether a figure has panels beside each other, which half a page is too narrow for. @param {unknown} figure */
function hasPanels(figure) {
  const { isObject } = library('base/check');
  const layout = isObject(figure) && isObject(figure.layout) ? figure.layout : {};
  const axes = Object.keys(layout).filter(name => /^xaxis\d*$/.test(name));
  return new Set(axes.map(name => layout[name]?.domain?.[0] ?? 0)).size > 1;
}

/** The figures by their titles, of several with one title the second beside the second. @param {[Side, Side]} sides */
function figures(sides) {
  const [first, second] = sides.map(({ figures }) => {
    /** @type {Map<string, number>} */
    const counts = new Map();
    return new Map(
      figures.map(figure => {
        const count = (counts.get(figure.title) ?? 0) + 1;
        counts.set(figure.title, count);
        return [`${figure.title} ${count}`, figure];
      }),
    );
  });
  return [...new Set([...first.keys(), ...second.keys()])].map(key => {
    const boxes = [first, second].map((side, i) => {
      const one = side.get(key);
      const shown = one
        ? figureBox(one.key, `${one.title}, ${sides[i].run.name}`)
        : '<p class="facts">no such figure</p>';
      return `<div><p class="facts"><b>${escaped(sides[i].run.name)}</b></p>${shown}</div>`;
    });
    const isWide = [first, second].some(side => hasPanels(side.get(key)?.figure));
    return `<div class="pair${isWide ? ' wide' : ''}">${boxes.join('')}</div>`;
  });
}

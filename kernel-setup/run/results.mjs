/** The output folder: one result a notebook, written whole, and what is made of all of them. */
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { writeWhole } from '../setup/stamp.mjs';
import { library } from './library.mjs';
import { readNotebook } from './notebooks.mjs';

/**
 * The outcome of one notebook. `key` is a hash of all that decides it; `cells` are the seconds of its code cells;
 * `unreadable` says what was shown as a claim and is none; `previous` is what the run before it found. A notebook that
 * failed has no claims: what its cells claimed before that is `partial`.
 * @typedef {import('../../src/notebook/verdict').Claim} Claim
 * @typedef {{
 * name: string, key: string, status: 'done' | 'failed', failure?: import('./execute.mjs').Failure, finished: string,
 * seconds: number, cells: number[],
 *   profile: string, settings: Record<string, unknown>, claims: Claim[], partial?: Claim[], unreadable?: string[],
 *   known: string[], figures: { id: string, title: string }[], versions: Record<string, string>,
 *   previous?: { finished: string, profile: string, settings: Record<string, unknown>, claims: Claim[] },
 * }} Result
 */

/**
 * Whether all cells ran, every claim can be read, and none fails but those that the committed notebook shows as failing
 * too (`known`).
 * @param {Result} result
 */
export const passes = ({ status, claims, known, unreadable = [] }) =>
  status === 'done' &&
  unreadable.length === 0 &&
  claims.every(claim => claim.verdict !== 'fails' || known.includes(claim.id));

/**
 * The places in an output folder.
 * @param {string} output
 */
export const places = output => ({
  notebook: (/** @type {string} */ name) => path.join(output, 'notebooks', `${name}.ipynb`),
  figures: (/** @type {string} */ name) => path.join(output, 'figures', name),
  result: (/** @type {string} */ name) => path.join(output, 'results', `${name}.json`),
  rows: path.join(output, 'rows'),
  claims: path.join(output, 'claims.json'),
  report: path.join(output, 'report', 'index.html'),
  /** A result with its notebook and figures, complete, on its way to their places. */
  staged: (/** @type {string} */ name) => path.join(output, '.staged', encodeURIComponent(name)),
});

/**
 * A notebook's result as it lies on the disk: none, `result`, or `problem` when it is damaged.
 * @param {string} output @param {string} name
 * @returns {{ result?: Result, problem?: string }}
 */
export function storedResult(output, name) {
  const file = places(output).result(name);
  if (!fs.existsSync(file)) return {};
  try {
    const result = /** @type {Result} */ (library('base/exact').decode(JSON.parse(fs.readFileSync(file, 'utf8'))));
    const problem = shapeProblem(result, name);
    return problem ? { problem: `its result is damaged: ${problem}` } : { result };
  } catch (error) {
    return { problem: `its result is damaged: ${/** @type {Error} */ (error).message}` };
  }
}

/** @param {any} result @param {string} name */
function shapeProblem(result, name) {
  const { claimProblem } = library('notebook/verdict');
  const isRecord = (/** @type {any} */ value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const isText = (/** @type {any} */ value) => typeof value === 'string';
  const isFailure = (/** @type {any} */ f) =>
    isRecord(f) && Number.isInteger(f.cell) && isText(f.name) && isText(f.message) && Array.isArray(f.traceback);
  const isFigure = (/** @type {any} */ f) => isRecord(f) && isText(f.id) && /^[\w-]+$/.test(f.id) && isText(f.title);
  /** @type {[string, boolean][]} */
  const parts = [
    ['name', result.name === name],
    ['key', isText(result.key)],
    ['status', result.status === 'done' || (result.status === 'failed' && isFailure(result.failure))],
    ['finished', isText(result.finished)],
    ['seconds', typeof result.seconds === 'number'],
    ['cells', Array.isArray(result.cells) && result.cells.every((/** @type {any} */ s) => typeof s === 'number')],
    ['profile', isText(result.profile)],
    ['settings', isRecord(result.settings)],
    ['versions', isRecord(result.versions)],
    ['known', Array.isArray(result.known) && result.known.every(isText)],
    ['figures', Array.isArray(result.figures) && result.figures.every(isFigure)],
    [
      'unreadable',
      result.unreadable === undefined || (Array.isArray(result.unreadable) && result.unreadable.every(isText)),
    ],
    [
      'previous',
      result.previous === undefined ||
        (isText(result.previous.finished) && isText(result.previous.profile) && isRecord(result.previous.settings)),
    ],
  ];
  const wrong = parts.find(([, right]) => !right)?.[0];
  return wrong
    ? `${wrong} is ${JSON.stringify(result[wrong])?.slice(0, 80)}`
    : [...result.claims, ...(result.partial ?? []), ...(result.previous?.claims ?? [])].map(claimProblem).find(Boolean);
}

/**
 * The stored result; undefined when there is none. One that is damaged, or of another shape, is set aside under another
 * name, and that is said.
 * @param {string} output @param {string} name
 * @returns {Result | undefined}
 */
export function readResult(output, name) {
  const { result, problem } = storedResult(output, name);
  if (problem) {
    const file = places(output).result(name);
    const aside = `${file}.damaged-${Date.now()}`;
    fs.renameSync(file, aside);
    console.warn(
      `the stored result of ${name} is damaged or of another version and does not count; it is kept as ${aside}`,
    );
  }
  return result;
}

/**
 * What is missing or damaged among the files that a result stands for.
 * @param {string} output @param {Result} result
 * @returns {string[]}
 */
export function missingParts(output, { name, figures }) {
  const at = places(output);
  const damaged = (/** @type {string} */ file, /** @type {(file: string) => unknown} */ read) => {
    try {
      read(file);
      return [];
    } catch (error) {
      const why = /** @type {Error} */ (error).message.split('\n')[0].replace(`${file} `, '');
      return [`${path.relative(output, file)} is ${fs.existsSync(file) ? `damaged: ${why}` : 'missing'}`];
    }
  };
  return [
    ...damaged(at.notebook(name), readNotebook),
    ...figures.flatMap(({ id }) => damaged(path.join(at.figures(name), `${id}.json`), readFigure)),
  ];
}

/** @param {string} file @returns {import('./draw.mjs').FigureJson} */
export function readFigure(file) {
  const figure = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (!Array.isArray(figure?.data)) throw new Error('it is no figure: it has no list `data`');
  return figure;
}

/**
 * JSON that keeps the bits of numbers, without keys that have no value.
 * @param {Record<string, unknown>} value
 */
const written = value =>
  library('base/exact').encode(
    'result',
    'result',
    Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)),
  );

/**
 * Brings what is staged to its places. It is called again after a kill, whenever that came: the folder in `staged`
 * appears in one go, whole, so that what lies in the places is all of the old result or becomes all of the new one.
 * @param {string} output @param {string} name
 */
export function settle(output, name) {
  const at = places(output);
  const staged = at.staged(name);
  fs.rmSync(`${staged}.part`, { recursive: true, force: true });
  for (const [part, place] of [
    ['figures', at.figures(name)],
    ['notebook.ipynb', at.notebook(name)],
    ['result.json', at.result(name)],
  ]) {
    const from = path.join(staged, part);
    if (!fs.existsSync(from)) continue;
    fs.rmSync(place, { recursive: true, force: true });
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.renameSync(from, place);
  }
  fs.rmSync(staged, { recursive: true, force: true });
}

/**
 * Writes a result, keeping of the last one that succeeded what differences are told from; `file` is its place unless it
 * is staged.
 * @param {string} output @param {Result} result
 */
export function writeResult(output, result, file = places(output).result(result.name)) {
  const earlier = readResult(output, result.name);
  const previous =
    earlier?.status === 'failed'
      ? earlier.previous
      : earlier && {
          finished: earlier.finished,
          profile: earlier.profile,
          settings: earlier.settings,
          claims: earlier.claims,
        };
  writeWhole(file, `${JSON.stringify(written({ ...result, previous }), null, 1)}\n`);
}

/**
 * claims.json: every claim with its measured values and band, and the settings, seeds among them, and versions it was
 * made with.
 * @param {string} output @param {Result[]} results
 */
export function writeClaims(output, results) {
  const notebooks = results.map(
    ({ name, status, failure, finished, seconds, profile, settings, versions, claims, partial, unreadable }) =>
      written({ name, status, failure, finished, seconds, profile, settings, versions, claims, partial, unreadable }),
  );
  writeWhole(places(output).claims, `${JSON.stringify({ notebooks }, null, 1)}\n`);
}

/**
 * What moved since the run before, one line each.
 * @param {Result} result
 * @returns {string[]}
 */
export function differences({ previous, profile, settings, claims }) {
  if (!previous) return [];
  const setting = (/** @type {Record<string, unknown>} */ from, /** @type {string} */ name) =>
    JSON.stringify(from[name]) ?? 'absent';
  const names = [...new Set([...Object.keys(previous.settings), ...Object.keys(settings)])];
  const before = new Map(previous.claims.map(claim => [claim.id, claim]));
  const after = new Set(claims.map(claim => claim.id));
  return [
    ...(previous.profile === profile ? [] : [`profile: ${previous.profile} -> ${profile}`]),
    ...names
      .filter(name => setting(previous.settings, name) !== setting(settings, name))
      .map(name => `${name}: ${setting(previous.settings, name)} -> ${setting(settings, name)}`),
    ...claims.flatMap(claim => claimDifference(before.get(claim.id), claim)),
    ...previous.claims
      .filter(claim => !after.has(claim.id))
      .map(claim => `${claim.id}: gone (it was: ${claim.verdict})`),
  ];
}

/** @param {Claim | undefined} before @param {Claim} after */
function claimDifference(before, after) {
  if (!before) return [`${after.id}: new, ${after.verdict}`];
  if (before.verdict !== after.verdict) return [`${after.id}: ${before.verdict} -> ${after.verdict}`];
  return isDeepStrictEqual(before.measured, after.measured)
    ? []
    : [`${after.id}: still ${after.verdict}, measured values moved`];
}

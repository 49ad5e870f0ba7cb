/** The result of each notebook, as it is stored in the output folder, and claims.json, which is made of all of them. */
import fs from 'node:fs';
import { writeWhole } from '../shared/files.mjs';
import { library } from './library.mjs';
import { outputPaths } from './output-folder.mjs';

/**
 * The outcome of one notebook. `key` is a hash of all that decides it, `code` one of its cells and the library; `cells`
 * are the seconds of its code cells; `unreadable` says what was shown as a claim and is none; `previous` is what the
 * run before it found. A notebook that failed has no claims: what its cells claimed before that is `partial`.
 * @typedef {import('../../src/notebook/verdict').Claim} Claim
 * @typedef {{
 *   name: string, key: string, code: string, status: 'done' | 'failed', failure?: import('./execute.mjs').Failure,
 *   finished: string, seconds: number, cells: number[], profile: string, settings: Record<string, unknown>,
 *   claims: Claim[], partial?: Claim[], unreadable?: string[],
 *   known: string[], figures: { id: string, title: string }[], versions: Record<string, string>,
 *   previous?: { finished: string, profile: string, settings: Record<string, unknown>, claims: Claim[] },
 * }} Result
 */

/**
 * Whether a claim was tested and not confirmed: its numbers lie outside the band, or those of an alternative inside.
 * @param {Claim} claim
 */
export const isRefuted = ({ verdict }) => verdict === 'fails' || verdict === 'undecided';

/** Whether any finite number was measured. @param {Claim | undefined} claim */
const hasNumbers = claim => [claim?.measured ?? []].flat().some(Number.isFinite);

/**
 * The claims that `committed` does not show as confirmed either. One that measured numbers there and none now fails in
 * another way, and is not among them.
 * @param {Claim[]} committed @param {Claim[]} claims
 */
export const knownIn = (committed, claims) =>
  committed
    .filter(isRefuted)
    .filter(before => !hasNumbers(before) || hasNumbers(claims.find(({ id }) => id === before.id)))
    .map(({ id }) => id);

/**
 * Whether all cells ran, every claim can be read, and all are confirmed but those that the committed notebook does not
 * show as confirmed either (`known`, as `knownIn` gives them).
 * @param {Result} result
 */
export const passes = ({ status, claims, known, unreadable = [] }) =>
  status === 'done' && unreadable.length === 0 && claims.every(claim => !isRefuted(claim) || known.includes(claim.id));

/**
 * A notebook's result as it lies on the disk: none, `result`, or `problem` when it is damaged.
 * @param {string} output @param {string} name
 * @returns {{ result?: Result, problem?: string }}
 */
export function storedResult(output, name) {
  const file = outputPaths(output).result(name);
  if (!fs.existsSync(file)) return {};
  try {
    const result = /** @type {Result} */ (
      library('base/lossless-json').decode(JSON.parse(fs.readFileSync(file, 'utf8')))
    );
    const problem = shapeProblem(result, name);
    return problem ? { problem: `its result is damaged: ${problem}` } : { result };
  } catch (error) {
    return { problem: `its result is damaged: ${/** @type {Error} */ (error).message}` };
  }
}

/** @param {any} result @param {string} name */
function shapeProblem(result, name) {
  const { claimProblem } = library('notebook/verdict');
  const { isObject } = library('base/check');
  const isText = (/** @type {any} */ value) => typeof value === 'string';
  const isFailure = (/** @type {any} */ f) =>
    isObject(f) && Number.isInteger(f.cell) && isText(f.name) && isText(f.message) && Array.isArray(f.traceback);
  const isFigure = (/** @type {any} */ f) => isObject(f) && isText(f.id) && /^[\w-]+$/.test(f.id) && isText(f.title);
  /** @type {[string, boolean][]} */
  const parts = [
    ['name', result.name === name],
    ['key', isText(result.key)],
    ['code', isText(result.code)],
    ['status', result.status === 'done' || (result.status === 'failed' && isFailure(result.failure))],
    ['finished', isText(result.finished)],
    ['seconds', typeof result.seconds === 'number'],
    ['cells', Array.isArray(result.cells) && result.cells.every((/** @type {any} */ s) => typeof s === 'number')],
    ['profile', isText(result.profile)],
    ['settings', isObject(result.settings)],
    ['versions', isObject(result.versions)],
    ['known', Array.isArray(result.known) && result.known.every(isText)],
    ['figures', Array.isArray(result.figures) && result.figures.every(isFigure)],
    [
      'unreadable',
      result.unreadable === undefined || (Array.isArray(result.unreadable) && result.unreadable.every(isText)),
    ],
    [
      'previous',
      result.previous === undefined ||
        (isText(result.previous.finished) && isText(result.previous.profile) && isObject(result.previous.settings)),
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
    const file = outputPaths(output).result(name);
    const aside = `${file}.damaged-${Date.now()}`;
    fs.renameSync(file, aside);
    console.warn(
      `the stored result of ${name} is damaged or of another version and does not count; it is kept as ${aside}`,
    );
  }
  return result;
}

/**
 * JSON that keeps the bits of numbers, without keys that have no value.
 * @param {Record<string, unknown>} value
 */
const written = value =>
  library('base/lossless-json').encode(
    'result',
    'result',
    Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)),
  );

/**
 * Writes a result to a file.
 * @param {string} file @param {Result} result
 */
export const writeResult = (file, result) => writeWhole(file, `${JSON.stringify(written(result), null, 1)}\n`);

/**
 * What the next result keeps of an earlier one, so that it can tell the differences: of the last run that succeeded.
 * @param {Result | undefined} earlier
 * @returns {Result['previous']}
 */
export function previousOf(earlier) {
  if (!earlier || earlier.status === 'failed') return earlier?.previous;
  const { finished, profile, settings, claims } = earlier;
  return { finished, profile, settings, claims };
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
  writeWhole(outputPaths(output).claims, `${JSON.stringify({ notebooks }, null, 1)}\n`);
}

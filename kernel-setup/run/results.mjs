/** The output folder: one result a notebook, written whole, and what is made of all of them. */
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { writeWhole } from '../setup/stamp.mjs';
import { library } from './library.mjs';
import { Refusal } from './refusal.mjs';

/**
 * The outcome of one notebook. `key` is a hash of all that decides it; `cells` are the seconds of its code cells;
 * `previous` is what the run before it found.
 * @typedef {import('../../src/verdict').Claim} Claim
 * @typedef {{
 *   name: string, key: string, status: 'done' | 'failed', failure?: import('./execute.mjs').Failure, finished: string, seconds: number, cells: number[],
 *   profile: string, settings: Record<string, unknown>, claims: Claim[], known: string[], figures: { id: string, title: string }[], versions: Record<string, string>,
 *   previous?: { finished: string, profile: string, settings: Record<string, unknown>, claims: Claim[] },
 * }} Result
 */

/**
 * Whether all cells ran and no claim fails but those that the committed notebook shows as failing too (`known`).
 * @param {Result} result
 */
export const passes = ({ status, claims, known }) => status === 'done' && claims.every(claim => claim.verdict !== 'fails' || known.includes(claim.id));

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
});

/**
 * Makes the folder and sees that it can be written.
 * @param {string} output
 */
export function prepareOutput(output) {
  try {
    fs.mkdirSync(output, { recursive: true });
    fs.accessSync(output, fs.constants.W_OK);
    fs.writeFileSync(path.join(output, '.writable'), '');
    fs.rmSync(path.join(output, '.writable'));
  } catch (error) {
    throw new Refusal(`cannot write to the output folder ${output} (${/** @type {NodeJS.ErrnoException} */ (error).code})`, 'make it writable, or name another one: --output <folder>');
  }
}

/**
 * The stored result; undefined when there is none. One that is damaged, or of another shape, is set aside under another name, and that
 * is said.
 * @param {string} output @param {string} name
 * @returns {Result | undefined}
 */
export function readResult(output, name) {
  const file = places(output).result(name);
  if (!fs.existsSync(file)) return undefined;
  try {
    const result = library('exact').decode(JSON.parse(fs.readFileSync(file, 'utf8')));
    if (isResult(result, name)) return result;
  } catch {
    // Said below, with those that can be read and are no results.
  }
  const aside = `${file}.damaged-${Date.now()}`;
  fs.renameSync(file, aside);
  console.warn(`the stored result of ${name} is damaged or of another version and does not count; it is kept as ${aside}`);
  return undefined;
}

/** @param {any} value @param {string} name @returns {value is Result} */
function isResult(value, name) {
  const isObject = (/** @type {unknown} */ v) => typeof v === 'object' && v !== null && !Array.isArray(v);
  const isTexts = (/** @type {unknown} */ v) => Array.isArray(v) && v.every(text => typeof text === 'string');
  const isRun = (/** @type {any} */ v) => isObject(v) && typeof v.finished === 'string' && typeof v.profile === 'string' && isObject(v.settings)
    && Array.isArray(v.claims) && v.claims.every(library('verdict').isClaim);
  const isFailure = (/** @type {any} */ v) => isObject(v) && Number.isInteger(v.cell) && isTexts([v.name, v.message]) && isTexts(v.traceback);
  return isRun(value) && value.name === name && typeof value.key === 'string'
    && ['done', 'failed'].includes(value.status) && (value.failure === undefined || isFailure(value.failure))
    && typeof value.seconds === 'number' && Array.isArray(value.cells) && value.cells.every((/** @type {unknown} */ s) => typeof s === 'number') && isTexts(value.known)
    && Array.isArray(value.figures) && value.figures.every((/** @type {any} */ f) => isObject(f) && isTexts([f.id, f.title]))
    && isObject(value.versions) && isTexts(Object.values(value.versions)) && (value.previous === undefined || isRun(value.previous));
}

/**
 * JSON that keeps the bits of numbers, without keys that have no value.
 * @param {Record<string, unknown>} value
 */
const written = value => library('exact').encode('result', 'result', Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)));

/**
 * Writes a result, keeping of the last one that succeeded what differences are told from.
 * @param {string} output @param {Result} result
 */
export function writeResult(output, result) {
  const earlier = readResult(output, result.name);
  const previous = earlier?.status === 'failed' ? earlier.previous : earlier && { finished: earlier.finished, profile: earlier.profile, settings: earlier.settings, claims: earlier.claims };
  writeWhole(places(output).result(result.name), `${JSON.stringify(written({ ...result, previous }), null, 1)}\n`);
}

/**
 * claims.json: every claim with its measured values and band, and the settings, seeds among them, and versions it was made with.
 * @param {string} output @param {Result[]} results
 */
export function writeClaims(output, results) {
  const notebooks = results.map(({ name, status, failure, finished, seconds, profile, settings, versions, claims }) =>
    written({ name, status, failure, finished, seconds, profile, settings, versions, claims }));
  writeWhole(places(output).claims, `${JSON.stringify({ notebooks }, null, 1)}\n`);
}

/**
 * What moved since the run before, one line each.
 * @param {Result} result
 * @returns {string[]}
 */
export function differences({ previous, profile, settings, claims }) {
  if (!previous) return [];
  const setting = (/** @type {Record<string, unknown>} */ from, /** @type {string} */ name) => JSON.stringify(from[name]) ?? 'absent';
  const names = [...new Set([...Object.keys(previous.settings), ...Object.keys(settings)])];
  const before = new Map(previous.claims.map(claim => [claim.id, claim]));
  const after = new Set(claims.map(claim => claim.id));
  return [
    ...(previous.profile === profile ? [] : [`profile: ${previous.profile} -> ${profile}`]),
    ...names.filter(name => setting(previous.settings, name) !== setting(settings, name)).map(name => `${name}: ${setting(previous.settings, name)} -> ${setting(settings, name)}`),
    ...claims.flatMap(claim => claimDifference(before.get(claim.id), claim)),
    ...previous.claims.filter(claim => !after.has(claim.id)).map(claim => `${claim.id}: gone (it was: ${claim.verdict})`),
  ];
}

/** @param {Claim | undefined} before @param {Claim} after */
function claimDifference(before, after) {
  if (!before) return [`${after.id}: new, ${after.verdict}`];
  if (before.verdict !== after.verdict) return [`${after.id}: ${before.verdict} -> ${after.verdict}`];
  return isDeepStrictEqual(before.measured, after.measured) ? [] : [`${after.id}: still ${after.verdict}, measured values moved`];
}

/** An executed notebook beside its reference: which claims and which curves moved, and by how much. */
import { isDeepStrictEqual } from 'node:util';
import { library } from './library.mjs';

/**
 * @typedef {import('../../src/notebook/stored-results').StoredNotebook} StoredNotebook
 * @typedef {{ what: string, state: 'identical' | 'within' | 'moved', detail: string }} Line
 */

/**
 * Compares claims and figures. A number is within when it differs by at most `tolerance`, relative to the larger of
 * both, of a claim to the largest bound of its band, or of a curve to a hundredth of its largest value.
 * @param {StoredNotebook} before @param {StoredNotebook} after @param {number} tolerance
 * @returns {Line[]}
 */
export function compare(before, after, tolerance) {
  const { storedClaims, storedFigures } = library('notebook/stored-results');
  const named = (/** @type {StoredNotebook} */ n) => new Map(storedFigures(n).map(f => [f.id, f]));
  const [claimsBefore, claimsAfter] = [before, after].map(n => new Map(storedClaims(n).claims.map(c => [c.id, c])));
  const [figuresBefore, figuresAfter] = [named(before), named(after)];
  return [
    ...pairs(claimsBefore, claimsAfter).map(([id, a, b]) => claimLine(`claim ${id}`, a, b, tolerance)),
    ...pairs(figuresBefore, figuresAfter).map(([id, a, b]) =>
      figureLine(`figure ${id}`, a?.figure, b?.figure, tolerance),
    ),
  ];
}

/**
 * @template T
 * @param {Map<string, T>} a @param {Map<string, T>} b
 * @returns {[string, T | undefined, T | undefined][]}
 */
const pairs = (a, b) => [...new Set([...a.keys(), ...b.keys()])].map(key => [key, a.get(key), b.get(key)]);

/** @param {string} what @param {any} a @param {any} b @returns {Line | undefined} */
const onlyOne = (what, a, b) => (a && b ? undefined : { what, state: 'moved', detail: a ? 'gone' : 'new' });

/**
 * @param {string} what @param {import('../../src/notebook/verdict').Claim | undefined} a
 * @param {import('../../src/notebook/verdict').Claim | undefined} b @param {number} tolerance @returns {Line}
 */
function claimLine(what, a, b, tolerance) {
  if (!a || !b) return /** @type {Line} */ (onlyOne(what, a, b));
  const { band } = library('notebook/expectation');
  const { measurement } = library('notebook/verdict');
  const said = (/** @type {typeof a} */ claim) => measurement(claim.measured, claim.expect);
  if (a.verdict !== b.verdict)
    return { what, state: 'moved', detail: `${a.verdict} -> ${b.verdict} (${said(a)} -> ${said(b)})` };
  // 3e-11 and 4e-11 are one number to a band below 1e-8.
  const scale = Math.max(...boundsOf(a).map(Math.abs));
  const parts = pairs(partsOf(a), partsOf(b)).map(([name, before, after]) => ({
    name,
    said: [before, after].map(part => (part ? measurement(part, a.expect) : 'none')).join(' -> '),
    distance: before && after ? distance(before, after, scale) : Infinity,
  }));
  const isOneKind = isDeepStrictEqual(Object.keys(a.expect), Object.keys(b.expect));
  parts.push({
    name: 'expected',
    said: [a, b].map(({ expect }) => band(expect)).join(' -> '),
    distance: isOneKind ? distance(boundsOf(a), boundsOf(b), 0) : Infinity,
  });
  const far = parts.reduce((x, y) => (y.distance > x.distance ? y : x));
  return { what, ...judged(far.distance, tolerance, `still ${b.verdict}; ${far.name} ${far.said}`) };
}

/** @param {import('../../src/notebook/verdict').Claim} claim @returns {number[]} */
const boundsOf = ({ expect }) => Object.values(expect).flat();

/** The numbers of a claim and of each alternative. @param {import('../../src/notebook/verdict').Claim} claim */
const partsOf = ({ measured, against }) =>
  new Map([
    ['measured', [measured ?? []].flat()],
    ...against.map(({ name, measured }) => /** @type {const} */ ([`against '${name}'`, [measured].flat()])),
  ]);

/** @param {string} what @param {any} a @param {any} b @param {number} tolerance @returns {Line} */
function figureLine(what, a, b, tolerance) {
  if (!a || !b) return /** @type {Line} */ (onlyOne(what, a, b));
  const curves = (/** @type {any} */ f) =>
    [f, ...[f.frames ?? []].flat()].flatMap(part => part?.data ?? []).map(trace => Object(trace));
  const [before, after] = [curves(a), curves(b)];
  if (before.length !== after.length)
    return { what, state: 'moved', detail: `${before.length} curves -> ${after.length}` };
  const far = before
    .map((trace, i) => ({ name: trace.name ?? `trace ${i + 1}`, distance: traceDistance(trace, after[i]) }))
    .reduce((x, y) => (y.distance > x.distance ? y : x), { name: '', distance: 0 });
  return { what, ...judged(far.distance, tolerance, `most in '${far.name}'`) };
}

/** @param {any} a @param {any} b */
function traceDistance(a, b) {
  return Math.max(
    ...['x', 'y', 'z'].map(axis => {
      const [before, after] = [a[axis] ?? [], b[axis] ?? []].map(list => [list].flat(2));
      if (before.some((/** @type {unknown} */ v) => typeof v === 'string'))
        return before.join() === after.join() ? 0 : Infinity;
      const largest = before.reduce((/** @type {number} */ m, /** @type {number} */ v) => Math.max(m, Math.abs(v)), 0);
      return distance(before, after, largest / 100);
    }),
  );
}

/**
 * The largest difference, relative to the larger of both numbers or to `floor`; infinite for lists of unlike lengths,
 * and where one alone is no number.
 * @param {readonly (number | null)[]} a @param {readonly (number | null)[]} b @param {number} floor
 */
export function distance(a, b, floor) {
  if (a.length !== b.length) return Infinity;
  return a.reduce((/** @type {number} */ far, value, i) => {
    const [x, y] = [value ?? NaN, b[i] ?? NaN];
    if (Object.is(x, y) || x === y) return far;
    if (Number.isNaN(x) || Number.isNaN(y)) return Infinity;
    return Math.max(far, Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y), floor));
  }, 0);
}

/**
 * @param {number} far @param {number} tolerance @param {string} detail
 * @returns {{ state: Line['state'], detail: string }}
 */
function judged(far, tolerance, detail) {
  if (far === 0) return { state: 'identical', detail: '' };
  return {
    state: far <= tolerance ? 'within' : 'moved',
    detail: `by ${far === Infinity ? 'more than can be compared' : `${(100 * far).toPrecision(2)} %`}, ${detail}`,
  };
}

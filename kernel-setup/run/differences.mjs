/** What moved between a result and the one before. */
import { isDeepStrictEqual } from 'node:util';

/** @typedef {import('../../src/notebook/verdict').Claim} Claim */

/**
 * What moved since the run before, one line each.
 * @param {import('./results.mjs').Result} result
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
  const parts = /** @type {const} */ (['measured', 'expect', 'against']);
  const moved = parts.filter(part => !isDeepStrictEqual(before[part], after[part]));
  const names = { measured: 'measured values', expect: 'its band', against: 'what would have failed' };
  return moved.length > 0
    ? [`${after.id}: still ${after.verdict}, ${moved.map(part => names[part]).join(' and ')} moved`]
    : [];
}

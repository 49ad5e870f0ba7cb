/** Runs on other seeds than the committed ones: where their results lie, and what they say beside the committed. */
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Refusal } from '../shared/refusal.mjs';
import { whereFailed } from './execute.mjs';
import { library } from './library.mjs';
import { storedResult } from './results.mjs';

/**
 * @typedef {import('./results.mjs').Claim} Claim
 * @typedef {import('./results.mjs').Result} Result
 * @typedef {import('./options.mjs').Options} Options
 */

/** @param {string} output */
const folder = output => path.join(output, 'fresh-seeds');

/**
 * The options of a run on fresh seeds: the parameter firstSeed is drawn, unless --set gives it, and the results lie in
 * a folder of that number.
 * @param {Options} options @returns {Options}
 */
export function onFreshSeeds(options) {
  const firstSeed = options.set.firstSeed ?? randomInt(1_000_000, 1_000_000_000);
  if (!(Number.isSafeInteger(firstSeed) && Number(firstSeed) >= 0))
    throw new Refusal(`--set gives firstSeed = ${JSON.stringify(firstSeed)} but it must be a whole number >= 0`);
  const output = path.join(folder(options.output), String(firstSeed));
  return { ...options, set: { ...options.set, firstSeed }, output };
}

/**
 * The results of a notebook on fresh seeds that can stand beside others, of the same code, profile and parameters, and
 * why those that it has besides are left out.
 * @param {string} output @param {string} name @param {Pick<Result, 'code' | 'profile' | 'settings'>} shown
 * @returns {{ results: Result[], leftOut: string[] }}
 */
export function freshResults(output, name, shown) {
  const names = fs.existsSync(folder(output)) ? fs.readdirSync(folder(output)) : [];
  const sets = names
    .sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1))
    .map(set => ({ set, ...storedResult(path.join(folder(output), set), name) }));
  const judged = sets.map(({ set, result, problem }) => {
    const isOwn = result && String(result.settings.firstSeed) === set;
    return { set, result, why: result ? (isOwn ? unlike(result, shown) : 'not a folder of its first seed') : problem };
  });
  return {
    results: judged.flatMap(({ result, why }) => (result && !why ? [result] : [])),
    leftOut: judged.flatMap(({ set, why }) => (why ? [`fresh-seeds/${set}: ${why}`] : [])),
  };
}

/**
 * Why a result on fresh seeds cannot stand beside another one; undefined when it can.
 * @param {Result} result @param {Pick<Result, 'code' | 'profile' | 'settings'>} shown
 */
export function unlike({ status, failure, code, profile, settings }, shown) {
  const { firstSeed: seed, ...others } = settings;
  const { firstSeed: shownSeed, ...shownOthers } = shown.settings;
  if (status !== 'done') return `failed ${failure ? `${whereFailed(failure)}: ${failure.message.split('\n')[0]}` : ''}`;
  if (code !== shown.code) return 'of other code';
  if (profile !== shown.profile) return `of the profile ${profile}, not ${shown.profile}`;
  if (!isDeepStrictEqual(others, shownOthers)) return 'of other parameters';
  return seed === shownSeed ? 'of the same seeds' : undefined;
}

/**
 * What a claim measured on fresh seeds, in how many sets its verdict is the one shown, and where it is another one, a
 * line each; empty when there are no sets.
 * @param {Claim} claim @param {Result[]} fresh @returns {string[]}
 */
export function freshVerdicts(claim, fresh) {
  const { band } = library('notebook/expectation');
  const { measurement } = library('notebook/verdict');
  const hasItsBand = (/** @type {Claim} */ { expect }) => isDeepStrictEqual(expect, claim.expect);
  if (fresh.length === 0) return [];
  const sets = fresh.map(({ settings, claims }) => ({
    firstSeed: settings.firstSeed,
    found: claims.find(({ id }) => id === claim.id),
  }));
  const found = sets.flatMap(set => set.found ?? []);
  const told = (/** @type {Claim} */ one) => measurement(one.measured, one.expect);
  const all = found.flatMap(({ measured }) => measured ?? []);
  const isOneBand = found.every(hasItsBand);
  const isSame = found.length > 0 && isOneBand && found.every(one => told(one) === told(claim));
  const numbers = isSame
    ? 'the same numbers'
    : isOneBand
      ? measurement(all, claim.expect)
      : 'each has a band of its own';
  const same = found.filter(({ verdict }) => verdict === claim.verdict).length;
  const others = sets.flatMap(({ firstSeed, found }) => {
    if (found?.verdict === claim.verdict) return [];
    if (!found) return [`from seed ${firstSeed} on: ${notMade}`];
    const rivals = found.against.filter(({ verdict }) => verdict === 'holds').map(({ name }) => name);
    const inside = found.verdict === 'undecided' ? `; in the band too: ${rivals.join(', ')}` : '';
    const expected = hasItsBand(found) ? '' : `, expected ${band(found.expect)}`;
    return [`from seed ${firstSeed} on: ${found.verdict}, ${told(found)}${expected}${inside}`];
  });
  const verdicts = `${claim.verdict} in ${same} of ${counted(sets.length, 'set')}`;
  return [all.length > 0 ? `${verdicts}: ${numbers}` : verdicts, ...others];
}

/** @param {number} count @param {string} what */
const counted = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;

const notMade = 'not made';

/**
 * How many verdicts on fresh seeds are those of other results, and a line for each claim of which some are not. A claim
 * that only one of both makes is one of those.
 * @param {{ name: string, claims: Claim[] }[]} shown @param {Result[]} fresh
 */
export function agreement(shown, fresh) {
  const compared = shown.flatMap(({ name, claims }) => {
    if (claims.length === 0) return [];
    const sets = fresh.filter(result => result.name === name && result.status === 'done');
    const ids = new Set([claims, ...sets.map(result => result.claims)].flat().map(({ id }) => id));
    const verdictIn = (/** @type {Claim[]} */ some, /** @type {string} */ id) =>
      some.find(claim => claim.id === id)?.verdict ?? notMade;
    return [...ids].flatMap(id =>
      sets.flatMap(({ claims: there, settings }) => {
        const [before, after] = [verdictIn(claims, id), verdictIn(there, id)];
        if (before === after && after === notMade) return [];
        return { seed: settings.firstSeed, isSame: before === after, turn: `${name} ${id}: ${before} -> ${after}` };
      }),
    );
  });
  const others = compared.filter(({ isSame }) => !isSame);
  const sets = new Set(fresh.map(({ settings }) => settings.firstSeed)).size;
  const same = `${compared.length - others.length} of ${counted(compared.length, 'verdict')}`;
  return {
    said: `${same} on fresh seeds (${counted(sets, 'set')}) are the same`,
    others: [...new Set(others.map(({ turn }) => turn))].map(turn => {
      const seeds = others.filter(other => other.turn === turn).map(({ seed }) => seed);
      return `${turn}, from seed${seeds.length > 1 ? 's' : ''} ${seeds.join(', ')} on`;
    }),
  };
}

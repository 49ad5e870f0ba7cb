/** Runs on other seeds than the committed ones: where their results lie, and what they say beside the committed. */
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Refusal } from '../shared/refusal.mjs';
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
 * The results of a notebook on fresh seeds that can stand beside others: of the same code, profile and parameters.
 * @param {string} output @param {string} name @param {Pick<Result, 'code' | 'profile' | 'settings'>} shown
 * @returns {Result[]}
 */
export function freshResults(output, name, { code, profile, settings }) {
  if (!fs.existsSync(folder(output))) return [];
  const sets = fs.readdirSync(folder(output)).sort((a, b) => Number(a) - Number(b));
  return sets.flatMap(set => {
    const { result } = storedResult(path.join(folder(output), set), name);
    const isAlike =
      result?.status === 'done' &&
      result.code === code &&
      result.profile === profile &&
      isDeepStrictEqual({ ...result.settings, firstSeed: 0 }, { ...settings, firstSeed: 0 });
    return isAlike && result.settings.firstSeed !== settings.firstSeed ? [result] : [];
  });
}

/**
 * What a claim measured on fresh seeds, and in which sets its verdict is another one; empty when there are none.
 * @param {Claim} claim @param {Result[]} fresh
 */
export function freshVerdicts(claim, fresh) {
  const { measurement } = library('notebook/verdict');
  const sets = fresh.flatMap(({ settings, claims }) => {
    const found = claims.find(({ id }) => id === claim.id);
    return found ? [{ firstSeed: settings.firstSeed, ...found }] : [];
  });
  if (sets.length === 0) return '';
  const all = sets.flatMap(({ measured }) => measured ?? []);
  const others = sets.filter(({ verdict }) => verdict !== claim.verdict);
  return [
    `${measurement(all.length > 0 ? all : undefined, claim.expect)} in ${counted(sets.length, 'set')}`,
    ...others.map(set => `from seed ${set.firstSeed} on: ${set.verdict}, ${measurement(set.measured, set.expect)}`),
  ].join('; ');
}

/** @param {number} count @param {string} what */
const counted = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;

/**
 * How many verdicts on fresh seeds are those of other results, and a line for each that is another.
 * @param {{ name: string, claims: Claim[] }[]} shown @param {Result[]} fresh
 */
export function agreement(shown, fresh) {
  const verdicts = new Map(shown.flatMap(({ name, claims }) => claims.map(c => [`${name} ${c.id}`, c.verdict])));
  const pairs = fresh.flatMap(({ name, claims, settings }) =>
    claims.flatMap(({ id, verdict }) => {
      const here = verdicts.get(`${name} ${id}`);
      return here === undefined ? [] : [{ what: `${name} ${id}, from seed ${settings.firstSeed} on`, here, verdict }];
    }),
  );
  const others = pairs.filter(({ here, verdict }) => verdict !== here);
  const sets = new Set(fresh.map(({ settings }) => settings.firstSeed)).size;
  const same = `${pairs.length - others.length} of ${counted(pairs.length, 'verdict')}`;
  return {
    said: `${same} on fresh seeds (${counted(sets, 'set')}) are the same`,
    others: others.map(({ what, here, verdict }) => `${what}: ${here} -> ${verdict}`),
  };
}

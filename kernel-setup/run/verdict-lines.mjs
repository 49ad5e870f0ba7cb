/** A result as printed: one line a claim, or what stopped the notebook. */
import { differences } from './differences.mjs';
import { whereFailed } from './execute.mjs';
import { library } from './library.mjs';
import { isRefuted } from './results.mjs';

/**
 * @param {import('./results.mjs').Result} result
 * @returns {string}
 */
export function verdictLines(result) {
  const { unreadable = [], partial = [] } = result;
  const moved = differences(result).map(line => `  since the run before: ${line}`);
  return [
    `${result.name} (${result.profile})`,
    ...failureLines(result),
    ...counted(result.claims),
    ...result.claims.flatMap(claim => claimLines(claim, result.known)),
    ...unreadable.map(problem => `  unreadable  ${problem}`),
    ...(partial.length > 0 ? ['  not a result: what its cells claimed before that'] : []),
    ...partial.flatMap(claim => claimLines(claim, []).map(line => `  (partial) ${line}`)),
    ...moved,
  ]
    .map(printable)
    .join('\n');
}

/** Text from a notebook's outputs, without what would steer the terminal. @param {string} text */
const printable = text => text.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, ' ');

/** How many claims and checks hold. @param {import('./results.mjs').Claim[]} claims */
const counted = claims =>
  library('notebook/claims-table')
    .claimsTables(claims)
    .map(({ caption }) => `  ${caption}`);

/**
 * A claim, then what would have failed.
 * @param {import('./results.mjs').Claim} claim @param {string[]} known
 */
function claimLines(claim, known) {
  const { band } = library('notebook/expectation');
  const { measurement } = library('notebook/verdict');
  const values =
    claim.verdict === 'not tested'
      ? (claim.note ?? 'no reason given')
      : `${measurement(claim.measured, claim.expect)}, expected ${band(claim.expect)}`;
  const committed =
    isRefuted(claim) && known.includes(claim.id) ? ' (not confirmed in the committed notebook either)' : '';
  const kind = claim.kind === 'check' ? 'check: ' : '';
  const against = library('notebook/claims-table').alternatives(claim);
  return [
    `  ${claim.verdict.padEnd(10)}  ${kind}${claim.statement}: ${values}${committed}`,
    ...against.map(alternative => `  ${' '.repeat(10)}    against ${alternative}`),
  ].map(line => line.replaceAll('\n', ' '));
}

/**
 * The error's first line, then its traceback as the kernel gave it.
 * @param {import('./results.mjs').Result} result
 */
function failureLines({ failure }) {
  if (!failure) return [];
  const [first, ...more] = failure.message.split('\n');
  const traceback = failure.traceback.join('\n').split('\n');
  const below = (traceback.length > 1 ? traceback : more).filter(line => line.trim()).slice(0, 15);
  return [`  FAILED ${whereFailed(failure)}: ${failure.name}: ${first}`, ...below.map(line => `    ${line}`)];
}

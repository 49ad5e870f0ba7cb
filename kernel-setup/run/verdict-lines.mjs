/** A result as printed: one line a claim, or what stopped the notebook. */
import { placeOf } from './execute.mjs';
import { library } from './library.mjs';
import { differences } from './results.mjs';

/**
 * @param {import('./results.mjs').Result} result
 * @returns {string}
 */
export function verdictLines(result) {
  const { band, measurement } = library('verdict');
  const claims = result.claims.map(claim => {
    const values = claim.verdict === 'not tested' ? claim.note : `${measurement(claim)}, expected ${band(claim.expect)}`;
    const committed = claim.verdict === 'fails' && result.known.includes(claim.id) ? ' (as committed)' : '';
    return `  ${claim.verdict.padEnd(10)}  ${claim.statement}: ${values}${committed}`;
  });
  const moved = differences(result).map(line => `  since the run before: ${line}`);
  return [`${result.name} (${result.profile})`, ...failureLines(result), ...claims, ...moved].join('\n');
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
  return [`  FAILED ${placeOf(failure)}: ${failure.name}: ${first}`, ...below.map(line => `    ${line}`)];
}

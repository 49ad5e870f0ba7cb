/** The check of a set-up: whether all files are as they were made, and whether all works. */
import { Refusal } from '../shared/refusal.mjs';
import { compareFiles, damageRefusal } from './damage.mjs';
import { failureText } from './diagnosis.mjs';
import { selfCheck } from './self-check.mjs';
import { isInPlace } from './stamp.mjs';
import { allSteps } from './steps.mjs';

/**
 * Compares every file and runs the self-check.
 * @param {string} root @param {import('./steps.mjs').Step[]} steps
 * @returns {Promise<string>} what was checked
 * @throws Refusal with what is wrong and the command that mends it
 */
export async function check(root, steps) {
  const missing = steps.filter(step => !isInPlace(root, step)).map(({ title }) => title);
  if (missing.length) throw new Refusal(`not in place: ${missing.join(', ')}`, ['make what is missing: npm run setup']);
  const trial = selfCheck(root).catch(error => error);
  const { files, damaged } = compareFiles(root, steps);
  const result = await trial;
  if (damaged.length) throw damageRefusal(damaged);
  if (typeof result === 'string') return `${files} files are as they were installed; ${result}`;
  if (!(result instanceof Refusal)) throw result;
  throw new Refusal(result.reason, [
    ...result.remedy,
    'all files are as they were installed; to make all anew: npm run setup -- --force',
  ]);
}

/**
 * What the check finds, to be shown when a kernel does not start.
 * @param {string} root
 * @returns {Promise<string[]>} lines
 */
export async function checkedSetup(root) {
  try {
    return [`the set-up was checked and is in order: ${await check(root, allSteps(root))}`];
  } catch (error) {
    return failureText(error, 'the set-up was checked').split('\n');
  }
}

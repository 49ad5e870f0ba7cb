/** Whether all that was set up still is as it was made, and works. */
import { SetupFailure, failureText } from './failure.mjs';
import { compareWithList } from './files.mjs';
import { selfCheck } from './self-check.mjs';
import { isInPlace } from './stamp.mjs';
import { allSteps } from './steps.mjs';

/** @typedef {import('./steps.mjs').Step} Step */

/**
 * Compares every file of the parts that are in place with the lists made when they were.
 * @param {string} root @param {Step[]} steps
 * @returns {{ files: number, damaged: { step: Step, differences: string[] }[] }}
 */
export function compareFiles(root, steps) {
  const found = steps.filter(step => step.files.length && isInPlace(root, step)).map(step => ({ step, ...compareWithList(root, step) }));
  return { files: found.reduce((sum, { count }) => sum + count, 0), damaged: found.filter(({ differences }) => differences.length) };
}

/**
 * What has to be made anew: the parts that are not as installed, and those that are made anew with them.
 * @param {string} root @param {Step[]} steps
 */
export function toRepair(root, steps) {
  const { damaged } = compareFiles(root, steps);
  const titles = damaged.flatMap(({ step }) => [step.title, step.madeAnewWith]);
  return steps.filter(({ title }) => titles.includes(title));
}

/**
 * Every file, then the self-check.
 * @param {string} root @param {Step[]} steps
 * @returns {Promise<string>} what was checked
 * @throws SetupFailure with what is wrong and the command that mends it
 */
export async function check(root, steps) {
  const missing = steps.filter(step => !isInPlace(root, step)).map(({ title }) => title);
  if (missing.length) throw new SetupFailure(`not in place: ${missing.join(', ')}`, ['make what is missing: npm run setup']);
  const trial = selfCheck(root).catch(error => error); // runs while files are compared
  const { files, damaged } = compareFiles(root, steps);
  const result = await trial;
  if (damaged.length) {
    throw new SetupFailure(`not as installed: ${damaged.map(({ step }) => step.title).join(', ')}`,
      [...damaged.flatMap(({ differences }) => differences), 'make this anew, and only this: npm run setup -- --repair']);
  }
  if (typeof result === 'string') return `${files} files are as they were installed; ${result}`;
  if (!(result instanceof SetupFailure)) throw result;
  throw new SetupFailure(result.message, [...result.remedy, 'all files are as they were installed; to make them anew all the same: npm run setup -- --force']);
}

/**
 * What the check finds, for whom the set-up has let down: a kernel that does not start.
 * @param {string} root
 * @returns {Promise<string[]>} lines
 */
export async function selfCheckReport(root) {
  try {
    return [`the set-up was checked and is in order: ${await check(root, allSteps(root))}`];
  } catch (error) {
    return failureText(error, 'the set-up was checked').split('\n');
  }
}

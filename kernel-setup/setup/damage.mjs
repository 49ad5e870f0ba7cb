/** Files that are not as they were installed, and what has to be made anew for them. */
import { Refusal } from '../shared/refusal.mjs';
import { compareWithList } from './files.mjs';
import { isInPlace } from './stamp.mjs';

/** @typedef {import('./steps.mjs').Step} Step */

/**
 * Compares every file of the parts that are in place with the list that was written when the part was made.
 * @param {string} root @param {Step[]} steps
 * @returns {{ files: number, damaged: { step: Step, differences: string[] }[] }}
 */
export function compareFiles(root, steps) {
  const found = steps
    .filter(step => step.files.length && isInPlace(root, step))
    .map(step => ({ step, ...compareWithList(root, step) }));
  const files = found.reduce((sum, { count }) => sum + count, 0);
  return { files, damaged: found.filter(({ differences }) => differences.length) };
}

/**
 * The refusal that names the damage, with the command that repairs it.
 * @param {{ step: Step, differences: string[] }[]} damaged
 */
export function damageRefusal(damaged) {
  const titles = damaged.map(({ step }) => step.title).join(', ');
  const lines = damaged.flatMap(({ differences }) => differences);
  const remedy = 'make this anew, and only this: npm run setup -- --repair';
  return new Refusal(`not as installed: ${titles}`, [...lines, remedy]);
}

/**
 * The parts that are not as installed, and those that are made anew with them.
 * @param {string} root @param {Step[]} steps
 */
export function toRepair(root, steps) {
  const titles = compareFiles(root, steps).damaged.flatMap(({ step }) => [step.title, step.madeAnewWith]);
  return steps.filter(({ title }) => titles.includes(title));
}

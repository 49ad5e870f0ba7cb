/** What the report shows of a fork: its hypothesis, and its claims beside those of its parent. */
import { library } from './library.mjs';
import { allNotebooks, readNotebook, sourceOf } from './notebooks.mjs';
import { details, escaped } from './page.mjs';
import { prose } from './prose.mjs';
import { settings, verdicts } from './two-runs.mjs';

/**
 * @typedef {import('./notebooks.mjs').Notebook} Notebook
 * @typedef {import('./results.mjs').Result} Result
 * @typedef {Pick<Result, 'claims' | 'settings' | 'profile'>} Shown
 * @typedef {{ name: string, shown?: Shown }} Parent without `shown` it cannot be read
 */

/** The text that an executed notebook begins with. @param {Notebook | undefined} notebook */
export function firstText(notebook) {
  const first = notebook?.cells.find(cell => cell.cell_type === 'markdown');
  return first ? sourceOf(first) : '';
}

/** What a fork says of itself below its title: its hypothesis. @param {string} name @param {Notebook} [notebook] */
export const hypothesis = (name, notebook) =>
  name.startsWith('forks/') ? prose(firstText(notebook).replace(/^#\s+.*$/m, '')) : '';

/**
 * The notebook that an executed one is a fork of, with its results as they are stored now.
 * @param {string} root @param {Notebook | undefined} notebook @returns {Parent | undefined}
 */
export function parentOf(root, notebook) {
  const name = notebook?.metadata?.widenet?.parent;
  if (typeof name !== 'string') return undefined;
  const parent = allNotebooks(root).find(one => one.name === name);
  try {
    const { storedClaims } = library('notebook/stored-results');
    const { claims, settings = {}, profile = 'quick' } = storedClaims(readNotebook(parent?.file ?? ''));
    return { name, shown: { claims, settings, profile } };
  } catch {
    return { name };
  }
}

/**
 * What differs from the parent, and the claims of both.
 * @param {Shown} result @param {Parent | undefined} parent
 */
export function besideParent({ claims, settings: set, profile }, parent) {
  if (!parent || claims.length === 0) return '';
  const { name, shown } = parent;
  if (!shown) return `<p class="fails">${escaped(`Its parent ${name} is not among the notebooks, or damaged.`)}</p>`;
  /** @type {Parameters<typeof verdicts>[0]} */
  const sides = [
    { run: { name: `parent: ${name}` }, result: shown },
    { run: { name: 'this fork' }, result: { claims, settings: set, profile } },
  ];
  return details('Beside its parent', settings(sides) + verdicts(sides), true);
}

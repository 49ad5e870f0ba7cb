/** What an executed notebook shows: its claims, its figures, the settings they were made under. */

export const plotlyMime = 'application/vnd.plotly.v1+json';
const claimsMime = 'application/vnd.widenet.claims+json';

/** @typedef {import('./notebooks.mjs').Notebook} Notebook */
/** @typedef {import('../../src/verdict').Claim} Claim */
/** @typedef {{ title: string, id: string, figure: import('./draw.mjs').FigureJson, output: import('./notebooks.mjs').Output }} FoundFigure */

/**
 * JSON has no NaN: what was not finite comes back as null.
 * @param {number | null | (number | null)[] | undefined} measured
 */
const finite = measured => Array.isArray(measured) ? measured.map(v => v ?? NaN) : measured === null ? NaN : measured;

/** @param {Notebook} notebook */
const bundles = notebook => notebook.cells.flatMap(cell => cell.outputs ?? []).filter(output => output.data);

/**
 * The claims by id, the last word on each, and the settings told beside them.
 * @param {Notebook} notebook
 */
export function claimsOf(notebook) {
  /** @type {Map<string, Claim>} */
  const claims = new Map();
  /** @type {{ profile?: string, settings?: Record<string, unknown> }} */
  let context = {};
  for (const output of bundles(notebook)) {
    const told = output.data?.[claimsMime];
    if (!told) continue;
    for (const claim of told.claims) claims.set(claim.id, { ...claim, measured: finite(claim.measured) });
    if (told.settings) context = { profile: told.profile, settings: told.settings };
  }
  return { claims: [...claims.values()], ...context };
}

/**
 * The figures in order, each with an id made of its number and title.
 * @param {Notebook} notebook @returns {FoundFigure[]}
 */
export function figuresOf(notebook) {
  return bundles(notebook).filter(output => output.data?.[plotlyMime]).map((output, i) => {
    const figure = output.data?.[plotlyMime];
    const title = String(figure.layout?.title?.text ?? '').split('<br>')[0].replace(/<[^>]*>/g, '');
    const words = title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 50).replace(/-$/, '');
    return { title, id: [String(i + 1).padStart(2, '0'), words].filter(Boolean).join('-'), figure, output };
  });
}

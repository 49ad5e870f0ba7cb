/** Claims of a notebook: judged, shown and collected. */
import { fail, knownOptions } from '../base/check';
import { encode } from '../base/lossless-json';
import { claimsTables } from './claims-table';
import { checkExpectation } from './expectation';
import { displayable, escapeHtml, htmlTable, textTable } from './html';
import { latexTable } from './latex';
import { isBatch } from './runner';
import { session } from './session';
import { send } from './show';
import { claimsMime } from './stored-results';
import { checkedAlternatives, checkedMeasurement, checkTexts, judge } from './verdict';
import type { Claim, ClaimInput, Verdict } from './verdict';

/**
 * Judges one claim, shows it as a row of the notebook, and enters it in `verdicts()` under its id. A second claim of an
 * id replaces the first; in a run of the whole notebook, where cells run once, it is refused. A claim holds when every
 * measured number satisfies `expect` and every alternative in `against` fails it; when one does not fail, the claim is
 * 'undecided'. NaN and infinities satisfy nothing. Without `measured` it is 'not tested', and `note` says why.
 * Errors: no id or another text missing, an empty list of measurements, an entry that is no number (null, undefined,
 * a text, a BigInt), bounds that are not numbers, out of order, or such that every number satisfies them, alternatives
 * to what was not measured.
 *
 * @example
 * claim({ id: 'linear-rate', statement: 'late over early rate of the risk', measured: [0.98, 1.01],
 *   expect: { within: [0.9, 1.1] }, against: { 'power law': [0.62, 0.64] }, source: 'own design' });
 * verdicts()[0].verdict // -> 'holds'
 */
export function claim(input: ClaimInput): void {
  const where = `claim '${input.id}'`;
  if (typeof input.id !== 'string' || !/^[\w.-]+$/.test(input.id))
    fail(where, 'id must be letters, digits, dots and dashes');
  knownOptions(where, input, ['id', 'statement', 'measured', 'expect', 'source', 'note', 'kind', 'against']);
  checkTexts(where, input);
  for (const name of ['statement', 'source'] as const) if (!input[name].trim()) fail(where, `${name} has no text`);
  checkExpectation(where, input.expect);
  if (isBatch() && session().claims.has(input.id))
    fail(where, 'a claim of this id was made before in this run; give each an id of its own');
  const { measured: given, against: others = {}, kind = 'claim', ...told } = input;
  const measured = given === undefined ? undefined : checkedMeasurement(where, given);
  const alternatives = checkedAlternatives(where, others);
  if (measured === undefined && !input.note?.trim()) fail(where, 'nothing measured and no note that says why');
  if (measured === undefined && Object.keys(alternatives).length > 0)
    fail(where, `nothing measured, but against names '${Object.keys(alternatives).join("', '")}'`);
  const result: Claim = {
    ...told,
    expect: structuredClone(input.expect),
    ...(measured !== undefined && { measured }),
    kind,
    ...judge(measured, input.expect, alternatives),
  };
  session().claims.set(input.id, result);
  send(bundle([result], {}, false));
}

/**
 * All claims of this notebook so far, which display as a table of claims and one of checks, with the settings they were
 * measured under.
 *
 * @example
 * claim({ id: 'mass', statement: 'mass of p', measured: 1.5, expect: { within: [0.9, 1.1] }, source: 'check' });
 * verdicts().map(claim => `${claim.id} ${claim.verdict}`) // -> ['mass fails']
 */
export function verdicts(): readonly Claim[] {
  const claims = [...session().claims.values()];
  return displayable(claims, () => bundle(claims, { profile: session().profile, settings: session().settings }, true));
}

/** The ground of a verdict's white letters: with its own ground it can be read on a light page and on a dark one. */
export const grounds: Record<Verdict, string> = {
  holds: '#0a7d33',
  fails: '#c22c1f',
  undecided: '#a35100',
  'not tested': '#666666',
};

const marked = (verdict: string) =>
  `<b style="color:#ffffff;background-color:${grounds[verdict as Verdict]}">${escapeHtml(verdict)}</b>`;

function bundle(claims: readonly Claim[], context: object, isCounted: boolean): Record<string, unknown> {
  const tables = claimsTables(claims).map(({ caption, head, rows }) => {
    const body = rows.map(([verdict, ...rest]) => [{ html: marked(verdict) }, ...rest]);
    return {
      html: htmlTable(head, body, isCounted ? caption : undefined),
      latex: latexTable(head, rows, isCounted ? caption : undefined),
      text: isCounted ? `${caption}\n${textTable(head, rows)}` : textTable(head, rows),
    };
  });
  const told = (value: unknown) => encode('claims', 'what is told', value) as object;
  // Each claim as one text: a notebook's file has a line for every value inside an object, but one for a text.
  const stored = { claims: claims.map(claim => JSON.stringify(told(claim))), ...told(context) };
  return {
    [claimsMime]: stored,
    'text/html': tables.map(table => table.html).join('\n') || 'no claims',
    'text/latex': tables.map(table => table.latex).join('\n') || 'no claims',
    'text/plain': tables.map(table => table.text).join('\n\n') || 'no claims',
  };
}

/** Claims of a notebook: judged, shown and collected. */
import { fail, knownOptions } from '../base/check';
import { encode } from '../base/lossless-json';
import { displayable, escapeHtml, htmlTable, textTable } from './html';
import { isBatch } from './runner';
import { session } from './session';
import { send } from './show';
import { claimsMime } from './stored-results';
import { band, checkedMeasurement, checkExpectation, checkTexts, judge, measurement } from './verdict';
import type { Claim, ClaimInput, Verdict } from './verdict';

/**
 * Judges one claim, shows it as a row of the notebook, and enters it in `verdicts()` under its id. A second claim of an
 * id replaces the first; in a run of the whole notebook, where cells run once, it is refused. A claim holds when every
 * measured number satisfies `expect`; NaN and infinities satisfy nothing; without `measured` it is 'not tested', and
 * `note` says why.
 * Errors: no id or another text missing, an empty list of measurements, an entry that is no number (null, undefined,
 * a text, a BigInt), bounds that are not numbers, out of order, or such that every number satisfies them.
 *
 * @example
 * claim({ id: 'linear-rate', statement: 'R^2 of log risk against t', measured: [0.98, 0.99],
 *   expect: { above: 0.95 }, source: 'own design' });
 * verdicts()[0].verdict // -> 'holds'
 */
export function claim(input: ClaimInput): void {
  const where = `claim '${input.id}'`;
  if (typeof input.id !== 'string' || !/^[\w.-]+$/.test(input.id))
    fail(where, 'id must be letters, digits, dots and dashes');
  knownOptions(where, input, ['id', 'statement', 'measured', 'expect', 'source', 'note']);
  checkTexts(where, input);
  checkExpectation(where, input.expect);
  if (isBatch() && session().claims.has(input.id))
    fail(where, 'a claim of this id was made before in this run; give each an id of its own');
  const { measured: given, ...told } = input;
  const measured = checkedMeasurement(where, given);
  if (measured === undefined && !input.note) fail(where, 'nothing measured and no note that says why');
  const result: Claim = {
    ...told,
    expect: structuredClone(input.expect),
    ...(measured !== undefined && { measured }),
    verdict: judge({ ...told, measured }),
  };
  session().claims.set(input.id, result);
  send(bundle([result], {}));
}

/**
 * All claims of this notebook so far, which display as its verdict table, with the settings they were measured under.
 *
 * @example
 * claim({ id: 'mass', statement: 'mass of p', measured: 1.5, expect: { within: [0.9, 1.1] }, source: 'check' });
 * verdicts().map(claim => `${claim.id} ${claim.verdict}`) // -> ['mass fails']
 */
export function verdicts(): readonly Claim[] {
  const claims = [...session().claims.values()];
  return displayable(claims, () => bundle(claims, { profile: session().profile, settings: session().settings }));
}

const marks: Record<Verdict, string> = { holds: '#0a7d33', fails: '#c22c1f', 'not tested': '#777' };

/** The verdict table as texts: its head, and a row for each claim. */
export function claimsTable(claims: readonly Claim[]): { head: string[]; rows: string[][] } {
  return {
    head: ['verdict', 'claim', 'measured', 'expected', 'source'],
    rows: claims.map(({ verdict, statement, note, source, ...judged }) => [
      verdict,
      note ? `${statement} (${note})` : statement,
      measurement(judged),
      band(judged.expect),
      source,
    ]),
  };
}

function bundle(claims: readonly Claim[], context: object): Record<string, unknown> {
  const { head, rows } = claimsTable(claims);
  const html = rows.map(([verdict, ...rest]) => [
    { html: `<b style="color:${marks[verdict as Verdict]}">${escapeHtml(verdict)}</b>` },
    ...rest,
  ]);
  const told = (value: unknown) => encode('claims', 'what is told', value) as object;
  // Each claim as one text: a notebook's file has a line for every value inside an object, but one for a text.
  const stored = { claims: claims.map(claim => JSON.stringify(told(claim))), ...told(context) };
  return { [claimsMime]: stored, 'text/html': htmlTable(head, html), 'text/plain': textTable(head, rows) };
}

/** Claims of a notebook: judged, shown and collected. */
import { fail } from './check';
import { displayable, escapeHtml, htmlTable, textTable } from './html';
import { session } from './session';
import { claimsMime } from './stored';
import { band, checkExpectation, judge, measurement, type Claim, type ClaimInput, type Verdict } from './verdict';

/**
 * Judges one claim, shows it as a row, and enters it in `verdicts()` under its id (a second claim of an id replaces the first).
 * It holds when every measured number satisfies `expect`; NaN satisfies nothing; without `measured` it is 'not tested'.
 * Errors: no id, an empty list of measurements, bounds that are not numbers or out of order.
 */
export function claim(input: ClaimInput): Claim {
  const where = `claim '${input.id}'`;
  if (!/^[\w.-]+$/.test(input.id)) fail(where, 'id must be letters, digits, dots and dashes');
  checkExpectation(where, input.expect);
  if (Array.isArray(input.measured) && input.measured.length === 0) fail(where, 'measured is an empty list; leave it out for what was not tested');
  if (input.measured === undefined && !input.note) fail(where, 'nothing measured and no note that says why');
  const result: Claim = { ...input, verdict: judge(input) };
  session().claims.set(input.id, result);
  return displayable(result, () => bundle([result], {}));
}

/** All claims of this notebook so far, as its verdict table, with the settings they were measured under. */
export function verdicts(): readonly Claim[] {
  const claims = [...session().claims.values()];
  return displayable(claims, () => bundle(claims, { profile: session().profile, settings: session().settings }));
}

const marks: Record<Verdict, string> = { holds: '#0a7d33', fails: '#c22c1f', 'not tested': '#777' };

function bundle(claims: readonly Claim[], context: object): Record<string, unknown> {
  const head = ['verdict', 'claim', 'measured', 'expected', 'source'];
  const text = claims.map(c => [c.verdict, c.note ? `${c.statement} (${c.note})` : c.statement, measurement(c), band(c.expect), c.source]);
  const html = text.map(([verdict, ...rest]) => [{ html: `<b style="color:${marks[verdict as Verdict]}">${escapeHtml(verdict)}</b>` }, ...rest]);
  return { [claimsMime]: { claims, ...context }, 'text/html': htmlTable(head, html), 'text/plain': textTable(head, text) };
}

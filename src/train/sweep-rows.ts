/** The rows of a sweep, from what its cases gave: each with its settings, and marked where it holds no result. */
import { fail } from '../base/check';
import type { Row } from '../base/rows';
import { notice } from '../notebook/runner';
import type { Case } from './row-files';

/** What became of a case. */
export type Result = Pick<Case, 'rows' | 'failure'>;

/** A case: its settings, as they were at the start, and as the text that tells cases apart. */
export interface OneCase<S> {
  readonly one: S;
  readonly given: S;
  readonly text: string;
}

/**
 * The status and message of a row in which a number is NaN, unless it has a status of its own. An infinity is a result:
 * of steps to a goal that is never reached.
 */
export function notFinite(row: Row): { status: string; message: string } | undefined {
  const names = Object.keys(row).filter(name => Number.isNaN(row[name]));
  if (names.length === 0 || 'status' in row) return undefined;
  return { status: 'not finite', message: `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} NaN` };
}

/** The rows so far in the order of their cases. A case that failed has NaN where other rows have numbers. */
export function rowsOfAll<S extends Row>(
  cases: ReadonlyMap<string, OneCase<S>>,
  results: ReadonlyMap<string, Result>,
): Row[] {
  const missing: Record<string, number> = {};
  if ([...results.values()].some(({ failure }) => failure))
    for (const { rows } of results.values())
      for (const row of rows)
        for (const [column, value] of Object.entries(row)) if (typeof value === 'number') missing[column] = NaN;
  const all: Row[] = [];
  for (const [id, { given }] of cases) {
    const { rows, failure } = results.get(id) ?? { rows: [] };
    if (failure) all.push({ ...missing, ...given, ...failure });
    else for (const row of rows) all.push({ ...given, ...notFinite(row), ...row });
  }
  return all;
}

/** Says which cases failed, and which rows hold NaN. Errors: no case but failed ones. */
export function reportFailures(
  where: string,
  cases: ReadonlyMap<string, { text: string }>,
  results: ReadonlyMap<string, Result>,
): void {
  const all = [...cases].map(([id, { text }]) => ({ text: text.slice(0, 200), ...results.get(id)! }));
  const failed = all.filter(({ failure }) => failure);
  if (failed.length > 0) {
    const [{ text, failure }] = failed;
    const { status, message } = failure!;
    const count = failed.length === all.length ? `all ${all.length}` : `${failed.length} of ${all.length}`;
    const said = `${count} cases failed; the first, ${text}, ${status === 'late' ? 'was late' : 'failed'}: ${message}`;
    if (failed.length === all.length) fail(where, said);
    notice(`${where}: ${said}`);
  }
  const marked = all.flatMap(({ text, rows }) =>
    rows.flatMap(row => notFinite(row)?.message ?? []).map(m => ({ text, m })),
  );
  const count = `${marked.length} of ${all.reduce((sum, { rows }) => sum + rows.length, 0)}`;
  if (marked.length > 0)
    notice(`${where}: ${count} rows are not finite; the first, of ${marked[0].text}: ${marked[0].m}`);
}

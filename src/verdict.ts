/** One claim beside its measurement: plain data and the judgement of it. */
import { fail } from './check';
import { brief } from './html';

/** What a measured number must satisfy; bounds are inclusive. */
export type Expectation =
  | { readonly above: number }
  | { readonly below: number }
  | { readonly within: readonly [number, number] }
  | { readonly equals: number; readonly tolerance: number };

export interface ClaimInput {
  /** Short and stable: runs are compared by it. */
  readonly id: string;
  /** A sentence with its quantities. */
  readonly statement: string;
  /** A number, or one for each seed, all of which must satisfy `expect`. Leave it out for what was not tested, and say why in `note`. */
  readonly measured?: number | readonly number[];
  readonly expect: Expectation;
  /** Where the claim comes from: the paper's abstract, theorem or figure, or own design. */
  readonly source: string;
  readonly note?: string;
}

export type Verdict = 'holds' | 'fails' | 'not tested';

export interface Claim extends ClaimInput {
  readonly verdict: Verdict;
}

/** Every number satisfies the band, or 'fails'; NaN satisfies nothing. */
export function judge({ measured, expect }: ClaimInput): Verdict {
  if (measured === undefined) return 'not tested';
  const numbers = typeof measured === 'number' ? [measured] : measured;
  return numbers.every(v => satisfies(v, expect)) ? 'holds' : 'fails';
}

function satisfies(value: number, expect: Expectation): boolean {
  if ('above' in expect) return value >= expect.above;
  if ('below' in expect) return value <= expect.below;
  if ('within' in expect) return value >= expect.within[0] && value <= expect.within[1];
  return Math.abs(value - expect.equals) <= expect.tolerance;
}

/** Refuses a band that is none, or whose bounds are not numbers or out of order. */
export function checkExpectation(where: string, expect: Expectation): void {
  const bounds = Object.values(expect).flat() as unknown[];
  const kinds = ['above', 'below', 'within', 'equals'].filter(k => k in expect);
  if (kinds.length !== 1) fail(where, `expect is ${JSON.stringify(expect)} but must be one of above, below, within, equals`);
  const bad = bounds.find(b => typeof b !== 'number' || Number.isNaN(b));
  if (bad !== undefined) fail(where, `expect is ${JSON.stringify(expect)} but its bounds must be numbers`);
  if ('within' in expect && !(expect.within[0] <= expect.within[1])) fail(where, `expect is within [${expect.within}] but the lower bound comes first`);
  if ('equals' in expect && !(expect.tolerance >= 0)) fail(where, `expect equals ${expect.equals} needs a tolerance >= 0 but has ${expect.tolerance}`);
}

/** The expectation as read: '>= 0.5', 'in [1, 2]', '0.3 +- 0.01'. */
export function band(expect: Expectation): string {
  if ('above' in expect) return `>= ${brief(expect.above)}`;
  if ('below' in expect) return `<= ${brief(expect.below)}`;
  if ('within' in expect) return `in [${expect.within.map(brief).join(', ')}]`;
  return `${brief(expect.equals)} +- ${brief(expect.tolerance)}`;
}

/** The measurement as read: a number, or of several the range, their count, and how many satisfy the band. */
export function measurement({ measured, expect }: ClaimInput): string {
  if (measured === undefined) return '';
  if (typeof measured === 'number') return brief(measured);
  if (measured.length === 1) return brief(measured[0]);
  const finite = measured.filter(Number.isFinite);
  const passed = measured.filter(v => satisfies(v, expect)).length;
  const range = finite.length > 0 ? `${brief(Math.min(...finite))} .. ${brief(Math.max(...finite))}` : 'none finite';
  const lost = finite.length > 0 && finite.length < measured.length ? `${measured.length - finite.length} not finite, ` : '';
  return `${range} (${lost}${passed} of ${measured.length} hold)`;
}

/** One claim beside its measurement: plain data and the judgement of it. */
import { inspect } from 'node:util';
import { fail } from '../base/check';
import { brief } from './html';

/** What a measured number must satisfy; bounds are inclusive. NaN and infinities satisfy nothing. */
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
  readonly measured?: number | ArrayLike<number>;
  readonly expect: Expectation;
  /** Where the claim comes from: the paper's abstract, theorem or figure, or own design. */
  readonly source: string;
  readonly note?: string;
}

export type Verdict = 'holds' | 'fails' | 'not tested';

export interface Claim extends ClaimInput {
  readonly measured?: number | readonly number[];
  readonly verdict: Verdict;
}

/**
 * Every number satisfies the band, or 'fails'. What is not a finite number satisfies nothing: no measurement gave it.
 */
export function judge({ measured, expect }: ClaimInput): Verdict {
  if (measured === undefined) return 'not tested';
  const numbers = numbersOf(measured);
  return numbers.length > 0 && numbers.every(v => satisfies(v, expect)) ? 'holds' : 'fails';
}

/** The measured numbers as a list of their own, without gaps. */
const numbersOf = (measured: ClaimInput['measured']): number[] =>
  Array.from(typeof measured === 'object' ? measured : [measured ?? NaN]);

const satisfies = (value: number, expect: Expectation) => Number.isFinite(value) && inside(value, expect);

function inside(value: number, expect: Expectation): boolean {
  if ('above' in expect) return value >= expect.above;
  if ('below' in expect) return value <= expect.below;
  if ('within' in expect) return value >= expect.within[0] && value <= expect.within[1];
  return Math.abs(value - expect.equals) <= expect.tolerance;
}

/** The measurement as plain numbers; refuses entries that are none, by their place. */
export function checkedMeasurement(where: string, measured: unknown): Claim['measured'] {
  if (measured === undefined || typeof measured === 'number') return measured;
  if (!Array.isArray(measured) && !(ArrayBuffer.isView(measured) && 'length' in measured))
    fail(where, `measured is ${inspect(measured, { depth: 0 })} but must be a number or a list of numbers`);
  const list = Array.from(measured as ArrayLike<unknown>);
  if (list.length === 0) fail(where, 'measured is an empty list; leave it out for what was not tested');
  const bad = list.findIndex(v => typeof v !== 'number');
  if (bad >= 0) fail(where, `measured[${bad}] is ${inspect(list[bad], { depth: 0 })} but must be a number`);
  return list as number[];
}

const bounds = { above: ['above'], below: ['below'], within: ['within'], equals: ['equals', 'tolerance'] };

/** Refuses a band that is none, or whose bounds are not numbers or out of order. */
export function checkExpectation(where: string, expect: Expectation): void {
  const said = `expect is ${inspect(expect, { breakLength: Infinity })}`;
  const refused = `${said} but must be one of above, below, within, equals`;
  if (typeof expect !== 'object' || expect === null) fail(where, refused);
  const kinds = Object.entries(bounds).filter(([kind]) => kind in expect);
  const known = kinds.length === 1 && Object.keys(expect).every(key => kinds[0][1].includes(key));
  if (!known) fail(where, refused);
  if ('equals' in expect && !(expect.tolerance >= 0))
    fail(where, `expect equals ${expect.equals} needs a tolerance >= 0 but has ${expect.tolerance}`);
  const numbers = Object.values(expect).flat() as unknown[];
  const isNumber = (b: unknown) => typeof b === 'number' && !Number.isNaN(b);
  if (!numbers.every(isNumber)) fail(where, `${said} but its bounds must be numbers`);
  if ('equals' in expect && !numbers.every(Number.isFinite)) fail(where, `${said} but both must be finite`);
  if ('within' in expect && !(expect.within.length === 2 && expect.within[0] <= expect.within[1]))
    fail(where, `expect is within [${expect.within}] but the lower bound comes first`);
  const excludes = [-Infinity, Infinity].some(end => !inside(end, expect));
  if (!excludes) fail(where, `${said} but a band must exclude some number`);
}

/** The expectation as read: '>= 0.5', 'in [1, 2]', '0.3 +- 0.01'. */
export function band(expect: Expectation): string {
  if ('above' in expect) return `>= ${brief(expect.above)}`;
  if ('below' in expect) return `<= ${brief(expect.below)}`;
  if ('within' in expect) return `in [${expect.within.map(brief).join(', ')}]`;
  return `${brief(expect.equals)} +- ${brief(expect.tolerance)}`;
}

/** The measurement as read: a number, or of several the range, their count, and how many satisfy the band. */
export function measurement({ measured, expect }: Pick<ClaimInput, 'measured' | 'expect'>): string {
  if (measured === undefined) return '';
  const numbers = numbersOf(measured);
  if (numbers.length === 1) return brief(numbers[0]);
  const finite = numbers.filter(Number.isFinite);
  const passed = numbers.filter(v => satisfies(v, expect)).length;
  const [least, most] = finite.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
  const range = finite.length > 0 ? `${brief(least)} .. ${brief(most)}` : 'none finite';
  const others = numbers.length - finite.length;
  const lost = finite.length > 0 && others > 0 ? `${others} not finite, ` : '';
  return `${range} (${lost}${passed} of ${numbers.length} hold)`;
}

/** What keeps a value that was read from being a claim, judged and whole; undefined when it is one. */
export function claimProblem(value: unknown): string | undefined {
  const said = (part: unknown) => inspect(part, { depth: 0, breakLength: Infinity });
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `a claim is ${said(value)} but must be an object`;
  const claim = value as Record<string, unknown>;
  const where = `claim ${said(claim.id)}`;
  const wrong = ['id', 'statement', 'source', 'note'].find(
    name => typeof (name === 'note' ? (claim.note ?? '') : claim[name]) !== 'string',
  );
  if (wrong) return `${where}: ${wrong} is ${said(claim[wrong])} but must be a text`;
  if (!['holds', 'fails', 'not tested'].includes(claim.verdict as string))
    return `${where}: verdict is ${said(claim.verdict)} but must be holds, fails or not tested`;
  try {
    checkExpectation(where, claim.expect as Expectation);
    if (ArrayBuffer.isView(claim.measured)) fail(where, 'measured is a typed array but must be a list of numbers');
    checkedMeasurement(where, claim.measured);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

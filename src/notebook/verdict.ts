/** One claim beside its measurement: plain data and the judgement of it. */
import { inspect } from 'node:util';
import { fail, isObject } from '../base/check';
import { brief } from './html';

/** What a measured number must satisfy; bounds are inclusive. NaN and infinities satisfy nothing. */
export type Expectation =
  | {
      /** The least number that satisfies it. */
      readonly above: number;
    }
  | {
      /** The greatest number that satisfies it. */
      readonly below: number;
    }
  | {
      /** The least and the greatest number that satisfy it. */
      readonly within: readonly [number, number];
    }
  | {
      /** The number that it should be, ... */
      readonly equals: number;
      /** ... and how far from it a number may lie, 0 or more, in the unit of the number. */
      readonly tolerance: number;
    };

/** A claim as it is made: what was said, what was measured, and which numbers would confirm it. */
export interface ClaimInput {
  /** Short and stable: runs are compared by it. */
  readonly id: string;
  /** A sentence with its quantities. */
  readonly statement: string;
  /**
   * A number, or one for each seed, all of which must satisfy `expect`. Leave it out for what was not tested, and say
   * why in `note`.
   */
  readonly measured?: number | ArrayLike<number>;
  /** The band that every measured number must lie in; bounds are inclusive. */
  readonly expect: Expectation;
  /** Where the claim comes from: the paper's abstract, theorem or figure, or own design. */
  readonly source: string;
  /** What the reader must know beside it; required where nothing was measured. */
  readonly note?: string;
}

/** What became of a claim. */
export type Verdict = 'holds' | 'fails' | 'not tested';

/** A claim that has been judged. */
export interface Claim extends ClaimInput {
  readonly measured?: number | readonly number[];
  /** Whether every measured number lies in the band. */
  readonly verdict: Verdict;
}

/** 'holds' when every measured number satisfies the band. What is not a finite number satisfies nothing. */
export function judge({ measured, expect }: Pick<ClaimInput, 'measured' | 'expect'>): Verdict {
  if (measured === undefined) return 'not tested';
  const numbers = numbersOf(measured);
  return numbers.length > 0 && numbers.every(v => satisfies(v, expect)) ? 'holds' : 'fails';
}

/** The measured numbers as a new list; gaps in the list given become undefined, which satisfies nothing. */
const numbersOf = (measured: number | ArrayLike<number>): number[] =>
  Array.from(typeof measured === 'object' ? measured : [measured]);

const satisfies = (value: number, expect: Expectation) => Number.isFinite(value) && inside(value, expect);

function inside(value: number, expect: Expectation): boolean {
  if ('above' in expect) return value >= expect.above;
  if ('below' in expect) return value <= expect.below;
  if ('within' in expect) return value >= expect.within[0] && value <= expect.within[1];
  return Math.abs(value - expect.equals) <= expect.tolerance;
}

const printed = (value: unknown) => inspect(value, { depth: 0, breakLength: Infinity });

/** The measurement as plain numbers. Refuses anything else, entries of a list by their index. */
export function checkedMeasurement(where: string, measured: unknown): Claim['measured'] {
  if (measured === undefined || typeof measured === 'number') return measured as number | undefined;
  if (!Array.isArray(measured) && !(ArrayBuffer.isView(measured) && 'length' in measured))
    fail(where, `measured is ${printed(measured)} but must be a number or a list of numbers`);
  const list = Array.from(measured as ArrayLike<unknown>);
  if (list.length === 0) fail(where, 'measured is an empty list; leave it out for what was not tested');
  const bad = list.findIndex(v => typeof v !== 'number');
  if (bad >= 0) fail(where, `measured[${bad}] is ${printed(list[bad])} but must be a number`);
  return list as number[];
}

const bounds = { above: ['above'], below: ['below'], within: ['within'], equals: ['equals', 'tolerance'] };

/** Refuses an expectation that is no band, or whose bounds are not numbers, out of order, or exclude nothing. */
export function checkExpectation(where: string, expect: Expectation): void {
  const said = `expect is ${inspect(expect, { breakLength: Infinity })}`;
  const kinds = isObject(expect) ? Object.entries(bounds).filter(([kind]) => kind in expect) : [];
  const isKnown = kinds.length === 1 && Object.keys(expect).every(key => kinds[0][1].includes(key));
  if (!isKnown) fail(where, `${said} but must be one of above, below, within, equals`);
  if ('equals' in expect && !(expect.tolerance >= 0))
    fail(where, `expect equals ${expect.equals} needs a tolerance >= 0 but has ${expect.tolerance}`);
  const numbers = Object.values(expect).flat() as unknown[];
  const isNumber = (b: unknown) => typeof b === 'number' && !Number.isNaN(b);
  if (!numbers.every(isNumber)) fail(where, `${said} but its bounds must be numbers`);
  if ('equals' in expect && !numbers.every(Number.isFinite)) fail(where, `${said} but both must be finite`);
  if ('within' in expect && !(expect.within.length === 2 && expect.within[0] <= expect.within[1]))
    fail(where, `expect is within [${expect.within}] but the lower bound comes first`);
  if (inside(-Infinity, expect) && inside(Infinity, expect)) fail(where, `${said} but a band must exclude some number`);
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

/** Refuses texts of a claim that are none. */
export function checkTexts(where: string, { id, statement, source, note = '' }: Partial<ClaimInput>): void {
  for (const [name, text] of Object.entries({ id, statement, source, note }))
    if (typeof text !== 'string') fail(where, `${name} is ${printed(text)} but must be a text`);
}

/** Why a value that was read from a file is not a claim as `claim` makes it; undefined when it is one. */
export function claimProblem(value: unknown): string | undefined {
  if (!isObject(value)) return `a claim is ${printed(value)} but must be an object`;
  const where = `claim ${printed(value.id)}`;
  try {
    checkTexts(where, value);
    if (!['holds', 'fails', 'not tested'].includes(value.verdict))
      fail(where, `verdict is ${printed(value.verdict)} but must be holds, fails or not tested`);
    checkExpectation(where, value.expect);
    if (ArrayBuffer.isView(value.measured)) fail(where, 'measured is a typed array but must be a list of numbers');
    checkedMeasurement(where, value.measured);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

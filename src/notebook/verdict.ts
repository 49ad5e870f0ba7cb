/** One claim beside its measurement: plain data and the judgement of it. */
import { inspect } from 'node:util';
import { fail, isObject } from '../base/check';
import { beside, checkExpectation, type Expectation, satisfies } from './expectation';

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
  /** A 'check' is an identity, a conservation law or a test of the code; it is counted apart. Default 'claim'. */
  readonly kind?: 'claim' | 'check';
  /**
   * What would have failed: by its name, what each alternative (another method, another exponent, no effect at all)
   * measures in place of `measured`. It is judged by the same band. Default: none.
   */
  readonly against?: Readonly<Record<string, number | ArrayLike<number>>>;
}

/** What became of a claim. 'undecided': its numbers lie in the band, but so do those of an alternative. */
export type Verdict = 'holds' | 'fails' | 'undecided' | 'not tested';

/** An alternative to a claim, judged by the claim's band. */
export interface Alternative {
  /** Its name. */
  readonly name: string;
  /** What it measures in place of the claim's own numbers. */
  readonly measured: number | readonly number[];
  /** Whether every one of its numbers lies in the band. */
  readonly verdict: 'holds' | 'fails';
}

/** A claim that has been judged. */
export interface Claim extends Omit<ClaimInput, 'against'> {
  readonly measured?: number | readonly number[];
  readonly kind: 'claim' | 'check';
  /** The alternatives, in the order of the keys given. */
  readonly against: readonly Alternative[];
  /** Whether every measured number lies in the band, and no alternative's do. */
  readonly verdict: Verdict;
}

/** Judges the alternatives, then the claim. What is not a finite number satisfies nothing. */
export function judge(
  measured: Claim['measured'],
  expect: Expectation,
  alternatives: Readonly<Record<string, Alternative['measured']>> = {},
): Pick<Claim, 'against' | 'verdict'> {
  const inBand = (given: Alternative['measured']) => {
    const numbers = numbersOf(given);
    return numbers.length > 0 && numbers.every(v => satisfies(v, expect)) ? 'holds' : 'fails';
  };
  const against = Object.entries(alternatives).map(
    ([name, numbers]): Alternative => ({ name, measured: numbers, verdict: inBand(numbers) }),
  );
  if (measured === undefined) return { against, verdict: 'not tested' };
  const verdict = inBand(measured);
  const isUndecided = verdict === 'holds' && against.some(alternative => alternative.verdict === 'holds');
  return { against, verdict: isUndecided ? 'undecided' : verdict };
}

/** The measured numbers as a new list; gaps in the list given become undefined, which satisfies nothing. */
const numbersOf = (measured: number | readonly number[]): number[] =>
  Array.from(typeof measured === 'object' ? measured : [measured]);

const printed = (value: unknown) => inspect(value, { depth: 0, breakLength: Infinity });

/** The measurement as plain numbers. Refuses anything else, entries of a list by their index. */
export function checkedMeasurement(where: string, measured: unknown): Alternative['measured'] {
  if (typeof measured === 'number') return measured;
  if (!Array.isArray(measured) && !(ArrayBuffer.isView(measured) && 'length' in measured))
    fail(where, `measured is ${printed(measured)} but must be a number or a list of numbers`);
  const list = Array.from(measured as ArrayLike<unknown>);
  if (list.length === 0) fail(where, 'measured is an empty list; leave it out for what was not tested');
  const bad = list.findIndex(v => typeof v !== 'number');
  if (bad >= 0) fail(where, `measured[${bad}] is ${printed(list[bad])} but must be a number`);
  return list as number[];
}

/** Whether all that an object holds are its own keys: a Map, or an object that inherits, would name no alternative. */
function isPlain(value: unknown): value is Record<string, unknown> {
  const prototype = isObject(value) ? Object.getPrototypeOf(value) : undefined;
  return prototype !== undefined && (prototype === null || Object.getPrototypeOf(prototype) === null);
}

/** The alternatives' measurements as plain numbers, by name. Refuses what is none. */
export function checkedAlternatives(where: string, against: unknown): Record<string, Alternative['measured']> {
  if (!isPlain(against)) fail(where, `against is ${printed(against)} but must be an object: { name: measured }`);
  const named = Object.entries(against);
  if (named.some(([name]) => !name.trim())) fail(where, 'against has an alternative without a name');
  return Object.fromEntries(
    named.map(([name, measured]) => [name, checkedMeasurement(`${where}, against '${name}'`, measured)]),
  );
}

/** The measurement as read: a number, or of several the range, their count, and how many satisfy the band. */
export function measurement(measured: Claim['measured'], expect: Expectation): string {
  if (measured === undefined) return '';
  const numbers = numbersOf(measured);
  if (numbers.length === 1) return beside(numbers[0], expect);
  const finite = numbers.filter(Number.isFinite);
  const passed = numbers.filter(v => satisfies(v, expect)).length;
  const [least, most] = finite.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
  const range = finite.length > 0 ? `${beside(least, expect)} .. ${beside(most, expect)}` : 'none finite';
  const others = numbers.length - finite.length;
  const lost = finite.length > 0 && others > 0 ? `${others} not finite, ` : '';
  return `${range} (${lost}${passed} of ${numbers.length} hold)`;
}

/** Refuses texts of a claim that are none, and a kind that there is not. */
export function checkTexts(
  where: string,
  { id, statement, source, note = '', kind = 'claim' }: Partial<ClaimInput>,
): void {
  for (const [name, text] of Object.entries({ id, statement, source, note }))
    if (typeof text !== 'string') fail(where, `${name} is ${printed(text)} but must be a text`);
  if (!['claim', 'check'].includes(kind)) fail(where, `kind is ${printed(kind)} but must be claim or check`);
}

/** Why a value that was read from a file is not a claim as `claim` makes it; undefined when it is one. */
export function claimProblem(value: unknown): string | undefined {
  if (!isObject(value)) return `a claim is ${printed(value)} but must be an object`;
  const where = `claim ${printed(value.id)}`;
  try {
    checkTexts(where, value);
    if (value.kind === undefined) fail(where, 'kind is undefined but must be claim or check');
    if (!['holds', 'fails', 'undecided', 'not tested'].includes(value.verdict))
      fail(where, `verdict is ${printed(value.verdict)} but must be holds, fails, undecided or not tested`);
    checkExpectation(where, value.expect);
    if (value.measured !== undefined) checkPlain(where, value.measured);
    if (!Array.isArray(value.against)) fail(where, `against is ${printed(value.against)} but must be a list`);
    for (const [i, alternative] of value.against.entries()) checkAlternative(`${where}, against[${i}]`, alternative);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function checkPlain(where: string, measured: unknown): void {
  if (ArrayBuffer.isView(measured)) fail(where, 'measured is a typed array but must be a list of numbers');
  checkedMeasurement(where, measured);
}

function checkAlternative(where: string, alternative: unknown): void {
  if (!isObject(alternative)) fail(where, `it is ${printed(alternative)} but must be an object`);
  const { name, measured, verdict } = alternative;
  if (typeof name !== 'string') fail(where, `name is ${printed(name)} but must be a text`);
  if (!['holds', 'fails'].includes(verdict)) fail(where, `verdict is ${printed(verdict)} but must be holds or fails`);
  checkPlain(where, measured);
}

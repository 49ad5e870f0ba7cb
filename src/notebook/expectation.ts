/** The band that the numbers of a claim must lie in. */
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

/** Whether a number lies in the band. NaN and infinities satisfy nothing. */
export const satisfies = (value: number, expect: Expectation) => Number.isFinite(value) && inside(value, expect);

function inside(value: number, expect: Expectation): boolean {
  if ('above' in expect) return value >= expect.above;
  if ('below' in expect) return value <= expect.below;
  if ('within' in expect) return value >= expect.within[0] && value <= expect.within[1];
  return Math.abs(value - expect.equals) <= expect.tolerance;
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

/** A bound as it was written, when 9 digits write it; one that was computed has 4. */
const written = (bound: number) => brief(bound, Number(bound.toPrecision(9)) === bound ? 9 : 4);

/** The expectation as read: '≥ 0.5', 'in [1, 2]', '0.3 ± 0.01'. */
export const band = (expect: Expectation) => bandWith(expect, written);

function bandWith(expect: Expectation, bound: (value: number) => string): string {
  if ('above' in expect) return `≥ ${bound(expect.above)}`;
  if ('below' in expect) return `≤ ${bound(expect.below)}`;
  if ('within' in expect) return `in [${expect.within.map(v => bound(v)).join(', ')}]`;
  return `${bound(expect.equals)} ± ${bound(expect.tolerance)}`;
}

/** Whether a reader who sees this number beside the band as `band` prints it finds the number inside. */
function readsInside(text: string, expect: Expectation): boolean {
  const [value, bound] = [Number(text), (b: number) => Number(written(b))];
  if ('above' in expect) return value >= bound(expect.above);
  if ('below' in expect) return value <= bound(expect.below);
  if ('within' in expect) return value >= bound(expect.within[0]) && value <= bound(expect.within[1]);
  return Math.abs(value - bound(expect.equals)) <= bound(expect.tolerance) * (1 + 1e-9);
}

/** A measured number with 4 digits, or as many as show on which side of the bounds it lies. */
export function beside(value: number, expect: Expectation): string {
  const isInside = satisfies(value, expect);
  for (let digits = 4; digits <= 17; digits++) {
    const text = brief(value, digits);
    if (!Number.isFinite(value) || readsInside(text, expect) === isInside) return text;
  }
  return `${value} where the band is ${bandWith(expect, String)}`;
}

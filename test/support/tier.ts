/**
 * The two tiers of the tests: `npm test` runs the core; what repeats at length what the core shows in small is run by
 * `npm test -- --mode long`.
 */
import { test } from 'vitest';

export const isLong = process.env.WIDENET_LONG === '1';

const left = Object.assign(() => {}, { each: () => () => {} }) as unknown as typeof test;
/** A test of the core, and one of the long tier, in a file that both run. */
export const core = isLong ? left : test;
export const long = isLong ? test : left;

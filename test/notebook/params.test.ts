import { afterEach, expect, test } from 'vitest';
import { params } from '../../src/notebook/params';
import { session } from '../../src/notebook/session';
import { shownBy } from '../support/shown';

const declared = {
  quick: { n: 32, rate: 0.5, seeds: [0, 1], target: 'signs', unbiased: true },
  full: { n: 256, seeds: [0, 1, 2, 3] },
};
const overridden = (set: unknown, profile = 'quick') => {
  process.env.WIDENET_PROFILE = profile;
  process.env.WIDENET_SET = typeof set === 'string' ? set : JSON.stringify(set);
  return params(declared);
};

afterEach(() => {
  delete process.env.WIDENET_PROFILE;
  delete process.env.WIDENET_SET;
  delete process.env.WIDENET_INJECTED;
});

test('the profile chooses, and what full does not name stays', () => {
  expect(params(declared)).toEqual(declared.quick);
  process.env.WIDENET_PROFILE = 'full';
  expect(params(declared)).toEqual({ ...declared.quick, ...declared.full });
});

test('overrides go over both profiles and are told to the session', () => {
  const settings = overridden({ n: 7, seeds: [5], target: 'random', unbiased: false }, 'full');
  expect(settings).toEqual({ n: 7, rate: 0.5, seeds: [5], target: 'random', unbiased: false });
  expect(session()).toMatchObject({ profile: 'full', settings });
});

test.each([
  [
    { m: 1 },
    /^params: --set names 'm' but the parameters are n \(number\), rate \(number\), seeds \(list of numbers\), target \(string\), unbiased \(boolean\)$/,
  ],
  [{ constructor: 1 }, /^params: --set names 'constructor' but the parameters are n \(number\)/],
  ['{"__proto__": 1}', /^params: --set names '__proto__' but the parameters are n \(number\)/],
  [{ n: 'many' }, /^params: --set gives n = 'many' but it must be a number like 32$/],
  [{ seeds: 3 }, /gives seeds = 3 but it must be a list of numbers like \[ 0, 1 \]$/],
  [{ seeds: [] }, /gives seeds = \[\] but it must be a list of numbers/],
  [{ seeds: [1, 'a'] }, /gives seeds = \[ 1, 'a' \] but it must be a list of numbers/],
  [{ unbiased: 1 }, /must be a boolean like true$/],
  [{ n: null }, /n = null but it must be a number/],
  ['{"n": 1', /^params: WIDENET_SET is \{"n": 1 but must be a JSON object$/],
  ['[1]', /^params: WIDENET_SET is \[1\] but must be a JSON object$/],
])('%j is refused', (set, message) => expect(() => overridden(set)).toThrow(message));

test('a profile that is none, and a full value that quick does not declare, are refused', () => {
  expect(() => overridden({}, 'fast')).toThrow(/^params: profile is 'fast' but must be quick or full$/);
  process.env.WIDENET_PROFILE = 'full';
  expect(() => params({ quick: { n: 1 }, full: { m: 2 } as any })).toThrow(
    /^params: full names 'm' but the parameters are n \(number\)$/,
  );
});

test('a value below its least is refused, from wherever it comes', () => {
  const sized = { quick: { seedCount: 5, widths: [32, 64], name: 'a' }, least: { seedCount: 2, widths: 2 } };
  const set = (given: object) => {
    process.env.WIDENET_SET = JSON.stringify(given);
    return params(sized);
  };
  expect(set({ seedCount: 2, widths: [8, 4] })).toMatchObject({ seedCount: 2, widths: [8, 4] });
  expect(() => set({ seedCount: 1 })).toThrow(/^params: seedCount = 1 but must be at least 2$/);
  expect(() => set({ widths: [64] })).toThrow(/^params: widths = \[ 64 \] but must be a list of at least 2$/);
  expect(() => params({ ...sized, least: { name: 2 } })).toThrow(
    /^params: least gives name = 2 but must give a number or a list a finite number$/,
  );
  expect(() => params({ ...sized, least: { m: 2 } as any })).toThrow(/^params: least gives m = 2 but/);
  expect(() => params({ ...sized, quick: { ...sized.quick, seedCount: 1 } })).toThrow(/^params: seedCount = 1 but/);
  delete process.env.WIDENET_SET;
  const settings = params(sized);
  expect(() => inject({ seedCount: 1 })).toThrow(/^params: seedCount = 1 but must be at least 2$/);
  expect([settings.seedCount, session().settings.seedCount], 'nothing is changed').toEqual([5, 5]);
});

test("a run's profile and what is set are shown below the cell, a plain run shows nothing", () => {
  const texts = (set: object, profile?: string) =>
    shownBy(() => void overridden(set, profile)).map(shown => shown['text/plain']);
  expect(texts({})).toEqual([]);
  expect(texts({}, 'full')).toEqual(['profile full']);
  expect(texts({ n: 7, target: 'own' })).toEqual(["profile quick, with --set n = 7, target = 'own'"]);
});

/** What the cell that papermill writes below the one of `params` does. */
function inject(given: object): void {
  process.env.WIDENET_INJECTED = JSON.stringify(given);
  (globalThis as any)[Symbol.for('widenet.params')].inject();
}

test("papermill's cell below changes what params gave, and forgets claims of other parameters", () => {
  const settings = params(declared);
  session().claims.set('a', {} as never);
  inject({ n: 7, seeds: [5] });
  expect(settings).toEqual({ ...declared.quick, n: 7, seeds: [5] });
  expect(session()).toMatchObject({ settings, claims: new Map() });
  session().claims.set('a', {} as never);
  inject({ n: 7, seeds: [5] });
  expect(session().claims.size).toBe(1);
  expect(params(declared), 'the cell of params runs again').toEqual(settings);
  expect(() => inject({ m: 1 })).toThrow(/^params: papermill names 'm' but the parameters are n \(number\)/);
  expect(() => inject({ n: NaN })).toThrow(/^params: papermill gives n = null but it must be a number like 32$/);
  process.env.WIDENET_SET = '{"n": 8}';
  expect(() => inject({ n: 7 })).toThrow(/^params: --set gives n = 8 but papermill's cell 7$/);
});

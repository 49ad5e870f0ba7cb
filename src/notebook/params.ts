/** A notebook's parameters: declared once, overridden from the command line. */
import { inspect, isDeepStrictEqual } from 'node:util';
import { fail, knownOptions } from '../base/check';
import { processState } from '../base/process-state';
import { injectedParameters, requestedParameters, requestedProfile } from './runner';
import { session } from './session';
import { inNotebook, send } from './show';

/** What a parameter may be. */
export type Parameter = number | string | boolean | readonly number[] | readonly string[] | readonly boolean[];
/** The type that the value of a parameter stands for: `number` for `32`. */
type Widened<T> = T extends number
  ? number
  : T extends string
    ? string
    : T extends boolean
      ? boolean
      : T extends readonly (infer E)[]
        ? Widened<E>[]
        : never;
/** Parameters, each of the type of its value in `quick`. */
type Parameters<Q> = { [name in keyof Q]: Widened<Q[name]> };

/**
 * The parameters of the profile that WIDENET_PROFILE names (default quick). `quick` declares every name and its type;
 * `full` gives the values that differ. WIDENET_SET, a JSON object, overrides both, and so does papermill's `-p`. In
 * JupyterLab, edit the cell instead: claims that were measured with other values are then no longer among `verdicts()`.
 * A run of another profile or with WIDENET_SET shows them below the cell. Errors: a profile that is neither; in `full`
 * or WIDENET_SET a name that `quick` lacks, or a value of another type; a value below its `least`.
 *
 * @example
 * params({ quick: { n: 32, seeds: 5 }, full: { n: 256 }, least: { seeds: 2 } }).n // -> 32
 */
export function params<const Q extends Record<string, Parameter>>(profiles: {
  /** Every parameter, with a value for a quick look. */
  quick: Q;
  /** Values of the full profile, where they differ. Default: none differ. */
  full?: Partial<Parameters<Q>>;
  /** What the notebook needs to work: the least value of a number, the least length of a list. Default: any. */
  least?: { readonly [name in keyof Q]?: number };
}): Parameters<Q> {
  knownOptions('params', profiles, ['quick', 'full', 'least']);
  const profile = requestedProfile();
  if (profile !== 'quick' && profile !== 'full') fail('params', `profile is '${profile}' but must be quick or full`);
  const full = profile === 'full' ? (profiles.full ?? {}) : {};
  const settings = {
    ...profiles.quick,
    ...checked('full', full, profiles.quick),
    ...overrides(profiles.quick),
  };
  checkLeast(profiles.least ?? {}, settings);
  declare(profile, settings);
  showChosen(profile);
  processState('params', () => ({ inject() {} })).inject = () => {
    const changed = { ...settings, ...overrides(profiles.quick) };
    checkLeast(profiles.least ?? {}, changed);
    declare(profile, Object.assign(settings, changed));
  };
  return settings as unknown as Parameters<Q>;
}

/**
 * What --set and papermill give. papermill's cell comes below the one that declares the parameters, and then calls
 * `inject`: the object that `params` gave is changed.
 */
function overrides(declared: Record<string, Parameter>): Record<string, unknown> {
  const set = checked('--set', requestedParameters(), declared);
  const injected = checked('papermill', injectedParameters(), declared);
  const twice = Object.keys(set).find(name => name in injected && !isDeepStrictEqual(set[name], injected[name]));
  if (twice !== undefined)
    fail('params', `--set gives ${twice} = ${inspect(set[twice])} but papermill's cell ${inspect(injected[twice])}`);
  return { ...injected, ...set };
}

/** What the cell's own text does not say: which profile runs, and what --set gives. */
function showChosen(profile: string): void {
  const set = Object.entries(requestedParameters()).map(([name, value]) => `${name} = ${inspect(value)}`);
  if (!inNotebook() || (profile === 'quick' && set.length === 0)) return;
  send({ 'text/plain': `profile ${profile}${set.length > 0 ? `, with --set ${set.join(', ')}` : ''}` });
}

/** Refuses settings with which the notebook cannot work, before it has computed anything. */
function checkLeast(least: Readonly<Record<string, number | undefined>>, settings: Record<string, unknown>): void {
  for (const [name, bound] of Object.entries(least)) {
    const value = settings[name];
    const size = Array.isArray(value) ? value.length : value;
    if (typeof size !== 'number' || typeof bound !== 'number' || !Number.isFinite(bound))
      fail('params', `least gives ${name} = ${inspect(bound)} but must give a number or a list a finite number`);
    if (size < bound)
      fail(
        'params',
        Array.isArray(value)
          ? `${name} = ${inspect(value)} but must be a list of at least ${bound}`
          : `${name} = ${inspect(value)} but must be at least ${bound}`,
      );
  }
}

/** Makes these the notebook's parameters. Claims that were measured with others are forgotten. */
function declare(profile: string, settings: Record<string, unknown>): void {
  const before = session();
  const isAnew = Object.keys(before.settings).length > 0;
  if (isAnew && !isDeepStrictEqual([before.profile, before.settings], [profile, settings])) before.claims.clear();
  Object.assign(before, { profile, settings: { ...settings } });
}

function checked(where: string, given: Record<string, unknown>, declared: Record<string, Parameter>) {
  const listed = () => Object.entries(declared).map(([name, value]) => `${name} (${kind(value)})`);
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(declared, name))
      fail('params', `${where} names '${name}' but the parameters are ${listed().join(', ')}`);
    const example = declared[name];
    if (kind(value) !== kind(example))
      fail(
        'params',
        `${where} gives ${name} = ${inspect(value)} but it must be a ${kind(example)} like ${inspect(example)}`,
      );
  }
  return given;
}

/** 'number', 'string', 'boolean', 'list of numbers', ...; all other values are of other kinds. */
function kind(value: unknown): string {
  if (Array.isArray(value)) {
    const kinds = [...new Set(value.map(kind))];
    return kinds.length === 1 ? `list of ${kinds[0]}s` : kinds.length === 0 ? 'empty list' : 'mixed list';
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return 'number that is not finite';
  return value === null ? 'null' : typeof value;
}

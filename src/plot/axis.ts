/** An axis of a figure. Ranges and ticks come in data units; Plotly wants the range of a log axis as powers of ten. */
import type { PlotlyObject } from './figure';
import { axisLook } from './house';
import { type AxisOptions, axisOptionsOf, type Ticks } from './options';
import { pad, type Range } from './range';

const labels: Record<string, string> = { t: 'time t', step: 'steps k' };

/** The axis title: as given, or the column's name, with `t` and `step` spelt out. */
export const label = (given: string | undefined, name: string) => given ?? labels[name] ?? name;

/**
 * An axis of a figure with these options. Without a range among them, it shows the range of `values` with some room.
 * Without ticks among them, it has those at `at`, or Plotly's; a log axis has one for each decade, or for every
 * second, third... when there are many, and on few decades also at 2 and 5, or at every digit, or at even distances.
 */
export function axis(
  which: 'x' | 'y',
  column: string,
  options: AxisOptions,
  values?: Range,
  at?: readonly number[],
): PlotlyObject {
  const { title, log, range, ticks } = axisOptionsOf(which, options);
  const scale = log ? Math.log10 : (v: number) => v;
  const given = range && ([scale(range[0]), scale(range[1])] as const);
  const span = given ?? (values && pad([scale(values[0]), scale(values[1])]));
  const named = { title: { text: label(title, column), standoff: 8 }, ...axisLook, ...(span && { range: [...span] }) };
  if (!log) return { ...named, ...tickList(ticks ?? at) };
  const logarithmic = { ...named, type: 'log', exponentformat: 'power' };
  if (ticks || !span) return { ...logarithmic, ...tickList(ticks ?? at) };
  const step = decadeStep(span);
  const isOfPowers = !at && span[1] - span[0] >= few;
  const listed = tickList(at ?? (isOfPowers ? powers(span, step) : digitTicks(span)));
  return {
    ...logarithmic,
    // What follows holds when a reader zooms, which ends the list of ticks.
    dtick: step,
    minor: isOfPowers && step === 1 ? { dtick: 'D1', ticks: 'outside', ticklen: 3, tickcolor: '#888' } : undefined,
    ...listed,
  };
}

function tickList(ticks: Ticks): { tickmode: 'array'; tickvals: number[]; ticktext: string[] };
function tickList(ticks: Ticks | undefined): PlotlyObject;
function tickList(ticks: Ticks | undefined): PlotlyObject {
  if (!ticks) return {};
  const texts = Array.isArray(ticks) ? tickTexts(ticks) : Object.keys(ticks);
  return { tickmode: 'array', tickvals: Object.values(ticks), ticktext: texts };
}

/** On fewer decades than this, powers of ten alone are too few ticks. */
const few = 2.2;

const decadeStep = ([low, high]: Range) => Math.ceil((high - low) / 8);

/** Every power of ten in a range of exponents, or every second, third...: those that the step divides. */
function powers([low, high]: Range, step: number): number[] {
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count }, (_, k) => Number(`1e${(first + k) * step}`));
}

/**
 * Ticks on few decades: 1, 2 and 5 of each, or every digit when these are fewer than 3, or multiples of 1, 2 or 5 of a
 * lower decade when even those are fewer than 2.
 */
function digitTicks([low, high]: Range): number[] {
  const isShown = (v: number) => Math.log10(v) >= low && Math.log10(v) <= high;
  const decades = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, k) => Math.floor(low) + k);
  const values = (digits: number[]) =>
    decades.flatMap(decade => digits.map(d => Number(`${d}e${decade}`))).filter(isShown);
  const some = values([1, 2, 5]);
  if (some.length >= 3) return some;
  const all = values([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  return all.length >= 2 ? all : evenTicks(10 ** low, 10 ** high);
}

/** About 5 multiples of 1, 2 or 5 times a power of ten. */
function evenTicks(low: number, high: number): number[] {
  const exponent = Math.floor(Math.log10((high - low) / 4));
  const factor = [1, 2, 5, 10].find(f => f * 10 ** exponent >= (high - low) / 6)!;
  const unit = Number(`${factor}e${exponent}`);
  const first = Math.ceil(low / unit);
  const multiples = Array.from({ length: Math.floor(high / unit) - first + 1 }, (_, k) => (first + k) * unit);
  return multiples.map(v => Number(v.toPrecision(12)));
}

/**
 * Ticks in one style: plain when all lie between 0.001 and 99999 or are whole with several digits, else with powers.
 */
function tickTexts(values: readonly number[]): string[] {
  const isPlain = (v: number) => v === 0 || (exponentOf(v) >= -3 && exponentOf(v) <= 4);
  const areCounts = values.every(v => Number.isInteger(v) && Math.abs(v) < 1e7) && !values.every(isRound);
  return values.map(v => (areCounts || values.every(isPlain) ? minus(String(v)) : powerText(v)));
}

/** Whether a number has at most one digit beside zeros. */
const isRound = (v: number) => v === 0 || /^-?0?\.?0*[1-9]0*$|^-?[1-9]e/.test(String(v));

const exponentOf = (v: number) => Math.floor(Math.log10(Math.abs(v)) + 1e-9);

/** A value as a factor and a power of ten; 0, 1 and 10 are themselves. */
function powerText(value: number): string {
  if ([0, 1, 10].includes(Math.abs(value))) return minus(String(value));
  const exponent = exponentOf(value);
  const factor = Number((value / 10 ** exponent).toPrecision(6));
  const shown = factor === 1 ? '' : factor === -1 ? '−' : `${minus(String(factor))}·`;
  return exponent === 0 ? minus(String(factor)) : `${shown}10<sup>${minus(String(exponent))}</sup>`;
}

/** With the sign that Plotly writes. */
const minus = (text: string) => text.replace('-', '−');

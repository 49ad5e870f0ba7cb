/** The axes of a figure. Ranges and ticks are in data units everywhere; Plotly wants the range of a log axis as powers of ten. */
import { inspect } from 'node:util';
import { fail } from '../base/check';
import type { PlotlyObject } from './figure';
import { pad, type Range } from './range';

/** Values in data units, or values by the text that stands at them: `{ '0': 0, 'π': Math.PI }`. */
export type Ticks = readonly number[] | { readonly [text: string]: number };

/** The options of both axes of a figure. */
export interface AxisOptions {
  /** The text at the x axis. Default: the name of the column, with `t` and `step` spelt out. */
  xLabel?: string;
  /** The text at the y axis. Default: the name of the column. */
  yLabel?: string;
  /** Whether the x axis is logarithmic. */
  logX?: boolean;
  /** Whether the y axis is logarithmic. */
  logY?: boolean;
  /** What the x axis shows: `[low, high]`, in data units on a log axis too. Default: all values. */
  xRange?: Range;
  /** What the y axis shows: `[low, high]`, in data units on a log axis too. Default: all values. */
  yRange?: Range;
  /** The ticks of the x axis: values in data units, on a log axis too, or values by their text `{ '0': 0, 'π': Math.PI }`. */
  xTicks?: Ticks;
  /** The ticks of the y axis: values in data units, on a log axis too, or values by their text `{ '0': 0, 'π': Math.PI }`. */
  yTicks?: Ticks;
}

const labels: Record<string, string> = { t: 'time t', step: 'steps k' };

/** The axis title: as given, or the column's name, with `t` and `step` spelt out. */
export const label = (given: string | undefined, name: string) => given ?? labels[name] ?? name;

const chosen = (which: 'x' | 'y', options: AxisOptions) =>
  which === 'x'
    ? { title: options.xLabel, log: options.logX, range: options.xRange, ticks: options.xTicks }
    : { title: options.yLabel, log: options.logY, range: options.yRange, ticks: options.yTicks };

/** Refuses ranges and ticks that an axis cannot show. */
export function checkAxes(where: string, options: AxisOptions): void {
  for (const which of ['x', 'y'] as const) {
    const { log, range, ticks } = chosen(which, options);
    checkRange(where, `${which}Range`, range, log);
    checkTicks(where, `${which}Ticks`, ticks, log);
  }
}

export function checkRange(where: string, name: string, range: Range | undefined, log?: boolean): void {
  if (range === undefined) return;
  if (!Array.isArray(range) || range.length !== 2 || !range.every(Number.isFinite) || !(range[0] < range[1]))
    fail(where, `${name} is ${shown(range)} but must be two finite numbers, the lower one first`);
  if (log && range[0] <= 0) fail(where, `${name} is ${shown(range)} but both ends must be > 0 on a log axis`);
}

function checkTicks(where: string, name: string, ticks: Ticks | undefined, log: boolean | undefined): void {
  if (ticks === undefined) return;
  const values = typeof ticks === 'object' && ticks !== null ? Object.values(ticks) : [ticks];
  if (!values.every(Number.isFinite))
    fail(where, `${name} is ${shown(ticks)} but must be finite numbers, or finite numbers by their text`);
  if (log && values.some(v => v <= 0)) fail(where, `${name} is ${shown(ticks)} but ticks must be > 0 on a log axis`);
}

const shown = (value: unknown) => inspect(value, { breakLength: Infinity });

const look = {
  automargin: true,
  zeroline: false,
  showline: true,
  mirror: true,
  ticks: 'outside',
  linecolor: '#444',
  tickcolor: '#444',
  gridcolor: '#e6e6e6',
};

/**
 * An axis of a figure with these options. Where they leave it open, it shows the range of the `values` with some room, and the
 * ticks `at`. A log axis has a tick a decade, or every second, third... when there are many; on few decades also at 2 and 5,
 * or at every digit.
 */
export function axis(
  which: 'x' | 'y',
  column: string,
  options: AxisOptions,
  values?: Range,
  at?: readonly number[],
): PlotlyObject {
  const { title, log, range, ticks } = chosen(which, options);
  const scale = log ? Math.log10 : (v: number) => v;
  const given = range && ([scale(range[0]), scale(range[1])] as const);
  const span = given ?? (values && pad([scale(values[0]), scale(values[1])]));
  const named = { title: { text: label(title, column), standoff: 8 }, ...look, ...(span && { range: [...span] }) };
  if (!log) return { ...named, ...tickList(ticks ?? at) };
  const logarithmic = { ...named, type: 'log', exponentformat: 'power' };
  if (ticks || !span) return { ...logarithmic, ...tickList(ticks ?? at) };
  const decades = span[1] - span[0];
  const listed = at ?? (decades < 2.2 ? digitTicks(span) : undefined);
  return {
    ...logarithmic,
    tickfont: listed ? undefined : { size: 11 },
    dtick: Math.ceil(decades / 8),
    minor: decades < 8 ? { dtick: 'D1', ticks: 'outside', ticklen: 3, tickcolor: '#888' } : undefined,
    ...tickList(listed),
  };
}

function tickList(ticks: Ticks | undefined): PlotlyObject {
  if (!ticks) return {};
  const texts = Array.isArray(ticks) ? ticks.map(tickText) : Object.keys(ticks);
  return { tickmode: 'array', tickvals: Object.values(ticks), ticktext: texts };
}

/** Ticks on few decades: 1, 2 and 5 of each, or every digit when these are fewer than 3. */
function digitTicks([low, high]: Range): number[] {
  const decades = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, k) => Math.floor(low) + k);
  const values = (digits: number[]) =>
    decades
      .flatMap(decade => digits.map(d => Number(`${d}e${decade}`)))
      .filter(v => Math.log10(v) >= low && Math.log10(v) <= high);
  const few = values([1, 2, 5]);
  return few.length >= 3 ? few : values([1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

/** A tick's value: plain between 0.001 and 99999, else with a power of ten. */
function tickText(value: number): string {
  const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  if (value === 0 || (exponent >= -3 && exponent <= 4)) return String(value);
  const factor = Number((value / 10 ** exponent).toPrecision(6));
  return `${factor === 1 ? '' : `${factor}·`}10<sup>${exponent}</sup>`;
}

/** The axes of a figure. Ranges and ticks are in data units everywhere; Plotly wants the range of a log axis as powers of ten. */
import { inspect } from 'node:util';
import { fail } from '../base/check';
import type { PlotlyObject } from './figure';

/** The two ends of an axis in data units, the lower one first. */
export type Range = readonly [low: number, high: number];

/** Values in data units, or values by the text that stands at them: `{ '0': 0, 'π': Math.PI }`. */
export type Ticks = readonly number[] | { readonly [text: string]: number };

/** What a figure function takes for its x axis. */
export interface XAxisOptions {
  /** Default: the name of the column, with `t` and `step` spelt out. */
  xLabel?: string;
  logX?: boolean;
  /** What the axis shows, `[low, high]` in data units, on a log axis too. Default: all values. */
  xRange?: Range;
  /** The ticks of the axis, in data units on a log axis too: `[1, 10]`, or with texts `{ '0': 0, 'π': Math.PI }`. */
  xTicks?: Ticks;
}

/** What a figure function takes for its y axis. */
export interface YAxisOptions {
  /** Default: the name of the column. */
  yLabel?: string;
  logY?: boolean;
  /** What the axis shows, `[low, high]` in data units, on a log axis too. Default: all values. */
  yRange?: Range;
  /** The ticks of the axis, in data units on a log axis too: `[1, 10]`, or with texts `{ '0': 0, 'π': Math.PI }`. */
  yTicks?: Ticks;
}

type AxisOptions = XAxisOptions & YAxisOptions;

const labels: Record<string, string> = { t: 'time t', step: 'steps k' };

/** The axis title: as given, or the column's name, with `t` and `step` spelt out. */
export const label = (given: string | undefined, name: string) => given ?? labels[name] ?? name;

/** Refuses ranges and ticks that an axis cannot show. */
export function checkAxes(where: string, { logX, logY, xRange, yRange, xTicks, yTicks }: AxisOptions): void {
  checkRange(where, 'xRange', xRange, logX);
  checkRange(where, 'yRange', yRange, logY);
  checkTicks(where, 'xTicks', xTicks, logX);
  checkTicks(where, 'yTicks', yTicks, logY);
}

function checkRange(where: string, name: string, range: Range | undefined, log: boolean | undefined): void {
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

/** The x axis of a figure with these options. `all` is the range of its values and `at` its ticks, where none are given. */
export const xAxis = (column: string, options: XAxisOptions, all?: Range, at?: readonly number[]) =>
  axis(label(options.xLabel, column), options.logX, options.xRange, options.xTicks, all, at);

/** The y axis of a figure with these options. `all` is the range of its values and `at` its ticks, where none are given. */
export const yAxis = (column: string, options: YAxisOptions, all?: Range, at?: readonly number[]) =>
  axis(label(options.yLabel, column), options.logY, options.yRange, options.yTicks, all, at);

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
 * A given range is shown as it is, the range of the values with some room. A log axis has a tick a decade, or every second,
 * third... when there are many; on few decades also at 2 and 5, or at every digit.
 */
function axis(
  title: string,
  log: boolean | undefined,
  range: Range | undefined,
  ticks: Ticks | undefined,
  all: Range | undefined,
  at: readonly number[] | undefined,
): PlotlyObject {
  const scale = log ? Math.log10 : (v: number) => v;
  const given = range && ([scale(range[0]), scale(range[1])] as const);
  const span = given ?? (all && pad([scale(all[0]), scale(all[1])]));
  const named = { title: { text: title, standoff: 8 }, ...look, ...(span && { range: [...span] }) };
  if (!log) return { ...named, ...tickList(ticks ?? at) };
  const axis = { ...named, type: 'log', exponentformat: 'power' };
  if (ticks || !span) return { ...axis, ...tickList(ticks ?? at) };
  const decades = span[1] - span[0];
  const listed = at ?? (decades < 2.2 ? digitTicks(span) : undefined);
  return {
    ...axis,
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

/** The range with 3 % of room on both sides; a single value gets room of its own size. */
function pad([low, high]: Range): Range {
  const room = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.03;
  return [low - room, high + room];
}

/** Lowest and highest finite value (above zero for a log axis), or undefined when there is none. */
export function extent(values: Iterable<number>, log: boolean | undefined): [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (!Number.isFinite(v) || (log && v <= 0)) continue;
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  return low <= high ? [low, high] : undefined;
}

/** 201 points of a formula over a range, evenly spaced as its axis shows them. */
export function sampled(formula: (x: number) => number, [low, high]: Range, log: boolean | undefined) {
  const x = Array.from({ length: 201 }, (_, i) =>
    log ? low * (high / low) ** (i / 200) : low + (high - low) * (i / 200),
  );
  return { x, y: x.map(formula) };
}

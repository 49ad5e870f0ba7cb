/** Options that figure functions share, and their checks. */
import { inspect } from 'node:util';
import { fail, knownOptions } from '../base/check';
import type { Range } from './range';

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
  /** Ticks of the x axis in data units, on a log axis too: values, or values by text `{ '0': 0, 'π': Math.PI }`. */
  xTicks?: Ticks;
  /** Ticks of the y axis in data units, on a log axis too: values, or values by text `{ '0': 0, 'π': Math.PI }`. */
  yTicks?: Ticks;
}

/** What every figure function takes beside its data. */
export interface FigureOptions extends AxisOptions {
  /** Default: made of the labels of the axes. */
  title?: string;
  /**
   * A second, smaller line under the title: settings, or what the reader must know. The numbers of seeds and of
   * diverged runs are added to it.
   */
  caption?: string;
  /** A colour for each name, written as `#rrggbb`. Default: `palette(names)`. */
  colors?: Record<string, string>;
  /** Pixels. Default: 420. */
  height?: number;
}

const axisOptions = ['xLabel', 'yLabel', 'logX', 'logY', 'xRange', 'yRange', 'xTicks', 'yTicks'] as const;
const shared: readonly (keyof FigureOptions)[] = ['title', 'caption', 'colors', 'height', ...axisOptions];

/**
 * Refuses options that the figure function `where` does not have, and ranges and ticks that an axis cannot show.
 * The function has its `own` options and the shared ones, but for the `missing`.
 */
export function checkOptions(
  where: string,
  options: object,
  own: readonly string[],
  missing: readonly (keyof FigureOptions)[] = [],
): void {
  knownOptions(where, options, [...shared.filter(name => !missing.includes(name)), ...own]);
  checkAxes(where, options);
}

/** The options of one axis, by the same names for both. */
export const axisOptionsOf = (which: 'x' | 'y', options: AxisOptions) =>
  which === 'x'
    ? { title: options.xLabel, log: options.logX, range: options.xRange, ticks: options.xTicks }
    : { title: options.yLabel, log: options.logY, range: options.yRange, ticks: options.yTicks };

function checkAxes(where: string, options: AxisOptions): void {
  for (const which of ['x', 'y'] as const) {
    const { log, range, ticks } = axisOptionsOf(which, options);
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
  const values = (typeof ticks === 'object' && ticks !== null ? Object.values(ticks) : [ticks]) as number[];
  if (!values.every(Number.isFinite))
    fail(where, `${name} is ${shown(ticks)} but must be finite numbers, or finite numbers by their text`);
  if (log && values.some(v => v <= 0)) fail(where, `${name} is ${shown(ticks)} but ticks must be > 0 on a log axis`);
}

const shown = (value: unknown) => inspect(value, { breakLength: Infinity });

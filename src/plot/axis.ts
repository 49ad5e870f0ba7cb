/** An axis of a figure. Ranges and ticks come in data units; Plotly wants the range of a log axis as powers of ten. */
import type { PlotlyObject } from './figure';
import { type AxisOptions, axisOptionsOf, type Ticks } from './options';
import { pad, type Range } from './range';

const labels: Record<string, string> = { t: 'time t', step: 'steps k' };

/** The axis title: as given, or the column's name, with `t` and `step` spelt out. */
export const label = (given: string | undefined, name: string) => given ?? labels[name] ?? name;

const look = {
  automargin: true,
  zeroline: false,
  showline: true,
  mirror: true,
  ticks: 'outside',
  linecolor: '#444',
  tickcolor: '#444',
  tickfont: { size: 11 },
  gridcolor: '#e6e6e6',
};

/**
 * An axis of a figure with these options. Without a range among them, it shows the range of `values` with some room.
 * Without ticks among them, it has those at `at`, or Plotly's; a log axis has one for each decade, or for every
 * second, third... when there are many, and on few decades also at 2 and 5, or at every digit.
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
  const named = { title: { text: label(title, column), standoff: 8 }, ...look, ...(span && { range: [...span] }) };
  if (!log) return { ...named, ...tickList(ticks ?? at) };
  const logarithmic = { ...named, type: 'log', exponentformat: 'power' };
  if (ticks || !span) return { ...logarithmic, ...tickList(ticks ?? at) };
  const decades = span[1] - span[0];
  const listed = at ?? (decades < 2.2 ? digitTicks(span) : undefined);
  return {
    ...logarithmic,
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

/** The look that all figures share: colours, axes, margins. */
import { fail } from '../base/check';
import type { PlotlyObject } from './figure';

/** Colours told apart by colour-blind readers (Okabe and Ito); black is kept for theory. */
export const distinct = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#8C564B', '#7F7F7F'];

/** Line styles of theory curves, in order. */
export const dashes = ['dash', 'dot', 'dashdot', 'longdash'];

const ordered = ['#440154', '#414487', '#2A788E', '#22A884', '#6CC24A', '#B5A81A'];

/**
 * A colour for each name, to hand to all figures of a notebook so that a value keeps its colour.
 * Names that end in rising numbers ('m = 32', 'm = 128') get an ordered scale from dark to light, others distinct colours.
 * Errors: more than 8 unordered names, or a name twice.
 */
export function palette(names: readonly string[]): Record<string, string> {
  if (new Set(names).size !== names.length) fail('palette', `names are ${names.join(', ')}; each may come once`);
  const numbers = names.map(name => Number(/(-?[\d.]+(?:e[+-]?\d+)?)\D*$/i.exec(name)?.[1] ?? NaN));
  const rising = names.length > 2 && numbers.every((v, i) => (i === 0 ? !Number.isNaN(v) : v > numbers[i - 1]));
  const falling = names.length > 2 && numbers.every((v, i) => (i === 0 ? !Number.isNaN(v) : v < numbers[i - 1]));
  if (!rising && !falling && names.length > distinct.length)
    fail('palette', `${names.length} names but ${distinct.length} distinct colours; give colors yourself`);
  return Object.fromEntries(
    names.map((name, i) => [name, rising || falling ? mix(i / (names.length - 1)) : distinct[i]]),
  );
}

/** The ordered scale at a fraction of its length. */
function mix(fraction: number): string {
  const at = Math.min(fraction * (ordered.length - 1), ordered.length - 1.000001);
  const [a, b] = [ordered[Math.floor(at)], ordered[Math.floor(at) + 1]];
  const channel = (hex: string, k: number) => parseInt(hex.slice(1 + 2 * k, 3 + 2 * k), 16);
  const mixed = [0, 1, 2].map(k => Math.round(channel(a, k) + (channel(b, k) - channel(a, k)) * (at % 1)));
  return `#${mixed.map(v => v.toString(16).padStart(2, '0')).join('')}`;
}

/** `hex` at this opacity. */
export function faint(hex: string, opacity: number): string {
  const [r, g, b] = [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
  return `rgba(${r},${g},${b},${opacity})`;
}

/** What every figure function takes beside its data. */
export interface FigureOptions {
  /** Default: 'y against x'. */
  title?: string;
  /** A second, smaller line: settings, or what the reader must know. Counts of seeds and of diverged runs are added to it. */
  caption?: string;
  xLabel?: string;
  yLabel?: string;
  logX?: boolean;
  logY?: boolean;
  /** A colour for each name; default `palette(names)`. */
  colors?: Record<string, string>;
  /** Pixels; default 420. */
  height?: number;
}

export const figureOptions: readonly (keyof FigureOptions)[] = [
  'title',
  'caption',
  'xLabel',
  'yLabel',
  'logX',
  'logY',
  'colors',
  'height',
];

const labels: Record<string, string> = { t: 'time t', step: 'steps k' };

/** The axis title: as given, or the column's name, with `t` and `step` spelt out. */
export const label = (given: string | undefined, name: string) => given ?? labels[name] ?? name;

/**
 * An axis over `range` (data units). A log axis has a tick a decade, or every second, third... when there are many;
 * on few decades also at 2 and 5, or at every digit. `at`: ticks at just these values.
 */
export function axis(
  title: string,
  log: boolean | undefined,
  range?: [number, number],
  at?: readonly number[],
): PlotlyObject {
  const look = {
    title: { text: title, standoff: 8 },
    automargin: true,
    zeroline: false,
    showline: true,
    mirror: true,
    ticks: 'outside',
    linecolor: '#444',
    tickcolor: '#444',
    gridcolor: '#e6e6e6',
  };
  const ticks = at && { tickmode: 'array', tickvals: [...at], ticktext: at.map(tickText) };
  if (!log) return { ...look, ...ticks, ...(range && { range: pad(range) }) };
  if (!range) return { ...look, ...ticks, type: 'log', exponentformat: 'power' };
  const span = pad([Math.log10(range[0]), Math.log10(range[1])]);
  const decades = span[1] - span[0];
  if (decades < 2.2 && !at) return axis(title, log, range, digitTicks(span));
  return {
    ...look,
    type: 'log',
    range: span,
    exponentformat: 'power',
    tickfont: at ? undefined : { size: 11 },
    dtick: Math.ceil(decades / 8),
    minor: decades < 8 ? { dtick: 'D1', ticks: 'outside', ticklen: 3, tickcolor: '#888' } : undefined,
    ...ticks,
  };
}

/** Ticks on few decades: 1, 2 and 5 of each, or every digit when these are fewer than 3. */
function digitTicks([low, high]: [number, number]): number[] {
  const values = (digits: number[]) =>
    Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, k) =>
      digits.map(d => Number(`${d}e${Math.floor(low) + k}`)),
    )
      .flat()
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
function pad([low, high]: [number, number]): [number, number] {
  const room = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.03;
  return [low - room, high + room];
}

/** Lowest and highest finite value (above zero for a log axis), or undefined when there is none. */
export function extent(values: Iterable<number>, log: boolean | undefined): [number, number] | undefined {
  let low = Infinity,
    high = -Infinity;
  for (const v of values) {
    if (!Number.isFinite(v) || (log && v <= 0)) continue;
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  return low <= high ? [low, high] : undefined;
}

/** The title's text, with the caption in small letters on a line below it. */
export const heading = (title: string, caption: string | undefined) => ({
  text: caption ? `${title}<br><span style="font-size:12px;color:#666">${caption}</span>` : title,
});

/** What hovering a point shows: whose it is, in bold, and its values. */
export const hover = (name: string, values: string) => `<b>${name}</b><br>${values}<extra></extra>`;

/** Title, small caption below it, and a legend off the curves: at the right, or below when its names are long. */
export function frame(title: string, caption: string, legendNames: readonly string[], height = 420): PlotlyObject {
  const below = Math.max(0, ...legendNames.map(name => name.replace(/<[^>]*>/g, '').length)) > 22;
  return {
    title: {
      ...heading(title, caption),
      x: 0,
      xref: 'paper',
      xanchor: 'left',
      y: 1,
      yref: 'paper',
      yanchor: 'bottom',
      pad: { b: caption ? 28 : 10 },
      font: { size: 16 },
    },
    height,
    autosize: true,
    template: 'none',
    paper_bgcolor: '#fff',
    plot_bgcolor: '#fff',
    font: { family: 'system-ui, sans-serif', size: 13, color: '#222' },
    margin: { l: 70, r: 20, t: caption ? 66 : 46, b: 55 },
    hovermode: 'closest',
    hoverlabel: { bgcolor: '#fff', font: { color: '#222' } },
    showlegend: legendNames.length > 0,
    legend: below
      ? { orientation: 'h', x: 0, y: -0.2, yanchor: 'top' }
      : { x: 1.02, y: 1, xanchor: 'left', yanchor: 'top' },
  };
}

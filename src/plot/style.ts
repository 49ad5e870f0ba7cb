/** The look that all figures share: colours, axes, margins. */
import { fail, knownOptions } from '../base/check';
import { checkAxes, type XAxisOptions, type YAxisOptions } from './axis';
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
export interface FigureOptions extends XAxisOptions, YAxisOptions {
  /** Default: 'y against x'. */
  title?: string;
  /** A second, smaller line: settings, or what the reader must know. Counts of seeds and of diverged runs are added to it. */
  caption?: string;
  /** A colour for each name; default `palette(names)`. */
  colors?: Record<string, string>;
  /** Pixels; default 420. */
  height?: number;
}

const common = ['title', 'caption', 'height'] as const;
export const xAxisOptions = ['xLabel', 'logX', 'xRange', 'xTicks'] as const;
const yAxisOptions = ['yLabel', 'logY', 'yRange', 'yTicks'] as const;

/** Refuses options that `where` does not know, and ranges and ticks that its axes cannot show. `without`: common ones it lacks. */
export function checkOptions(
  where: string,
  options: object,
  own: readonly string[],
  without: readonly string[] = [],
): void {
  const shared = [...common, 'colors', ...xAxisOptions, ...yAxisOptions].filter(name => !without.includes(name));
  knownOptions(where, options, [...shared, ...own]);
  checkAxes(where, options);
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

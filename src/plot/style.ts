/** What all figures share: options, colours, and the layout around the axes. */
import { fail, knownOptions } from '../base/check';
import { plainText } from '../notebook/html';
import { type AxisOptions, checkAxes } from './axis';
import { titleWithCaption } from './caption';
import type { PlotlyObject } from './figure';

/** Colours told apart by colour-blind readers (Okabe and Ito); black is kept for theory. */
const distinct = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#8C564B', '#7F7F7F'];

const ordered = ['#440154', '#414487', '#2A788E', '#22A884', '#6CC24A', '#B5A81A'];

/**
 * A colour for each name, to hand to all figures of a notebook so that a value keeps its colour.
 * Names that end in rising numbers ('m = 32', 'm = 128') get an ordered scale from dark to light, others distinct
 * colours.
 * Errors: more than 8 unordered names, or a name twice.
 *
 * @example
 * palette(['ReLU', 'tanh']) // -> { ReLU: '#0072B2', tanh: '#D55E00' }
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
export interface FigureOptions extends AxisOptions {
  /** Default: made of the labels of the axes. */
  title?: string;
  /** A second, smaller line: settings, or what the reader must know. Counts of seeds and of diverged runs are added to it. */
  caption?: string;
  /** A colour for each name. Default: `palette(names)`. */
  colors?: Record<string, string>;
  /** Pixels. Default: 420. */
  height?: number;
}

const axisOptions = ['xLabel', 'yLabel', 'logX', 'logY', 'xRange', 'yRange', 'xTicks', 'yTicks'] as const;
const shared: readonly (keyof FigureOptions)[] = ['title', 'caption', 'colors', 'height', ...axisOptions];

/** Refuses options that are neither a figure's own nor shared, or shared but missing here, and axes that cannot be shown. */
export function checkOptions(
  where: string,
  options: object,
  own: readonly string[],
  missing: readonly (keyof FigureOptions)[] = [],
): void {
  knownOptions(where, options, [...shared.filter(name => !missing.includes(name)), ...own]);
  checkAxes(where, options);
}

/** What hovering a point shows: whose it is, in bold, and its values. */
export const hover = (name: string, values: string) => `<b>${name}</b><br>${values}<extra></extra>`;

export const legendBelow = (y: number) => ({ orientation: 'h', x: 0, y, yanchor: 'top' });
export const legendBeside = (x: number) => ({ x, y: 1, xanchor: 'left', yanchor: 'top' });

/** Where the title and its caption stand: at the left edge of the axes, `space` pixels above them. */
export const titleLayout = (title: string, caption: string, space: number) => ({
  text: titleWithCaption(title, caption),
  x: 0,
  xref: 'paper',
  xanchor: 'left',
  y: 1,
  yref: 'paper',
  yanchor: 'bottom',
  pad: { b: space },
  font: { size: 16 },
});

interface Texts {
  title: string;
  caption: string;
  /** The names in the legend, which stands at the right, or below when they are long; no names, no legend. */
  legend: readonly string[];
  height?: number;
}

/** The layout of a figure but for its axes. */
export function layoutWith({ title, caption, legend, height = 420 }: Texts): PlotlyObject {
  const longest = Math.max(0, ...legend.map(name => plainText(name).length));
  return {
    title: titleLayout(title, caption, caption ? 28 : 10),
    height,
    autosize: true,
    template: 'none',
    paper_bgcolor: '#fff',
    plot_bgcolor: '#fff',
    font: { family: 'system-ui, sans-serif', size: 13, color: '#222' },
    margin: { l: 70, r: 20, t: caption ? 66 : 46, b: 55 },
    hovermode: 'closest',
    hoverlabel: { bgcolor: '#fff', font: { color: '#222' } },
    showlegend: legend.length > 0,
    legend: longest > 22 ? legendBelow(-0.2) : legendBeside(1.02),
  };
}

/** One look for a name in all figures that are read together: the panels of one, the frames of an animation. */
import { fail } from '../base/check';
import { faint, palette } from './colors';
import type { Figure, PlotlyObject } from './figure';
import { isTheory, theoryLine } from './theory';

const given: unique symbol = Symbol.for('widenet.given-colors');

/** Remembers which colours of a figure its user chose: they stay when it becomes a panel. */
export const withGivenColors = (figure: Figure, colors: Record<string, string> = {}): Figure =>
  Object.defineProperty(figure, given, { value: colors });

/**
 * The figures, with other dashes where a theory would have two, or where two theories of different figures share one.
 */
export function oneDashAName(figures: readonly Figure[]): readonly Figure[] {
  const all = figures.flatMap(({ data, layout }) => [...data, ...(layout.shapes ?? [])]).filter(isTheory);
  const names = [...new Set(all.map(({ name }) => name))];
  const pairs = new Set(all.map(({ name, line }) => `${line.dash} ${name}`));
  const dashes = new Set(all.map(({ line }) => line.dash));
  if (pairs.size === names.length && dashes.size === names.length) return figures;
  const own = (item: PlotlyObject) =>
    isTheory(item) ? { ...item, line: { ...item.line, ...theoryLine(names.indexOf(item.name)) } } : item;
  return figures.map(figure => ({
    ...figure,
    data: figure.data.map(own),
    layout: { ...figure.layout, ...(figure.layout.shapes && { shapes: figure.layout.shapes.map(own) }) },
  }));
}

/**
 * The figures, with other colours where a name would have two, or where names of different figures would share one in
 * the legend. What users chose stays. Errors: two colours chosen for one name, more names than there are colours.
 */
export function oneColorAName(where: string, figures: readonly Figure[]): readonly Figure[] {
  const named = figures.map(colorsOf);
  const names = [...new Set(named.flatMap(colors => [...colors.keys()]))];
  const pairs = new Set(named.flatMap(colors => [...colors].map(pair => pair.join())));
  const isSplit = pairs.size > names.length;
  const isShared = new Set(named.flatMap(colors => [...colors.values()])).size < names.length;
  if (!isSplit && !(isShared && figures.some(f => f.layout.showlegend))) return figures;
  const colors: Record<string, string> = { ...palette(inOrder(names)), ...chosen(where, figures) };
  return figures.map((figure, i) => {
    const changes = [...named[i]].map(([name, from]) => ({ name, from, to: colors[name] }));
    const own = (trace: PlotlyObject) =>
      isMeasured(trace) ? changes.filter(({ name }) => name === nameOf(trace)) : changes;
    return { ...figure, data: figure.data.map(trace => (isBlack(trace) ? trace : repainted(trace, own(trace)))) };
  });
}

type Change = { readonly from: string; readonly to: string };

const nameOf = (trace: PlotlyObject): string | undefined => trace.legendgroup ?? trace.name;
const isBlack = (trace: PlotlyObject) => trace.line?.color === '#000';
/** Whether a trace has a colour of its own. Published values have that of the curve beside which they stand. */
const isMeasured = (trace: PlotlyObject) =>
  hexOf(trace) !== undefined && nameOf(trace) !== 'published' && !isBlack(trace);

/** The colour of each name, as its trace in the legend has it. */
function colorsOf({ data }: Figure): Map<string, string> {
  const colors = new Map<string, string>();
  for (const trace of data.filter(t => t.showlegend !== false && isMeasured(t))) {
    const [name, color] = [nameOf(trace), hexOf(trace)!];
    if (name !== undefined && !colors.has(name)) colors.set(name, color);
  }
  return colors;
}

/** The colour of a trace as #rrggbb, without its opacity; undefined of one that has none, or many. */
function hexOf({ line, marker, fillcolor }: PlotlyObject): string | undefined {
  const all = [line?.color, marker?.line?.color, marker?.color, fillcolor].map(color => hex(color));
  return all.find(color => color !== undefined);
}

function hex(color: unknown): string | undefined {
  if (typeof color !== 'string') return undefined;
  if (/^#[0-9a-f]{6}$/i.test(color)) return color.toLowerCase();
  const [, r, g, b, opacity = '1'] = /^rgba?\((\d+), ?(\d+), ?(\d+)(?:, ?([\d.]+))?\)$/.exec(color) ?? [];
  if (r === undefined || Number(opacity) === 0) return undefined;
  return `#${[r, g, b].map(v => Number(v).toString(16).padStart(2, '0')).join('')}`;
}

/** A trace in other colours, each with the opacity that it had. */
function repainted(trace: PlotlyObject, changes: readonly Change[]): PlotlyObject {
  const paint = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, paint(v)]));
    const change = changes.find(({ from }) => from === hex(value));
    const opacity = /,\s*([\d.]+)\)$/.exec(String(value))?.[1];
    return change ? (String(value).startsWith('rgba') ? faint(change.to, Number(opacity)) : change.to) : value;
  };
  const { line, marker, fillcolor } = trace;
  const painted = { line: paint(line), marker: paint(marker), fillcolor: paint(fillcolor) };
  return { ...trace, ...Object.fromEntries(Object.entries(painted).filter(([, value]) => value !== undefined)) };
}

/** The colours that users chose in any of the figures. */
function chosen(where: string, figures: readonly Figure[]): Record<string, string> {
  const colors: Record<string, string> = {};
  for (const [i, figure] of figures.entries())
    for (const [name, color] of Object.entries((figure as { [given]?: Record<string, string> })[given] ?? {})) {
      if (colors[name] !== undefined && hex(colors[name]) !== hex(color))
        fail(where, `figure ${i} gives '${name}' the colour ${color} but an earlier one gives it ${colors[name]}`);
      colors[name] = color;
    }
  return colors;
}

/** Names that are one text with numbers ('m = 32') in the order of these, which is that of the ordered scale. */
function inOrder(names: readonly string[]): readonly string[] {
  const parts = names.map(name => /^(.*?)(-?[\d.]+(?:e[+-]?\d+)?)(\D*)$/i.exec(name));
  const isOne = parts.every(part => part && part[1] === parts[0]![1] && part[3] === parts[0]![3]);
  const number = (i: number) => Number(parts[i]![2]);
  const order = isOne ? names.map((_, i) => i).sort((a, b) => number(a) - number(b)) : names.map((_, i) => i);
  return order.map(i => names[i]);
}

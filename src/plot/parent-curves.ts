/** The curves of a parent's figure, as they lie grey below those of a fork. */
import { isDeepStrictEqual } from 'node:util';
import type { PlotlyObject } from './figure';
import type { ShownFigure } from '../notebook/session';

/** From dark to light. A figure with more names than this has one legend entry for all of the parent's. */
const mostNames = 4;
const [darkest, lightest] = [0x60, 0xc0];
const theoryGrey = '#999';
/** How far apart two theory curves may be, in heights of the axis, and still look like one. */
const near = 0.006;

const isScatter = (trace: PlotlyObject) => (trace.type ?? 'scatter') === 'scatter';
const isPublished = (trace: PlotlyObject) => trace.legendgroup === 'published';
/** Theory is black. It and published values are the same in the parent and in the fork, most often. */
const isTheory = (trace: PlotlyObject) => trace.line?.color === '#000' && !isPublished(trace);
const isMeasured = (trace: PlotlyObject) => !isTheory(trace) && !isPublished(trace);
/** Thin lines of seeds, and the band around their mean, which the mean stands for. */
const isOfSeeds = (trace: PlotlyObject) =>
  trace.showlegend === false && (trace.customdata !== undefined || trace.line?.width === 0);

/** Whether a figure is made of curves alone, so that another can lie below it. */
export const isOfCurves = ({ data }: ShownFigure) => data.every(isScatter) && data.some(isMeasured);

/**
 * The parent's measured curves, of several seeds their means, each name in a grey of its own, and its theory, grey and
 * dashed, where the fork has no curve of that name which looks the same.
 */
export function parentCurves(fork: ShownFigure, parent: ShownFigure): PlotlyObject[] {
  const measured = parent.data.filter(t => isMeasured(t) && !isOfSeeds(t));
  const names = [...new Set(measured.map(t => String(t.name)))];
  const isMany = names.length > mostNames;
  const own = [...new Set(fork.data.filter(t => isMeasured(t) && !isOfSeeds(t)).map(t => String(t.name)))];
  const isInOrder = isDeepStrictEqual(own, names);
  const all = `parent: ${isInOrder ? 'dark to light in this order' : `${names[0]} (dark) to ${names.at(-1)} (light)`}`;
  const curves = measured.map((t, i) => {
    const color = shade(names.indexOf(String(t.name)), names.length);
    return {
      ...ofParent(t),
      ...(isMany && { name: all, legendgroup: all, showlegend: i === 0 }),
      line: { ...t.line, color, width: 1.5 },
      marker: t.marker && { ...t.marker, color },
    };
  });
  const theirs = fork.data.filter(isTheory);
  const isOther = (t: PlotlyObject) =>
    !theirs.some(other => other.name === t.name && looksAlike(t, other, fork.layout));
  const shown = new Set<string>();
  const theory = parent.data
    .filter(t => isTheory(t) && isOther(t))
    .map(t => {
      const isFirst = !shown.has(t.name);
      shown.add(t.name);
      const line = { ...t.line, color: theoryGrey, dash: t.line.dash ?? 'dash' };
      return { ...ofParent(t), showlegend: isFirst && t.name !== undefined, line };
    });
  return [...curves, ...theory];
}

const ofParent = (t: PlotlyObject): PlotlyObject => ({
  ...t,
  name: `parent: ${t.name}`,
  legendgroup: `parent: ${t.name}`,
  showlegend: t.showlegend !== false,
  ...(t.hovertemplate && { hovertemplate: String(t.hovertemplate).replace('<b>', '<b>parent: ') }),
});

function shade(index: number, count: number): string {
  if (count === 1) return theoryGrey;
  const level = Math.round(darkest + ((lightest - darkest) * index) / (count - 1)).toString(16);
  return `#${level}${level}${level}`;
}

/** Whether a curve lies on another where both have values: a formula that is sampled elsewhere is the same formula. */
function looksAlike(a: PlotlyObject, b: PlotlyObject, layout: PlotlyObject): boolean {
  if ((a.xaxis ?? 'x') !== (b.xaxis ?? 'x')) return false;
  const { points: own, reach } = onAxes(b, layout);
  const isFunction = own.every(([x], i) => i === 0 || x >= own[i - 1][0]);
  const [from, to] = [own[0]?.[0], own.at(-1)?.[0]] as [number, number];
  const slack = reach[0] * near;
  const inside = onAxes(a, layout).points.filter(([x]) => x >= from - slack && x <= to + slack);
  const isOn = ([x, y]: Point) => Math.abs(y - at(own, x)) <= near * reach[1];
  return isFunction && inside.length > 0 && inside.every(isOn);
}

type Point = readonly [x: number, y: number];

/** The finite points of a curve in units of its axes, of which log axes have decades, and how far these axes reach. */
function onAxes(trace: PlotlyObject, layout: PlotlyObject): { points: Point[]; reach: Point } {
  const [x, y] = (['x', 'y'] as const).map(which => {
    const axis = layout[`${which}axis${(trace[`${which}axis`] ?? which).slice(1)}`] ?? {};
    const values = Array.from(trace[which] as ArrayLike<number>, v => (axis.type === 'log' ? Math.log10(v) : v));
    const finite = values.filter(Number.isFinite);
    const [low, high] = axis.range ?? [
      finite.reduce((l, v) => Math.min(l, v), 0),
      finite.reduce((h, v) => Math.max(h, v), 1),
    ];
    return { values, reach: high - low };
  });
  const points = x.values.map((v, i): Point => [v, y.values[i]]).filter(point => point.every(Number.isFinite));
  return { points, reach: [x.reach, y.reach] };
}

/** The height of a polygon at x; that of its end beyond it. */
function at(points: readonly Point[], x: number): number {
  const next = points.findIndex(([other]) => other >= x);
  if (next <= 0) return points.at(next)![1];
  const [[x0, y0], [x1, y1]] = [points[next - 1], points[next]];
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

/** Curves and dots that others lie on. */
import { faint } from './colors';
import type { PlotlyObject } from './figure';
import { valueAt } from './groups';
import type { Range } from './range';

/** An axis as a figure shows it. */
interface Shown {
  range: Range;
  log: boolean | undefined;
}

/** How far apart curves may be, in heights of the axis, and still cover each other: less than a line is thick. */
const nearCurves = 0.006;
/** How far apart dots may be, in widths and in heights of the axes, and still cover each other: half of a dot. */
const nearDots = { x: 0.004, y: 0.012 };
/** With more dots than these, their sizes would look like a quantity: a cloud is drawn in one size. */
const fewDots = 50;

const isNamed = (trace: PlotlyObject) => trace.showlegend !== false;

/** Where a value lies along an axis: 0 at its lower end, 1 at its upper one. */
function place({ range: [low, high], log }: Shown): (v: number) => number {
  return log ? v => Math.log(v / low) / Math.log(high / low) : v => (v - low) / (high - low || 1);
}

/** The traces, with a curve or a dot that later ones cover wide and pale, so that all are seen. */
export function wideUnderOthers(traces: readonly PlotlyObject[], axes: { x: Shown; y: Shown }): PlotlyObject[] {
  return traces.map((trace, i) => {
    const later = traces.slice(i + 1).filter(isNamed);
    if (!isNamed(trace) || later.length === 0) return trace;
    if (trace.mode !== 'markers') return withWideLine(trace, later, place(axes.y));
    return trace.x.length > fewDots ? trace : withWideDots(trace, later, axes);
  });
}

/** The curve, wide and pale if at each of its x a later one is as high as it is. */
function withWideLine(trace: PlotlyObject, later: readonly PlotlyObject[], height: (v: number) => number) {
  const others = later.map(({ x, y }) => valueAt({ x, y: y.map(height) }));
  const points = (trace.x as number[])
    .map((x, i) => ({ x, y: height(trace.y[i]) }))
    .filter(({ y }) => !Number.isNaN(y));
  const isCovered = ({ x, y }: { x: number; y: number }) =>
    others.some(heightAt => Math.abs(y - (heightAt(x) ?? Infinity)) <= nearCurves);
  if (points.length === 0 || !points.every(isCovered)) return trace;
  const { line, marker } = trace;
  const color = faint(line.color, 0.4);
  return { ...trace, line: { color, width: 7 }, ...(marker && { marker: { color, size: 11 } }) };
}

/** The dots, each as much wider, and pale, as there are later traces with a dot upon it. */
function withWideDots(trace: PlotlyObject, later: readonly PlotlyObject[], axes: { x: Shown; y: Shown }) {
  const [across, up] = [place(axes.x), place(axes.y)];
  const cells = ({ x, y }: PlotlyObject) =>
    (x as number[]).map((v, i) => [Math.round(across(v) / nearDots.x), Math.round(up(y[i]) / nearDots.y)] as const);
  const key = (column: number, row: number) => `${column},${row}`;
  const taken = later.map(other => {
    const beside = [-1, 0, 1];
    return new Set(cells(other).flatMap(([c, r]) => beside.flatMap(i => beside.map(j => key(c + i, r + j)))));
  });
  const depth = cells(trace).map(cell => taken.filter(dots => dots.has(key(...cell))).length);
  if (depth.every(n => n === 0)) return trace;
  const { size } = trace.marker;
  const marker = {
    ...trace.marker,
    size: depth.map(n => size + 5 * n),
    opacity: depth.map(n => (n > 0 ? 0.4 : 1)),
  };
  return { ...trace, marker };
}

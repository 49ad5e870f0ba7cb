/** Curves that another one lies on. */
import { faint } from './colors';
import type { PlotlyObject } from './figure';
import type { Range } from './range';

/** How far apart curves may be, in heights of the axis, and still cover each other: less than a line is thick. */
const near = 0.006;

/** The traces, with a curve that a later one covers wide and pale, so that both are seen. `range` is the y axis's. */
export function wideUnderOthers(traces: readonly PlotlyObject[], [low, high]: Range, log: boolean | undefined) {
  const height = (v: number) => (log ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low || 1));
  const isCovered = (a: PlotlyObject, b: PlotlyObject) => {
    const heights = new Map<number, number>(b.x.map((x: number, i: number) => [x, height(b.y[i])]));
    const apart = (a.y as number[]).map((y, i) => Math.abs(height(y) - (heights.get(a.x[i]) ?? Infinity)));
    return apart.filter(d => !Number.isNaN(d)).length > 0 && !apart.some(d => d > near);
  };
  return traces.map((trace, i) => {
    const isCurve = (t: PlotlyObject) => t.mode !== 'markers' && t.showlegend !== false;
    if (!isCurve(trace) || !traces.slice(i + 1).some(later => isCurve(later) && isCovered(trace, later))) return trace;
    const { line, marker } = trace;
    const color = faint(line.color, 0.4);
    return { ...trace, line: { color, width: 7 }, ...(marker && { marker: { color, size: 11 } }) };
  });
}

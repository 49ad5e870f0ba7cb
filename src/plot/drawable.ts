/** Traces as they are drawn: with gaps where an axis has no place, and as exact as their axes show. */
import type { Tolerance } from '../notebook/packed';
import { extent } from './range';

type PlotlyObject = Record<string, any>;

const isNumbers = (values: unknown): values is ArrayLike<number> =>
  ArrayBuffer.isView(values) || (Array.isArray(values) && values.every(v => typeof v === 'number' || v === null));

const axisName = (trace: PlotlyObject, key: string) => `${key}axis${String(trace[`${key}axis`] ?? key).slice(1)}`;

/**
 * A trace with gaps where a log axis has no place for a value <= 0: Plotly would lead a line to the axis, and put the
 * dot of a box or a violin at a corner.
 */
export function withLogGaps(trace: PlotlyObject, layout: PlotlyObject): PlotlyObject {
  if (!/^(scatter|box|violin)/.test(trace.type ?? 'scatter')) return trace;
  const changed = ['x', 'y'].flatMap(key => {
    const values = trace[key];
    const isLog = layout[axisName(trace, key)]?.type === 'log';
    if (!isLog || !isNumbers(values) || !Array.from(values).some(v => v <= 0)) return [];
    return [[key, Array.from(values, v => (v <= 0 ? NaN : v))]];
  });
  return changed.length > 0 ? { ...trace, ...Object.fromEntries(changed) } : trace;
}

/**
 * How far displayed numbers may be from those of the figure: 5e-6 of what their axis or its data span, whichever is
 * less. On a log axis these are spans of the logarithm.
 */
export function precisionOf(
  parts: readonly PlotlyObject[],
  layout: PlotlyObject,
): (trace: PlotlyObject) => (key: string) => Tolerance | undefined {
  const spans = new Map<string, number>();
  const spanOf = (name: string, key: string): number => {
    const isLog = layout[name]?.type === 'log';
    const own = (parts.flatMap(({ data = [] }) => data) as PlotlyObject[])
      .filter(trace => axisName(trace, key) === name && isNumbers(trace[key]))
      .flatMap(trace => extent(Array.from(trace[key] as ArrayLike<number>), isLog) ?? []);
    const [low, high] = extent(own, isLog) ?? [0, 0];
    const range: unknown = layout[name]?.range;
    const shown = isNumbers(range) && range.length === 2 ? Math.abs(range[1] - range[0]) : Infinity;
    const measured = isLog && high > low ? Math.log10(high / low) : high - low;
    return Math.min(shown, measured > 0 ? measured : Infinity);
  };
  return trace => key => {
    if (key !== 'x' && key !== 'y') return undefined;
    const name = axisName(trace, key);
    if (!spans.has(name)) spans.set(name, spanOf(name, key));
    const span = 5e-6 * spans.get(name)!;
    return layout[name]?.type === 'log' ? value => Math.abs(value) * Math.LN10 * span : () => span;
  };
}

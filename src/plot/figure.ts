/** A figure is plain Plotly data that displays itself. */
import { isDeepStrictEqual } from 'node:util';
import { compact, rounded } from '../notebook/packed';
import { session } from '../notebook/session';
import { plotlyMime, titleOf } from '../notebook/stored';

/** A Plotly trace, layout or frame: amend it freely (plotly.js reference, `data` and `layout`). */
export type PlotlyObject = Record<string, any>;

/** `{ data, layout }` of Plotly, with `frames` when animated. As a cell's value, or given to `show`, it is drawn. */
export interface Figure {
  data: PlotlyObject[];
  layout: PlotlyObject;
  frames?: PlotlyObject[];
}

/**
 * A figure from Plotly data. What is displayed (not what you hold) has arrays of single precision, other numbers of 6 digits, and
 * a line of more than 2000 points is thinned to what 500 pixel columns can show: the first, lowest, highest and last point of
 * each. A figure that is shown is known to the notebook's session by its title.
 */
export function figure(data: PlotlyObject[], layout: PlotlyObject, frames?: PlotlyObject[]): Figure {
  const fig: Figure = frames ? { data, layout, frames } : { data, layout };
  Object.defineProperty(fig, Symbol.for('Jupyter.display'), { enumerable: false, value: () => bundle(fig) });
  return fig;
}

function bundle(fig: Figure): PlotlyObject {
  session().figures.set(titleOf(fig), fig);
  const stored = (data: PlotlyObject[]) => data.map(trace => compact(thinned(trace, fig.layout)));
  const data = stored(fig.data);
  const frames = fig.frames?.map(({ data, ...frame }) => ({ ...rounded(frame), data: stored(data ?? []) }));
  const filename =
    titleOf(fig)
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 60) || 'figure';
  const config = {
    displaylogo: false,
    showSendToCloud: false,
    modeBarButtonsToRemove: ['select2d', 'lasso2d'],
    toImageButtonOptions: { filename, scale: 2 },
  };
  const layout = rounded(fig.layout);
  const drawn = { data, layout, ...(frames && { frames: changes(data, frames) }), config };
  return { [plotlyMime]: drawn, 'text/plain': summary(fig) };
}

/** Frames without what all of them leave as it is in the figure's own traces. */
function changes(data: readonly PlotlyObject[], frames: readonly PlotlyObject[]): PlotlyObject[] {
  const constant = data.map(
    (trace, i) =>
      new Set(Object.keys(trace).filter(key => frames.every(f => isDeepStrictEqual(f.data[i]?.[key], trace[key])))),
  );
  const changing = (trace: PlotlyObject, i: number) =>
    Object.fromEntries(Object.entries(trace).filter(([key]) => !constant[i]?.has(key)));
  return frames.map(frame => ({ ...frame, data: frame.data.map(changing) }));
}

/** A pure line of more than 2000 points in drawing order, reduced to the extremes of each of 500 columns of the x axis. */
export function thinned(trace: PlotlyObject, layout: PlotlyObject): PlotlyObject {
  const { x, y, mode, type = 'scatter', customdata } = trace;
  if (type !== 'scatter' || mode !== 'lines' || !x || x.length !== y?.length || x.length <= 2000) return trace;
  const axis = layout[`xaxis${(trace.xaxis ?? 'x').slice(1)}`];
  const along = (i: number) => (axis?.type === 'log' ? Math.log(x[i]) : x[i]);
  const kept = pieces(x).flatMap(([from, to]) => [...extremes(along, y, from, to), ...(to < x.length ? [to] : [])]);
  const only = (values: ArrayLike<number>) => kept.map(k => values[k]);
  return { ...trace, x: only(x), y: only(y), ...(customdata && { customdata: only(customdata) }) };
}

/** The stretches between the gaps of x, each as its first point and the one after its last. */
function pieces(x: ArrayLike<number>): [from: number, to: number][] {
  const gaps = Array.from(x).flatMap((v, i) => (Number.isNaN(v) ? [i] : []));
  return [...gaps, x.length].map((to, i) => [i === 0 ? 0 : gaps[i - 1] + 1, to]);
}

function extremes(along: (i: number) => number, y: ArrayLike<number>, start: number, end: number): number[] {
  const [left, right] = [along(start), along(end - 1)];
  if (end - start <= 2000 || !Number.isFinite(left) || !Number.isFinite(right))
    return Array.from({ length: end - start }, (_, i) => start + i);
  const bin = (k: number) => Math.floor((500 * (along(k) - left)) / (right - left));
  const keep = new Set<number>();
  let from = start;
  for (let i = start + 1; i <= end; i++) {
    if (i < end && bin(i) === bin(from)) continue;
    let low = from,
      high = from;
    for (let k = from; k < i; k++) {
      if (y[k] < y[low]) low = k;
      if (y[k] > y[high]) high = k;
    }
    for (const k of [from, low, high, i - 1]) keep.add(k);
    from = i;
  }
  return [...keep].sort((a, b) => a - b);
}

/** One line a named trace: its last point, for readers without a renderer. */
function summary(fig: Figure): string {
  const lines = fig.data
    .filter(t => t.name && t.showlegend !== false && t.y?.length)
    .map(t => {
      const last = t.y.length - 1;
      return `  ${t.name}: ${t.y.length} points, last (${brief(t.x?.[last])}, ${brief(t.y[last])})`;
    });
  return [['Figure', titleOf(fig)].filter(Boolean).join(': '), ...lines].join('\n');
}

const brief = (value: unknown) => (typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value));

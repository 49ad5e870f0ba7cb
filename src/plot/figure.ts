/** A figure is plain Plotly data that displays itself. */
import { brief, displayable } from '../notebook/html';
import { session } from '../notebook/session';
import { plotlyMime, slug, titleOf } from '../notebook/stored';

/** A Plotly trace, layout or frame: amend it freely (plotly.js reference, `data` and `layout`). */
export type PlotlyObject = Record<string, any>;

/** `{ data, layout }` of Plotly, with `frames` when animated. As a cell's value, or given to `show`, it is drawn. */
export interface Figure {
  /** The traces. */
  data: PlotlyObject[];
  /** Title, axes and look. */
  layout: PlotlyObject;
  /** The frames of an animation. */
  frames?: PlotlyObject[];
}

/**
 * A figure from Plotly data. What is displayed (not what you hold) is rounded to 6 digits (a map's values to 4), and a
 * line of more than 2000 points is thinned to what 500 pixel columns can show: the first, lowest, highest and last
 * point of each. A figure that is shown is known to the notebook's session by its title.
 *
 * @example
 * figure([{ x: [0, 1], y: [1, 2] }], { title: { text: 'Two points' } }).data.length // -> 1
 */
export function figure(data: PlotlyObject[], layout: PlotlyObject, frames?: PlotlyObject[]): Figure {
  const fig: Figure = frames ? { data, layout, frames } : { data, layout };
  return displayable(fig, () => bundle(fig));
}

function bundle(fig: Figure): PlotlyObject {
  session().figures.set(titleOf(fig), fig);
  const data = fig.data.map(trace => ({ ...thinned(trace, fig.layout), ...(trace.z && { z: rounded(trace.z, 4) }) }));
  const config = {
    displaylogo: false,
    showSendToCloud: false,
    modeBarButtonsToRemove: ['select2d', 'lasso2d'],
    toImageButtonOptions: { filename: slug(titleOf(fig)) || 'figure', scale: 2 },
  };
  return { [plotlyMime]: rounded({ ...fig, data, config }), 'text/plain': summary(fig) };
}

/** Every number to `digits` significant digits (whole numbers stay), NaN and infinities to null; other values as they are. */
export function rounded(value: any, digits = 6): any {
  if (typeof value === 'number')
    return !Number.isFinite(value) ? null : Number.isInteger(value) ? value : Number(value.toPrecision(digits));
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>, v => rounded(v, digits));
  if (Array.isArray(value)) return value.map(v => rounded(v, digits));
  if (value && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, v]) => v !== undefined)
        .map(([k, v]) => [k, rounded(v, digits)]),
    );
  return value;
}

/** A pure line of more than 2000 points in drawing order, reduced to the extremes of each of 500 columns of the x axis. */
export function thinned(trace: PlotlyObject, layout: PlotlyObject): PlotlyObject {
  const { x, y, mode, type = 'scatter' } = trace;
  if (type !== 'scatter' || mode !== 'lines' || !x || x.length !== y?.length || x.length <= 2000) return trace;
  const axis = layout[`xaxis${(trace.xaxis ?? 'x').slice(1)}`];
  const position = (i: number) => (axis?.type === 'log' ? Math.log(x[i]) : x[i]);
  const [left, right] = [position(0), position(x.length - 1)];
  if (!Number.isFinite(left) || !Number.isFinite(right)) return trace;
  const keep = new Set<number>();
  let from = 0;
  for (let i = 1; i <= x.length; i++) {
    const bin = (k: number) => Math.floor((500 * (position(k) - left)) / (right - left));
    if (i < x.length && bin(i) === bin(from)) continue;
    let low = from;
    let high = from;
    for (let k = from; k < i; k++) {
      if (y[k] < y[low]) low = k;
      if (y[k] > y[high]) high = k;
    }
    for (const k of [from, low, high, i - 1]) keep.add(k);
    from = i;
  }
  const kept = [...keep].sort((a, b) => a - b);
  return { ...trace, x: kept.map(k => x[k]), y: kept.map(k => y[k]) };
}

/** The last point of each named trace, for readers without a renderer. */
function summary(fig: Figure): string {
  const lines = fig.data
    .filter(t => t.name && t.showlegend !== false && t.y?.length)
    .map(t => {
      const last = t.y.length - 1;
      return `  ${t.name}: ${t.y.length} points, last (${brief(t.x?.[last])}, ${brief(t.y[last])})`;
    });
  return [['Figure', titleOf(fig)].filter(Boolean).join(': '), ...lines].join('\n');
}

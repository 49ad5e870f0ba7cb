/** Long lines with fewer points, which look the same. */

type Trace = Record<string, any>;

/** Whether any of these traces is drawn with fewer points. */
export const isThinned = (traces: readonly Trace[], layout: Trace): boolean =>
  traces.some(trace => thinned(trace, layout).x?.length < trace.x?.length);

/** What a caption says of a figure with such lines. */
export const thinningNote = 'thinned: the first, lowest, highest and last point in each of 500 columns';

/**
 * A line without markers of more than 2000 points, in drawing order, reduced to the first, lowest, highest and last
 * point in each of 500 columns of what the x axis shows, and as many outside of it. NaN in x separates curves, thinned
 * one by one; a gap in a curve stays one, with the points beside it. Other traces stay.
 */
export function thinned(trace: Trace, layout: Trace): Trace {
  const { x, y, mode, type = 'scatter' } = trace;
  if (type !== 'scatter' || mode !== 'lines' || !x || x.length !== y?.length || x.length <= 2000) return trace;
  if (trace.error_x || trace.error_y || Array.from(x as ArrayLike<unknown>).some(v => typeof v !== 'number'))
    return trace;
  const axis = layout[`xaxis${(trace.xaxis ?? 'x').slice(1)}`];
  const at = Array.from(x as ArrayLike<number>, v => (axis?.type === 'log' ? Math.log10(v) : v));
  const column = columnsOf(at, axis?.range);
  const kept = pieces(x).flatMap(([from, to]) => [
    ...(to - from > 2000 ? extremes(at, y, from, to, column) : all(from, to)),
    ...(to < x.length ? [to] : []),
  ]);
  const only = (values: unknown) => (isList(values) && values.length === x.length ? kept.map(k => values[k]) : values);
  return Object.fromEntries(Object.entries(trace).map(([key, value]) => [key, only(value)]));
}

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || ArrayBuffer.isView(value);

const all = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** The curves between the gaps of x, each as the index of its first point and the index after its last. */
function pieces(x: ArrayLike<number>): [from: number, to: number][] {
  const gaps = Array.from(x).flatMap((v, i) => (Number.isNaN(v) ? [i] : []));
  return [...gaps, x.length].map((to, i) => [i === 0 ? 0 : gaps[i - 1] + 1, to]);
}

/** The column of a place on the axis: 500 of what it shows, and 500 of all places for those outside. */
function columnsOf(places: readonly number[], shown: unknown): (place: number) => number {
  let [low, high] = [Infinity, -Infinity];
  for (const place of places) {
    if (!Number.isFinite(place)) continue;
    low = Math.min(low, place);
    high = Math.max(high, place);
  }
  const isRange = Array.isArray(shown) && shown.length === 2 && shown.every(Number.isFinite);
  const [left, right] = isRange ? [Math.min(...shown), Math.max(...shown)] : [low, high];
  const part = (place: number, from: number, to: number) => Math.floor((500 * (place - from)) / (to - from));
  return place => (place >= left && place <= right ? part(place, left, right) : -1 - part(place, low, high));
}

function extremes(
  at: readonly number[],
  y: ArrayLike<number>,
  start: number,
  end: number,
  column: (place: number) => number,
): number[] {
  const kept: number[] = [];
  const isGap = (i: number) => !Number.isFinite(at[i]) || !Number.isFinite(y[i]);
  for (let from = start; from < end; ) {
    const gap = isGap(from);
    const own = column(at[from]);
    let to = from + 1;
    while (to < end && isGap(to) === gap && (gap || column(at[to]) === own)) to++;
    if (gap) kept.push(from);
    else {
      let [low, high] = [from, from];
      for (let k = from; k < to; k++) {
        if (y[k] < y[low]) low = k;
        if (y[k] > y[high]) high = k;
      }
      kept.push(...new Set([from, low, high, to - 1].sort((a, b) => a - b)));
    }
    from = to;
  }
  return kept;
}

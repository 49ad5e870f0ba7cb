/** Long lines with fewer points, which look the same. */

type Trace = Record<string, any>;

/**
 * A line without markers of more than 2000 points, in drawing order, reduced to the first, lowest, highest and last
 * point in each of 500 columns of the x axis; NaN in x separates curves, thinned one by one. Other traces stay.
 */
export function thinned(trace: Trace, layout: Trace): Trace {
  const { x, y, mode, type = 'scatter', customdata } = trace;
  if (type !== 'scatter' || mode !== 'lines' || !x || x.length !== y?.length || x.length <= 2000) return trace;
  const axis = layout[`xaxis${(trace.xaxis ?? 'x').slice(1)}`];
  const along = (i: number) => (axis?.type === 'log' ? Math.log(x[i]) : x[i]);
  const kept = pieces(x).flatMap(([from, to]) => [...extremes(along, y, from, to), ...(to < x.length ? [to] : [])]);
  const only = (values: ArrayLike<number>) => kept.map(k => values[k]);
  return { ...trace, x: only(x), y: only(y), ...(customdata && { customdata: only(customdata) }) };
}

/** The curves between the gaps of x, each as the index of its first point and the index after its last. */
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
    let low = from;
    let high = from;
    for (let k = from; k < i; k++) {
      if (y[k] < y[low]) low = k;
      if (y[k] > y[high]) high = k;
    }
    for (const k of [from, low, high, i - 1]) keep.add(k);
    from = i;
  }
  return [...keep].sort((a, b) => a - b);
}

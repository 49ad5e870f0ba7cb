/** What is drawn under one name: one curve, or one for each seed. */
import { fail } from '../base/check';
import { column, isRun, type Row, type RunLike, type Series } from '../base/rows';

/** The curve of one seed. */
export interface Curve {
  readonly x: number[];
  readonly y: number[];
  readonly seed: number;
  readonly diverged: boolean;
}

export interface Group {
  readonly name: string;
  readonly curves: readonly Curve[];
}

/** What the figure functions draw: a series, or series by name. */
export type Drawable = Series | { readonly [name: string]: Series };

/** The groups of a drawable, with the columns x and y. A series without a name is named by its y column. */
export function groups(where: string, drawable: Drawable, x: string, y: string): Group[] {
  const named =
    Array.isArray(drawable) || isRun(drawable) ? { [y]: drawable as Series } : (drawable as { [name: string]: Series });
  const entries = Object.entries(named);
  if (entries.length === 0) fail(where, 'nothing to draw: no groups');
  return entries.map(([name, series]) => {
    const at = `${where}: group '${name}'`;
    const curves = runsOf(series).map((run, i): Curve => {
      const [xs, ys] = [column(at, run.rows, x), column(at, run.rows, y)];
      // A row in which one of them was not recorded is no point of the curve; NaN is one, and leaves a gap.
      const isPoint = (_: number, k: number) => run.rows[k][x] !== undefined && run.rows[k][y] !== undefined;
      return {
        x: xs.filter(isPoint),
        y: ys.filter(isPoint),
        seed: run.seed ?? i,
        diverged: run.status === 'diverged',
      };
    });
    if (curves.length === 0 || curves.every(c => c.x.length === 0)) fail(at, 'nothing to draw: no rows');
    return { name, curves };
  });
}

function runsOf(series: Series): readonly RunLike[] {
  if (isRun(series)) return [series];
  const list = series as readonly (Row | RunLike)[];
  return list.length > 0 && list.every(isRun) ? list : [{ rows: list as readonly Row[] }];
}

/** All rows of a drawable. */
export const rowsOf = (drawable: Drawable): Row[] =>
  (Array.isArray(drawable) || isRun(drawable) ? [drawable as Series] : Object.values(drawable as object)).flatMap(
    (series: Series) => runsOf(series).flatMap(run => run.rows),
  );

/** How far apart two x may be, over their size, and still be one: 3 * 0.1 is not 0.3 in its last bit. */
const rounding = 1e-10;

/** The y of a curve at an x, or undefined where it has no such x. */
export function valueAt({ x, y }: Pick<Curve, 'x' | 'y'>): (at: number) => number | undefined {
  const order = [...x.keys()].filter(i => !Number.isNaN(x[i])).sort((i, j) => x[i] - x[j]);
  return at => {
    const room = rounding * Math.abs(at);
    let [low, high] = [0, order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (x[order[middle]] <= at + room) low = middle + 1;
      else high = middle;
    }
    const distance = (i: number | undefined) => (i === undefined ? Infinity : Math.abs(x[i] - at));
    const [last, before] = [order[low - 1], order[low - 2]];
    const nearest = distance(before) < distance(last) ? before : last;
    return distance(nearest) <= room ? y[nearest] : undefined;
  };
}

/** How many different x curves have, all together, up to this one. */
export function countX(curves: readonly Curve[], end: number): number {
  const sorted = curves.flatMap(c => c.x.filter(x => x <= end + rounding * Math.abs(end))).sort((a, b) => a - b);
  return sorted.filter((x, i) => i === 0 || x - sorted[i - 1] > rounding * Math.abs(x)).length;
}

/** Average over the curves that did not diverge, at the x that all of them have; geometric when `log`. */
export function mean(curves: readonly Curve[], log: boolean | undefined): { x: number[]; y: number[] } {
  const kept = curves.filter(c => !c.diverged);
  if (kept.length === 0) return { x: [], y: [] };
  const each = kept.map(valueAt);
  const x = [...new Set(kept[0].x)].filter(at => each.every(y => y(at) !== undefined));
  const values = (at: number) => each.map(y => y(at)!);
  return { x, y: x.map(at => average(values(at), log)) };
}

/** The mean. When `log`, the geometric mean, exp of the mean logarithm; NaN when a value <= 0 has no logarithm. */
export function average(values: readonly number[], log: boolean | undefined): number {
  const sum = (f: (v: number) => number) => values.reduce((s, v) => s + f(v), 0);
  if (!log) return sum(v => v) / values.length;
  return values.some(v => v <= 0) ? NaN : Math.exp(sum(Math.log) / values.length);
}

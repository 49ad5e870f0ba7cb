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

/** Average over the curves that did not diverge, at the x that all of them have; geometric when `log`. */
export function mean(curves: readonly Curve[], log: boolean | undefined): { x: number[]; y: number[] } {
  const kept = curves.filter(c => !c.diverged);
  if (kept.length === 0) return { x: [], y: [] };
  const lookup = kept.map(c => new Map(c.x.map((x, i) => [x, c.y[i]])));
  const x = [...lookup[0].keys()].filter(v => lookup.every(m => m.has(v)));
  const values = (at: number) => lookup.map(m => m.get(at)!);
  return { x, y: x.map(v => average(values(v), log)) };
}

/** The mean. When `log`, the geometric mean, exp of the mean logarithm; NaN when a value <= 0 has no logarithm. */
export function average(values: readonly number[], log: boolean | undefined): number {
  const sum = (f: (v: number) => number) => values.reduce((s, v) => s + f(v), 0);
  if (!log) return sum(v => v) / values.length;
  return values.some(v => v <= 0) ? NaN : Math.exp(sum(Math.log) / values.length);
}

/** Named groups of curves: one curve, or one for each seed. */
import { fail } from '../base/check';
import { column, isRun, type Row, type RunLike, type Series } from '../base/rows';

/** One seed's curve. */
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

/** The groups of a drawable, with the columns x and y read out. A lone series is a group named by its y column. */
export function groups(where: string, drawable: Drawable, x: string, y: string): Group[] {
  const named =
    Array.isArray(drawable) || isRun(drawable) ? { [y]: drawable as Series } : (drawable as { [name: string]: Series });
  const entries = Object.entries(named);
  if (entries.length === 0) fail(where, 'nothing to draw: no groups');
  return entries.map(([name, series]) => {
    const at = `${where}: group '${name}'`;
    const curves = runsOf(series).map(
      (run, i): Curve => ({
        x: column(at, run.rows, x),
        y: column(at, run.rows, y),
        seed: run.seed ?? i,
        diverged: run.status === 'diverged',
      }),
    );
    if (curves.length === 0 || curves.every(c => c.x.length === 0)) fail(at, 'nothing to draw: no rows');
    return { name, curves };
  });
}

function runsOf(series: Series): readonly RunLike[] {
  if (isRun(series)) return [series];
  const list = series as readonly (Row | RunLike)[];
  return list.length > 0 && list.every(isRun) ? list : [{ rows: list as readonly Row[] }];
}

/**
 * Mean over the curves that did not diverge, at the x that all of them have; geometric (exp of the mean log) when `log`.
 * A value <= 0 has no logarithm, so there the geometric mean is NaN.
 */
export function mean(curves: readonly Curve[], log: boolean | undefined): { x: number[]; y: number[] } {
  const kept = curves.filter(c => !c.diverged);
  if (kept.length === 0) return { x: [], y: [] };
  const lookup = kept.map(c => new Map(c.x.map((x, i) => [x, c.y[i]])));
  const x = [...lookup[0].keys()].filter(v => lookup.every(m => m.has(v)));
  const average = (values: number[]) =>
    log
      ? values.some(v => v <= 0)
        ? NaN
        : Math.exp(values.reduce((s, v) => s + Math.log(v), 0) / values.length)
      : values.reduce((s, v) => s + v, 0) / values.length;
  return { x, y: x.map(v => average(lookup.map(m => m.get(v)!))) };
}

/** What the reader must know of the seeds: how many, what the thick line is (curves that share no x have none), and what diverged or cannot be drawn. */
export function seedsNote(all: readonly Group[], logY: boolean | undefined): string {
  const counts = [...new Set(all.map(g => g.curves.length).filter(n => n > 1))];
  const averaged = all.some(g => g.curves.length > 1 && mean(g.curves, logY).x.length > 1);
  const diverged = all.flatMap(g => {
    const n = g.curves.filter(c => c.diverged).length;
    return n > 0 ? [`${n} of ${g.curves.length} runs of ${g.name} diverged`] : [];
  });
  const undrawn = logY ? all.flatMap(g => g.curves).reduce((sum, c) => sum + c.y.filter(v => v <= 0).length, 0) : 0;
  return [
    counts.length > 0 &&
      `thin: ${counts.sort((a, b) => a - b).join(' or ')} seeds${averaged ? `, thick: ${logY ? 'geometric mean' : 'mean'}` : ''}`,
    ...diverged,
    undrawn > 0 && `${undrawn} values <= 0 have no place on the log axis`,
  ]
    .filter(Boolean)
    .join('; ');
}

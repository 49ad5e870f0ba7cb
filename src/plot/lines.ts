/** Curves, points and densities over one axis, with theory drawn beside them. */
import { fail } from '../base/check';
import { column, isRun, type Row, type RunLike } from '../base/rows';
import { figure, type Figure, type PlotlyObject } from './figure';
import { groups, mean, seedsNote, type Curve, type Drawable, type Group } from './groups';
import { type Range, extent, label, sampled, xAxis, yAxis } from './axis';
import { checkOptions, dashes, faint, frame, hover, palette, type FigureOptions } from './style';

/** A theory curve: a formula y(x), a constant, or rows with the same columns as the data. */
export type Theory = number | ((x: number) => number) | readonly Row[] | RunLike;

export interface LinesOptions extends FigureOptions {
  /** Columns to draw. */
  x: string;
  y: string;
  /** Drawn black and dashed. A formula never widens the y axis by more than a decade (log) or a quarter. */
  theory?: Record<string, Theory>;
  /** Line style of a group, to tell pairs of one colour apart; default 'solid'. */
  dash?: Record<string, 'solid' | 'dot' | 'dash' | 'dashdot'>;
  /** Area under the curve, for densities. */
  fill?: boolean;
  /** A dot at each row, for few points; with `line: false` dots alone. */
  markers?: boolean;
  line?: boolean;
}

/**
 * Column y against column x of rows, a run, runs (one for each seed), or any of these by name.
 * Several seeds: thin lines, and a thick one for their mean (geometric on a log y axis) over the runs that did not diverge,
 * at the x they share; the caption says so, and counts what diverged.
 * Errors: a column that is missing or not of numbers, nothing to draw, no positive value on a log axis.
 */
export function lines(drawable: Drawable, options: LinesOptions): Figure {
  return draw('lines', drawable, options);
}

/** Dots of column y against column x: `lines` without the lines. */
export function scatter(drawable: Drawable, options: LinesOptions): Figure {
  return draw('scatter', drawable, { ...options, markers: true, line: false });
}

function draw(where: string, drawable: Drawable, options: LinesOptions): Figure {
  checkOptions(where, options, ['x', 'y', 'theory', 'dash', 'fill', 'markers', 'line']);
  const { x, y, logX, logY, theory = {}, dash = {} } = options;
  const all = groups('lines', drawable, x, y);
  const colors = { ...palette(all.map(g => g.name)), ...options.colors };
  const rangeX = range(
    'x',
    x,
    all.flatMap(g => g.curves.map(c => c.x)),
    logX,
  );
  const rangeY = range(
    'y',
    y,
    all.flatMap(g => g.curves.map(c => c.y)),
    logY,
  );
  const data = all.flatMap(g => traces(g, colors[g.name], dash[g.name] ?? 'solid', options));
  const bounds: [number, number] = options.fill && !logY ? [Math.min(0, rangeY[0]), rangeY[1]] : rangeY;
  const dashed = Object.entries(theory).map(([name, t], i) =>
    theoryTrace(name, t, i, options.xRange ?? rangeX, options),
  );
  const names =
    all.length > 1 || dashed.length > 0
      ? data
          .concat(dashed)
          .filter(t => t.showlegend !== false)
          .map(t => t.name)
      : [];
  const caption = [options.caption, seedsNote(all, logY)].filter(Boolean).join('; ');
  const layout = {
    ...frame(
      options.title ?? `${label(options.yLabel, y)} against ${label(options.xLabel, x)}`,
      caption,
      names,
      options.height,
    ),
    xaxis: xAxis(x, options, rangeX, fewPowers(all, logX)),
    yaxis: yAxis(y, options, widened(bounds, dashed, logY)),
  };
  return figure([...data, ...dashed], layout);
}

function range(which: string, name: string, values: readonly number[][], log: boolean | undefined): [number, number] {
  return (
    extent(values.flat(), log) ??
    fail('lines', `no ${log ? 'positive finite' : 'finite'} value in column '${name}' for the ${which} axis`)
  );
}

function traces({ name, curves }: Group, color: string, dash: string, options: LinesOptions): PlotlyObject[] {
  const { logY, markers = false, line = true, fill = false, x, y } = options;
  const mode = [line && 'lines', markers && 'markers'].filter(Boolean).join('+');
  const shared = { type: 'scatter', mode, name, legendgroup: name };
  const values = `${label(options.xLabel, x)} %{x:.4~g}<br>${label(options.yLabel, y)} %{y:.4~g}`;
  const look = (shade: string, width: number) => ({
    ...(line && { line: { color: shade, width, dash } }),
    ...(markers && { marker: { color: shade, size: line ? 5 : 7 } }),
  });
  const one = (c: Curve, shade: string, width: number, extra: string): PlotlyObject => ({
    ...shared,
    x: c.x,
    y: c.y,
    ...look(shade, width),
    hovertemplate: hover(extra, values),
  });
  if (curves.length === 1)
    return [{ ...one(curves[0], color, 2, name), ...(fill && { fill: 'tozeroy', fillcolor: faint(color, 0.15) }) }];
  const thin = curves.map(c => ({
    ...one(c, faint(color, 0.35), 1, `${name}, seed ${c.seed}${c.diverged ? ' (diverged)' : ''}`),
    showlegend: false,
  }));
  return [
    ...thin,
    {
      ...shared,
      ...mean(curves, logY),
      ...look(color, 2.5),
      hovertemplate: hover(`${name}, ${logY ? 'geometric mean' : 'mean'}`, values),
    },
  ];
}

function theoryTrace(
  name: string,
  theory: Theory,
  index: number,
  range: Range,
  { x, y, logX }: LinesOptions,
): PlotlyObject {
  const drawn =
    typeof theory === 'function' || typeof theory === 'number'
      ? sampled(typeof theory === 'number' ? () => theory : theory, range, logX)
      : rowsOf(name, isRun(theory) ? theory.rows : theory, x, y);
  return {
    ...drawn,
    type: 'scatter',
    mode: 'lines',
    name,
    line: { color: '#000', width: 1.5, dash: dashes[index % dashes.length] },
    hovertemplate: hover(`${name} (theory)`, '%{x:.4~g}, %{y:.4~g}'),
  };
}

const rowsOf = (name: string, rows: readonly Row[], x: string, y: string) => ({
  x: column(`lines: theory '${name}'`, rows, x),
  y: column(`lines: theory '${name}'`, rows, y),
});

/** The range of the data, widened towards the theory curves, but only by a decade (log) or a quarter of its span. */
function widened(
  [low, high]: [number, number],
  theory: readonly PlotlyObject[],
  log: boolean | undefined,
): [number, number] {
  const reach = extent(
    theory.flatMap(t => t.y),
    log,
  );
  if (!reach) return [low, high];
  const [floor, ceiling] = log ? [low / 10, high * 10] : [low - (high - low) / 4, high + (high - low) / 4];
  return [Math.max(floor, Math.min(low, reach[0])), Math.min(ceiling, Math.max(high, reach[1]))];
}

/** The x values themselves as ticks, when a log axis has at most 10 of them (widths, sample sizes). */
function fewPowers(all: readonly Group[], logX: boolean | undefined): number[] | undefined {
  const values = [...new Set(all.flatMap(g => g.curves.flatMap(c => c.x)))].filter(v => v > 0).sort((a, b) => a - b);
  return logX && values.length <= 10 ? values : undefined;
}

/** Curves and points over one axis, with theory and published values beside them. */
import { fail } from '../base/check';
import { column, type Row } from '../base/rows';
import { axis, label } from './axis';
import { bandTrace, spread } from './bands';
import { divergedNote, failedNote, figureCaption, gapsNote, logAxisNote, seedsNote } from './caption';
import { colorsFor, faint } from './colors';
import { wideUnderOthers } from './covered';
import { figure, type Figure, type PlotlyObject } from './figure';
import { groups, mean, type Curve, type Drawable, type Group, rowsOf } from './groups';
import { hover, layoutWith } from './layout';
import { withGivenColors } from './one-color';
import { checkOptions, type FigureOptions } from './options';
import { extent, type Range } from './range';
import { type Theory, theoryTraces } from './theory';
import { isThinned, thinningNote } from './thinning';

/** What `lines` and `scatter` draw, and how. */
export interface LinesOptions extends FigureOptions {
  /** The column along the horizontal axis. */
  x: string;
  /** The column along the vertical axis. */
  y: string;
  /** Drawn black and dashed, by name. Theory never widens the y axis by more than a decade (log) or a quarter. */
  theory?: { readonly [name: string]: Theory };
  /** Published values, as rows with the same columns: open circles in the colour of the curve of the same name. */
  published?: { readonly [name: string]: readonly Row[] };
  /** Vertical lines at these values of x, each with its text: `{ 'd = n': 32 }`. */
  xMarks?: { readonly [text: string]: number };
  /** A dot at each row, for few points. */
  markers?: boolean;
  /** Of several seeds, their mean and a band of one standard deviation on both sides, in place of a line for each. */
  bands?: boolean;
}

/**
 * Column y against column x of rows, a run, runs (one for each seed), or any of these by name.
 * Several seeds: thin lines, and a thick one for their mean (geometric on a log y axis) over the runs that did not
 * diverge, at the x that all of them have. With `bands`, a band in place of the thin lines: the sample standard
 * deviation of the seeds below and above the mean; on a log y axis that of the logarithms, as a factor. The caption
 * says so, and counts the runs that diverged, which stay thin lines. A curve that others cover is wide and pale.
 * Errors: a column that is missing or not of numbers, nothing to draw, no positive value on a log axis.
 *
 * @example
 * const runs = { 'm = 10': [{ t: 0, risk: 1 }, { t: 1, risk: 0.4 }] };
 * const theory = { 'exp(-t)': (t: number) => Math.exp(-t) };
 * lines(runs, { x: 't', y: 'risk', logY: true, theory }).data.map(trace => trace.name) // -> ['m = 10', 'exp(-t)']
 */
export function lines(drawable: Drawable, options: LinesOptions): Figure {
  return draw('lines', drawable, options, options?.markers ? 'lines+markers' : 'lines');
}

/**
 * Dots of column y against column x: `lines` without the lines. A dot that one of a later name covers is wide and pale.
 * Errors: as `lines`.
 *
 * @example
 * scatter([{ m: 10, rate: 1 }], { x: 'm', y: 'rate' }).data[0].mode // -> 'markers'
 */
export function scatter(drawable: Drawable, options: Omit<LinesOptions, 'markers' | 'bands'>): Figure {
  return draw('scatter', drawable, options, 'markers');
}

type Mode = 'lines' | 'lines+markers' | 'markers';

function draw(where: string, drawable: Drawable, options: LinesOptions, mode: Mode): Figure {
  const own = ['x', 'y', 'theory', 'published', 'xMarks', ...(mode === 'markers' ? [] : ['markers', 'bands'])];
  checkOptions(where, options, own);
  const { x, y, logX, logY } = options;
  const all = groups(where, drawable, x, y);
  const names = all.map(g => g.name);
  const colors = colorsFor(where, names, options.colors);
  const curves = all.flatMap(g => g.curves);
  const [xs, ys] = [curves.flatMap(c => c.x), curves.flatMap(c => c.y)];
  const why = curves.every(c => c.diverged) ? `: ${divergedNote(curves.length, curves.length)}` : '';
  checkShown(where, `column '${x}' for the x axis${why}`, xs, logX);
  checkShown(where, `column '${y}' for the y axis${why}`, ys, logY);
  const marks = Object.values(options.xMarks ?? {});
  const measured = all.flatMap(g => groupTraces(g, colors[g.name], mode, options));
  const published = publishedTraces(where, colors, options);
  const rangeX = extent([...xs, ...published.flatMap(t => t.x), ...marks], logX)!;
  const drawn = options.bands ? measured.flatMap(t => t.y as number[]) : ys;
  const rangeY = extent([...drawn, ...published.flatMap(t => t.y)], logY)!;
  const theory = theoryTraces(where, options.theory ?? {}, options.xRange ?? rangeX, options);
  const curvesShown = wideUnderOthers(measured, {
    x: { range: options.xRange ?? rangeX, log: logX },
    y: { range: options.yRange ?? rangeY, log: logY },
  });
  const data = [...curvesShown, ...published, ...theory].flatMap(trace => [trace, ...loneDots(trace, options)]);
  const legend = data.filter(t => t.showlegend !== false).map(t => t.name as string);
  const axes = {
    xaxis: axis('x', x, options, rangeX, fewPowers(xs, logX)),
    yaxis: axis('y', y, options, widened(rangeY, theory, logY)),
  };
  const caption = figureCaption(
    options.caption,
    seedsNote(all, logY, options.bands),
    failedNote(rowsOf(drawable), y),
    gapsNote(all),
    logAxisNote(xs, logX, label(options.xLabel, x)),
    logAxisNote(ys, logY),
    isThinned(data, axes) && thinningNote,
  );
  const layout = {
    ...layoutWith({
      title: options.title ?? `${label(options.yLabel, y)} against ${label(options.xLabel, x)}`,
      caption,
      legend: legend.length > 1 ? legend : [],
      height: options.height,
    }),
    ...axes,
    ...(options.xMarks && { shapes: verticalLines(where, options.xMarks, logX) }),
  };
  return withGivenColors(figure(data, layout), options.colors);
}

function checkShown(where: string, column: string, values: readonly number[], log: boolean | undefined): void {
  if (!extent(values, log)) fail(where, `no ${log ? 'positive finite' : 'finite'} value in ${column}`);
}

const valuesHover = ({ x, y, xLabel, yLabel }: LinesOptions) =>
  `${label(xLabel, x)} %{x:.4~g}<br>${label(yLabel, y)} %{y:.4~g}`;

/** A curve, or thin curves of the seeds with a thick one for their mean. */
function groupTraces({ name, curves }: Group, color: string, mode: Mode, options: LinesOptions): PlotlyObject[] {
  const trace = ({ x, y }: Pick<Curve, 'x' | 'y'>, shade: string, width: number, shownName: string) => ({
    type: 'scatter',
    mode,
    name,
    legendgroup: name,
    x,
    y,
    ...(mode !== 'markers' && { line: { color: shade, width } }),
    // A dot on the frame is drawn whole.
    ...(mode !== 'lines' && { marker: { color: shade, size: mode === 'markers' ? 7 : 5 }, cliponaxis: false }),
    hovertemplate: hover(shownName, valuesHover(options)),
  });
  if (curves.length === 1) return [trace(curves[0], color, 2, name)];
  const { logY, bands } = options;
  const middle = mean(curves, logY);
  const band = bands && bandTrace(middle.x, spread(curves, middle.x, logY), { name, fillcolor: faint(color, 0.2) });
  const seeds = (bands ? [true] : [false, true]).flatMap(diverged => {
    const some = curves.filter(c => c.diverged === diverged);
    const shownName = `${name}, seed %{customdata}${diverged ? ' (diverged)' : ''}`;
    const seedOfPoint = some.flatMap(c => Array(c.x.length + 1).fill(c.seed));
    const thin = {
      ...trace(joined(some), faint(color, 0.35), 1, shownName),
      customdata: seedOfPoint,
      showlegend: false,
    };
    return some.length > 0 ? [thin] : [];
  });
  return [...(band ? [band] : []), ...seeds, trace(middle, color, 2.5, `${name}, ${logY ? 'geometric mean' : 'mean'}`)];
}

/** A line's points that have no neighbour to be joined with, as dots. */
function loneDots(trace: PlotlyObject, { logX, logY }: LinesOptions): PlotlyObject[] {
  if (trace.mode !== 'lines') return [];
  const isShown = (v: number, log: boolean | undefined) => Number.isFinite(v) && !(log && v <= 0);
  const isPoint = (i: number) => isShown(trace.x[i], logX) && isShown(trace.y[i], logY);
  const lone = (trace.x as number[]).map((_, i) => i).filter(i => isPoint(i) && !isPoint(i - 1) && !isPoint(i + 1));
  if (lone.length === 0) return [];
  const { line, ...shared } = trace;
  const only = (key: string) => trace[key] && { [key]: lone.map(i => trace[key][i]) };
  const marker = { color: line.color, size: 6 };
  return [
    {
      ...shared,
      legendgroup: trace.name,
      mode: 'markers',
      ...only('x'),
      ...only('y'),
      ...only('customdata'),
      marker,
      showlegend: false,
    },
  ];
}

/** The curves of several seeds as one, with a gap after each. */
const joined = (curves: readonly Curve[]) => ({
  x: curves.flatMap(c => [...c.x, NaN]),
  y: curves.flatMap(c => [...c.y, NaN]),
});

/** Open circles; one entry in the legend, of no curve's colour, stands for all. */
function publishedTraces(where: string, colors: Record<string, string>, options: LinesOptions): PlotlyObject[] {
  const circle = (color: string) => ({ color, size: 9, symbol: 'circle-open', line: { width: 2 } });
  const shared = { type: 'scatter', mode: 'markers', name: 'published', legendgroup: 'published' };
  const traces = Object.entries(options.published ?? {}).map(([name, rows]) => ({
    ...shared,
    showlegend: false,
    x: column(`${where}: published '${name}'`, rows, options.x),
    y: column(`${where}: published '${name}'`, rows, options.y),
    marker: circle(colors[name] ?? '#444'),
    cliponaxis: false,
    hovertemplate: hover(`${name}, published`, valuesHover(options)),
  }));
  const entry = { ...shared, x: [NaN], y: [NaN], marker: circle('#444'), hoverinfo: 'skip' };
  return traces.length > 0 ? [...traces, entry] : [];
}

/** Grey lines over the height of the figure, each with its text beside its foot. */
function verticalLines(where: string, marks: { readonly [text: string]: number }, log: boolean | undefined) {
  return Object.entries(marks).map(([text, x]): PlotlyObject => {
    if (!Number.isFinite(x) || (log && x <= 0))
      fail(where, `xMarks '${text}' is ${x} but must be ${log ? 'positive, on a log axis' : 'a finite number'}`);
    const label = { text: ` ${text}`, textposition: 'start', textangle: 0, xanchor: 'left', yanchor: 'bottom' };
    return { type: 'line', x0: x, x1: x, y0: 0, y1: 1, yref: 'paper', line: { color: '#999', width: 1 }, label };
  });
}

/** The range of the data, widened towards the theory curves, but only by a decade (log) or a quarter of its span. */
function widened([low, high]: Range, theory: readonly PlotlyObject[], log: boolean | undefined): Range {
  const room = (high - low) / 4;
  const [floor, ceiling] = log ? [low / 10, high * 10] : [low - room, high + room];
  const reached = theory.flatMap(t => t.y);
  const [lowest, highest] = extent(reached, log) ?? [low, high];
  return [Math.max(floor, Math.min(low, lowest)), Math.min(ceiling, Math.max(high, highest))];
}

/** The x values themselves as ticks, when a log axis has at most 10 of them (widths, sample sizes). */
function fewPowers(xs: readonly number[], logX: boolean | undefined): number[] | undefined {
  const values = [...new Set(xs)].filter(v => v > 0).sort((a, b) => a - b);
  return logX && values.length <= 10 ? values : undefined;
}

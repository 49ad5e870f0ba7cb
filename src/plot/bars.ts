/** One number by category: means with every seed shown, or whole distributions. */
import { fail } from '../base/check';
import { checkColumn, column, type Row } from '../base/rows';
import { axis, label } from './axis';
import { divergedNote, failedNote, figureCaption, isFailed, logAxisNote } from './caption';
import { colorsFor, faint } from './colors';
import { figure, type Figure, type PlotlyObject } from './figure';
import { average } from './groups';
import { hover, layoutWith } from './layout';
import { withGivenColors } from './one-color';
import { checkOptions, type FigureOptions } from './options';
import { extent } from './range';
import { theoryLine } from './theory';

/** What `bars` and `violins` draw, and how. */
export interface CategoryOptions extends Omit<FigureOptions, 'logX' | 'xRange' | 'xTicks'> {
  /** The column of categories (texts or numbers), in order of first appearance. */
  x: string;
  /** The column of numbers. */
  y: string;
  /** A second column of categories: each has a colour, and they stand side by side. */
  by?: string;
  /** Horizontal lines, black and dashed, by name. */
  theory?: Record<string, number>;
}

/**
 * Bars of the mean of y, with a dot for each row (seed). On a log axis the mean is geometric. Errors: as `lines`.
 *
 * @example
 * const rows = [1, 2, 3].map(seed => ({ seed, m: 10, risk: seed / 10 }));
 * bars(rows, { x: 'm', y: 'risk' }).data[0].y // -> [0.2]
 */
export function bars(rows: readonly Row[], options: CategoryOptions): Figure {
  const { y, yLabel, logY } = options;
  const meaning = `${logY ? 'geometric mean' : 'mean'} of ${label(yLabel, y)}`;
  return categories('bars', rows, options, ({ name, color, x, values }, all) => [
    {
      type: 'bar',
      ...inGroup(name),
      x: all,
      y: all.map(category => {
        const own = values.filter((_, i) => x[i] === category);
        return average(own, logY);
      }),
      marker: { color: faint(color, 0.45), line: { color, width: 1 } },
      hovertemplate: hover(name, `%{x}<br>${meaning} %{y:.4~g}`),
    },
    {
      type: 'box',
      ...inGroup(name),
      showlegend: false,
      x,
      y: values,
      boxpoints: 'all',
      jitter: 0.4,
      pointpos: 0,
      fillcolor: 'rgba(0,0,0,0)',
      line: { color: 'rgba(0,0,0,0)' },
      marker: { color, size: 5 },
      hoveron: 'points',
      hovertemplate: hover(name, '%{x}<br>%{y:.4~g}'),
    },
  ]);
}

/**
 * The distribution of y (a kernel density, mirrored) with its median, quartiles and every row. With `logY` it is that
 * of log10 y, which the traces then hold, over an axis whose ticks are in y. Errors: as `lines`.
 *
 * @example
 * const rows = [1, 2, 3].map(seed => ({ seed, m: 10, risk: seed / 10 }));
 * violins(rows, { x: 'm', y: 'risk' }).data[0].y // -> [0.1, 0.2, 0.3]
 */
export function violins(rows: readonly Row[], options: CategoryOptions): Figure {
  const { logY } = options;
  return categories('violins', rows, options, group => {
    const { name, color } = group;
    const shown = group.values.map((v, i) => ({ v, x: group.x[i] })).filter(({ v }) => !logY || v > 0);
    return [
      {
        type: 'violin',
        ...inGroup(name),
        x: shown.map(({ x }) => x),
        y: shown.map(({ v }) => (logY ? Math.log10(v) : v)),
        ...(logY && {
          customdata: shown.map(({ v }) => v),
          hoveron: 'points',
          hovertemplate: hover(name, '%{x}<br>%{customdata:.4~g}'),
        }),
        points: 'all',
        jitter: 0.3,
        pointpos: 0,
        spanmode: 'hard',
        box: { visible: true, width: 0.15 },
        line: { color, width: 1.5 },
        fillcolor: faint(color, 0.2),
        marker: { color, size: 4, opacity: 0.6 },
      },
    ];
  });
}

/** Rows of one colour: the category and the value of each that is finite. */
interface Colored {
  readonly name: string;
  readonly color: string;
  readonly x: readonly string[];
  readonly values: readonly number[];
}

const inGroup = (name: string) => ({ name, legendgroup: name, offsetgroup: name });

function categories(
  where: 'bars' | 'violins',
  rows: readonly Row[],
  options: CategoryOptions,
  traces: (group: Colored, all: string[]) => PlotlyObject[],
): Figure {
  checkOptions(where, options, ['x', 'y', 'by', 'theory'], ['logX', 'xRange', 'xTicks']);
  const { x, y, by, logY, theory = {} } = options;
  if (rows.length === 0) fail(where, 'nothing to draw: no rows');
  const values = column(where, rows, y);
  const category = texts(where, rows, x);
  const groupOf = by === undefined ? rows.map(() => y) : texts(where, rows, by);
  const foot = logY || where === 'violins' ? [] : [0];
  const range =
    extent([...values, ...Object.values(theory), ...foot], logY) ??
    fail(where, `no ${logY ? 'positive ' : ''}finite value in column '${y}'`);
  const names = [...new Set(groupOf)];
  const colors = colorsFor(where, names, options.colors);
  const data = names.flatMap(name => {
    const rowsOfName = rows.map((_, i) => i).filter(i => groupOf[i] === name && Number.isFinite(values[i]));
    const group = {
      name,
      color: colors[name],
      x: rowsOfName.map(i => category[i]),
      values: rowsOfName.map(i => values[i]),
    };
    return traces(group, [...new Set(category)]);
  });
  const caption = figureCaption(
    options.caption,
    `dots: ${where === 'bars' ? 'seeds' : 'single values'}`,
    failedNote(rows, y),
    divergedNote(values.filter((v, i) => !Number.isFinite(v) && !isFailed(rows[i], y)).length, rows.length),
    logAxisNote(values, logY),
    where === 'bars' &&
      noBarNote(data, logY, (name, c) => rows.some((_, i) => groupOf[i] === name && category[i] === c)),
  );
  const isOfLogs = logY && where === 'violins';
  const legend = [...(names.length > 1 ? names : []), ...Object.keys(theory)];
  const title = options.title ?? `${label(options.yLabel, y)} by ${label(options.xLabel, x)}`;
  const drawn = figure(data, {
    ...layoutWith({ title, caption, legend, height: options.height }),
    xaxis: { ...axis('x', x, { xLabel: options.xLabel }), type: 'category', showgrid: false },
    yaxis: isOfLogs ? ofLogs(axis('y', y, options, range)) : axis('y', y, options, range),
    shapes: Object.entries(theory).map(([name, level], i) => levelLine(name, isOfLogs ? Math.log10(level) : level, i)),
    barmode: 'group',
    boxmode: 'group',
    violinmode: 'group',
    bargap: 0.3,
    boxgap: 0.3,
  });
  return withGivenColors(drawn, options.colors);
}

/** A log axis as a linear one of the logarithms, over which Plotly takes densities. */
const ofLogs = ({ type: _, dtick: _step, minor: _minor, ...shared }: PlotlyObject): PlotlyObject => ({
  ...shared,
  tickvals: shared.tickvals.map(Math.log10),
});

/** Which bars are missing though there are rows for them. */
function noBarNote(
  data: readonly PlotlyObject[],
  logY: boolean | undefined,
  hasRows: (name: string, category: string) => boolean,
): string | false {
  const bars = data.filter(trace => trace.type === 'bar');
  const missing = bars.flatMap(({ name, x, y }) => {
    const gone = (x as string[]).filter((category, k) => Number.isNaN(y[k]) && hasRows(name, category));
    return gone.map(category => (bars.length > 1 ? `${category} (${name})` : category));
  });
  return missing.length > 0 && `no ${logY ? 'geometric mean' : 'mean'}, so no bar: ${missing.join(', ')}`;
}

const levelLine = (name: string, level: number, index: number): PlotlyObject => ({
  type: 'line',
  name,
  showlegend: true,
  xref: 'x domain',
  x0: 0,
  x1: 1,
  yref: 'y',
  y0: level,
  y1: level,
  line: theoryLine(index),
});

function texts(where: string, rows: readonly Row[], name: string): string[] {
  checkColumn(where, rows, name);
  return rows.map(row => String(row[name]));
}

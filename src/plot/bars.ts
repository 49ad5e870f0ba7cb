/** One number by category: means with every seed shown, or whole distributions. */
import { fail } from '../base/check';
import { column, type Row } from '../base/rows';
import { figure, type Figure, type PlotlyObject } from './figure';
import { extent, label, xAxis, yAxis } from './axis';
import { checkOptions, dashes, faint, frame, hover, palette, type FigureOptions } from './style';

export interface CategoryOptions extends Omit<FigureOptions, 'logX' | 'xRange' | 'xTicks'> {
  /** The category column (texts or numbers), in order of first appearance. */
  x: string;
  /** The column of numbers. */
  y: string;
  /** A second category column: a colour each, side by side. */
  by?: string;
  /** Horizontal lines, black and dashed. */
  theory?: Record<string, number>;
}

/** Bars of the mean of y, with a dot for each row (seed). On a log axis the mean is geometric. Errors: as `lines`. */
export function bars(rows: readonly Row[], options: CategoryOptions): Figure {
  return categories(rows, options, 'bars', (name, color, x, values, all) => {
    const { y, logY } = options;
    const bar = all.map(category =>
      average(
        values.filter((_, i) => x[i] === category),
        logY,
      ),
    );
    return [
      {
        type: 'bar',
        name,
        legendgroup: name,
        offsetgroup: name,
        x: all,
        y: bar,
        marker: { color: faint(color, 0.45), line: { color, width: 1 } },
        hovertemplate: hover(
          name,
          `%{x}<br>${logY ? 'geometric mean' : 'mean'} of ${label(options.yLabel, y)} %{y:.4~g}`,
        ),
      },
      {
        type: 'box',
        name,
        legendgroup: name,
        offsetgroup: name,
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
    ];
  });
}

/** The distribution of y (a kernel density, mirrored) with its median, quartiles and every row. Errors: as `lines`. */
export function violins(rows: readonly Row[], options: CategoryOptions): Figure {
  return categories(rows, options, 'violins', (name, color, x, values) => [
    {
      type: 'violin',
      name,
      legendgroup: name,
      offsetgroup: name,
      x,
      y: values,
      points: 'all',
      jitter: 0.3,
      pointpos: 0,
      spanmode: 'hard',
      box: { visible: true, width: 0.15 },
      line: { color, width: 1.5 },
      fillcolor: faint(color, 0.2),
      marker: { color, size: 4, opacity: 0.6 },
    },
  ]);
}

type Draw = (name: string, color: string, x: string[], values: number[], all: string[]) => PlotlyObject[];

function categories(rows: readonly Row[], options: CategoryOptions, where: string, draw: Draw): Figure {
  checkOptions(where, options, ['x', 'y', 'by', 'theory'], ['logX', 'xRange', 'xTicks']);
  const { x, y, by, logY, theory = {} } = options;
  if (rows.length === 0) fail(where, 'nothing to draw: no rows');
  const values = column(where, rows, y);
  const [places, kinds] = [texts(where, rows, x), by === undefined ? rows.map(() => y) : texts(where, rows, by)];
  const lost = values.filter(v => !Number.isFinite(v)).length;
  const floor = logY || where === 'violins' ? [] : [0];
  const range =
    extent([...values, ...Object.values(theory), ...floor], logY) ??
    fail(where, `no ${logY ? 'positive ' : ''}finite value in column '${y}'`);
  const names = [...new Set(kinds)];
  const colors = { ...palette(names), ...options.colors };
  const all = [...new Set(places)];
  const data = names.flatMap(name => {
    const mine = values.map((_, i) => i).filter(i => kinds[i] === name && Number.isFinite(values[i]));
    return draw(
      name,
      colors[name],
      mine.map(i => places[i]),
      mine.map(i => values[i]),
      all,
    );
  });
  const caption = [
    options.caption,
    `dots: ${where === 'bars' ? 'seeds' : 'single values'}`,
    lost > 0 && `${lost} of ${rows.length} runs diverged`,
  ]
    .filter(Boolean)
    .join('; ');
  const legend = [...(names.length > 1 ? names : []), ...Object.keys(theory)];
  return figure(data, {
    ...frame(
      options.title ?? `${label(options.yLabel, y)} by ${label(options.xLabel, x)}`,
      caption,
      legend,
      options.height,
    ),
    xaxis: { ...xAxis(x, { xLabel: options.xLabel }), type: 'category', showgrid: false },
    yaxis: yAxis(y, options, range),
    shapes: Object.entries(theory).map(([name, level], i) => levelLine(name, level, i)),
    barmode: 'group',
    boxmode: 'group',
    violinmode: 'group',
    bargap: 0.3,
    boxgap: 0.3,
  });
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
  line: { color: '#000', width: 1.5, dash: dashes[index % dashes.length] },
});

function texts(where: string, rows: readonly Row[], name: string): string[] {
  if (!rows.some(row => name in row))
    fail(where, `no column '${name}'; columns are ${Object.keys(rows[0]).join(', ')}`);
  return rows.map(row => String(row[name]));
}

const average = (values: readonly number[], log: boolean | undefined) => {
  const sum = (f: (v: number) => number) => values.reduce((s, v) => s + f(v), 0) / values.length;
  return log ? Math.exp(sum(Math.log)) : sum(v => v);
};

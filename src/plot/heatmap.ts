/** Maps of one number over two: phase diagrams, densities in the plane. */
import { fail } from '../base/check';
import { column, type Row } from '../base/rows';
import { figure, type Figure, type PlotlyObject } from './figure';
import { type Range, extent, label, sampled, xAxis, yAxis } from './axis';
import { checkOptions, dashes, frame, hover, type FigureOptions } from './style';

export interface HeatmapOptions extends Omit<FigureOptions, 'colors'> {
  x: string;
  y: string;
  z: string;
  zLabel?: string;
  /** What the colours span, `[low, high]`. Default: all values. */
  zRange?: Range;
  /** The value printed in each cell, in place of a colour bar; default when there are at most 150 cells. */
  text?: boolean;
  /** y(x), black and dashed over the map, as far as it crosses what the axes show. */
  theory?: Record<string, (x: number) => number>;
  /** Equal units on both axes, for maps of the plane. */
  square?: boolean;
  /** A Plotly colour scale; default 'Viridis'. */
  colorscale?: string;
}

/**
 * Mean of column z over the rows that share x and y (seeds), as a cell around (x, y); a log axis has cells of equal width in
 * the logarithm. A row whose z is not finite counts as diverged: it is left out of the mean and told in hover and caption;
 * a cell without a value is blank.
 * Errors: a column that is missing or not of numbers, fewer than 2 values of x or y, a value <= 0 on a log axis.
 */
export function heatmap(rows: readonly Row[], options: HeatmapOptions): Figure {
  checkOptions(
    'heatmap',
    options,
    ['x', 'y', 'z', 'zLabel', 'zRange', 'text', 'theory', 'square', 'colorscale'],
    ['colors'],
  );
  const { x, y, z, logX, logY, theory = {} } = options;
  const [atX, atY, atZ] = [x, y, z].map(name => column('heatmap', rows, name));
  const [xs, ys] = [ticks(x, atX, logX), ticks(y, atY, logY)];
  const cells = ys.map(() => xs.map(() => ({ sum: 0, count: 0, lost: 0 })));
  rows.forEach((_, i) => {
    const cell = cells[ys.indexOf(atY[i])][xs.indexOf(atX[i])];
    if (Number.isFinite(atZ[i])) {
      cell.sum += atZ[i];
      cell.count++;
    } else cell.lost++;
  });
  const values = cells.map(line => line.map(c => (c.count > 0 ? c.sum / c.count : null)));
  const lost = cells.flat().reduce((sum, c) => sum + c.lost, 0);
  const [edgesX, edgesY] = [edges(xs, logX), edges(ys, logY)];
  const [viewX, viewY] = [options.xRange ?? ends(edgesX), options.yRange ?? ends(edgesY)];
  const text = options.text ?? xs.length * ys.length <= 150;
  const caption = [
    options.caption,
    text && `in the cells: ${options.zLabel ?? z}`,
    lost > 0 && `${lost} of ${rows.length} runs diverged`,
  ]
    .filter(Boolean)
    .join('; ');
  const map: PlotlyObject = {
    type: 'heatmap',
    x: edgesX,
    y: edgesY,
    z: values,
    colorscale: options.colorscale ?? 'Viridis',
    xgap: xs.length < 40 ? 1 : 0,
    ygap: ys.length < 40 ? 1 : 0,
    ...(options.zRange && { zmin: options.zRange[0], zmax: options.zRange[1] }),
    showscale: !text,
    colorbar: {
      title: { text: options.zLabel ?? z, side: 'right' },
      thickness: 14,
      outlinewidth: 0,
      ...(options.square && { x: 0.6 }),
    },
    ...cellHover(options, xs, ys, cells),
    ...(text && { texttemplate: '%{z:.2~g}', textfont: { size: 11 } }),
  };
  const curves = Object.entries(theory).flatMap(([name, f], i) => over(name, f, i, viewX, viewY, logX));
  const layout: PlotlyObject = {
    ...frame(
      options.title ?? `${options.zLabel ?? z} by ${label(options.xLabel, x)} and ${label(options.yLabel, y)}`,
      caption,
      Object.keys(theory),
      options.height,
    ),
    xaxis: {
      ...xAxis(x, { ...options, xRange: viewX }, viewX, cellTicks(xs, viewX, logX)),
      minor: undefined,
      showgrid: false,
      ...(options.square && { domain: [0, 0.58], constrain: 'domain', constraintoward: 'right' }),
    },
    yaxis: {
      ...yAxis(y, { ...options, yRange: viewY }, viewY, cellTicks(ys, viewY, logY)),
      minor: undefined,
      showgrid: false,
      ...(options.square && { scaleanchor: 'x', constrain: 'domain' }),
    },
  };
  if (curves.length > 0) layout.legend = { orientation: 'h', x: 0, y: -0.18, yanchor: 'top' };
  return figure([map, ...curves], layout);
}

type Cell = { sum: number; count: number; lost: number };

/** x, y, z of the cell under the pointer, and, unless each cell is a single row, how many rows it stands for. */
function cellHover(
  { x, y, z, xLabel, yLabel, zLabel }: HeatmapOptions,
  xs: readonly number[],
  ys: readonly number[],
  cells: readonly (readonly Cell[])[],
): PlotlyObject {
  const [nameX, nameY, nameZ] = [label(xLabel, x), label(yLabel, y), zLabel ?? z];
  const single = cells.every(line => line.every(c => c.count <= 1 && c.lost === 0));
  if (single) return { hovertemplate: `${nameX} %{x:.4~g}<br>${nameY} %{y:.4~g}<br>${nameZ} %{z:.4~g}<extra></extra>` };
  return {
    customdata: cells.map((line, j) => line.map((c, i) => [xs[i], ys[j], c.count, c.lost])),
    hovertemplate:
      `${nameX} %{customdata[0]:.4~g}<br>${nameY} %{customdata[1]:.4~g}<br>${nameZ} %{z:.4~g}<br>` +
      'rows %{customdata[2]}, diverged %{customdata[3]}<extra></extra>',
  };
}

function ticks(name: string, values: number[], log: boolean | undefined): number[] {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  if (sorted.length < 2) fail('heatmap', `column '${name}' has ${sorted.length} value but a map needs at least 2`);
  if (!extent(sorted, log) || (log && sorted[0] <= 0))
    fail('heatmap', `column '${name}' holds ${sorted[0]} but its axis is logarithmic`);
  return sorted;
}

/** Cell borders: midway between neighbours, in the logarithm on a log axis; one more than there are values. */
function edges(values: readonly number[], log: boolean | undefined): number[] {
  const [to, from] = log ? [Math.log, Math.exp] : [(v: number) => v, (v: number) => v];
  const at = values.map(to);
  const last = at.length - 1;
  const inner = at.slice(1).map((v, i) => (v + at[i]) / 2);
  return [at[0] - (inner[0] - at[0]), ...inner, at[last] + (at[last] - inner[last - 1])].map(from);
}

const ends = (borders: readonly number[]): [number, number] => [borders[0], borders[borders.length - 1]];

/** The values of the cells, when they fill the axis and are few: then they are its ticks. */
function cellTicks(
  values: readonly number[],
  [low, high]: Range,
  log: boolean | undefined,
): readonly number[] | undefined {
  const scale = log ? Math.log : (v: number) => v;
  const filled = scale(values[values.length - 1]) - scale(values[0]) > 0.4 * (scale(high) - scale(low));
  return filled && values.length <= 16 ? values : undefined;
}

/** A formula over the map, cut where it leaves the view. White below the black keeps it visible on dark cells. */
function over(
  name: string,
  f: (x: number) => number,
  index: number,
  range: Range,
  [bottom, top]: Range,
  log: boolean | undefined,
): PlotlyObject[] {
  const { x, y: all } = sampled(f, range, log);
  const y = all.map(v => (v >= bottom && v <= top ? v : NaN));
  const shared = { type: 'scatter', mode: 'lines', x, y, name, legendgroup: name };
  return [
    { ...shared, line: { color: 'rgba(255,255,255,0.75)', width: 4 }, hoverinfo: 'skip', showlegend: false },
    {
      ...shared,
      line: { color: '#000', width: 2, dash: dashes[index % dashes.length] },
      hovertemplate: hover(`${name} (theory)`, '%{x:.4~g}, %{y:.4~g}'),
    },
  ];
}

/** Maps of one number over two: phase diagrams, densities in the plane. */
import { column, type Row } from '../base/rows';
import { axis, label } from './axis';
import { divergedNote, failedNote, figureCaption, isFailed } from './caption';
import { cellTexts, cellTicks, edges, ends, type Grid, gridOf } from './cells';
import { figure, type Figure, type PlotlyObject } from './figure';
import { layoutWith, legendBelow } from './layout';
import { checkOptions, checkRange, type FigureOptions } from './options';
import type { Range } from './range';
import { type Theory, theoryTraces } from './theory';

/** What `heatmap` draws, and how. */
export interface HeatmapOptions extends Omit<FigureOptions, 'colors'> {
  /** The column along the horizontal axis. */
  x: string;
  /** The column along the vertical axis. */
  y: string;
  /** The column of numbers that are shown as colours. */
  z: string;
  /** Default: the name of the column z. */
  zLabel?: string;
  /** What the colours span, `[low, high]`. Default: all values. */
  zRange?: Range;
  /** Whether each cell shows its value, and no colour bar is needed. Default: when there are at most 150 cells. */
  text?: boolean;
  /** Curves y(x) by name, black and dashed over the map as far as the axes reach. */
  theory?: { readonly [name: string]: Theory };
  /** Rows with the columns x and y, as white dots over the map: particles over their density. */
  points?: readonly Row[];
  /** Equal units on both axes, for maps of the plane. */
  square?: boolean;
  /** Colours that change gradually from cell to cell, for densities. */
  smooth?: boolean;
}

/**
 * Mean of column z over the rows that share x and y (seeds), as a cell around (x, y); on a log axis, cells have equal
 * widths in the logarithm. A row whose z is not finite counts as diverged: the mean leaves it out, and the caption
 * and the hover text count it. A cell without a value is blank.
 * Errors: a column that is missing or not of numbers, fewer than 2 values of x or y, a value <= 0 on a log axis.
 *
 * @example
 * const rows = [1, 2].flatMap(d => [1, 2].map(m => ({ d, m, risk: d / m })));
 * heatmap(rows, { x: 'd', y: 'm', z: 'risk' }).data[0].z // -> [[1, 2], [0.5, 1]]
 */
export function heatmap(rows: readonly Row[], options: HeatmapOptions): Figure {
  const own = ['x', 'y', 'z', 'zLabel', 'zRange', 'text', 'theory', 'points', 'square', 'smooth'];
  checkOptions('heatmap', options, own, ['colors']);
  checkRange('heatmap', 'zRange', options.zRange);
  const { x, y, z, logX, logY, square, zLabel = z, theory = {} } = options;
  const grid = gridOf('heatmap', rows, options);
  const { xs, ys, cells } = grid;
  const [edgesX, edgesY] = [edges(xs, logX), edges(ys, logY)];
  const [xRange, yRange] = [options.xRange ?? ends(edgesX), options.yRange ?? ends(edgesY)];
  const text = options.text ?? xs.length * ys.length <= 150;
  const curves = theoryTraces('heatmap', theory, xRange, options).flatMap(curve => overMap(curve, yRange));
  const points = options.points ? [pointsOver(options.points, options)] : [];
  const failed = rows.filter(row => isFailed(row, z) && !Number.isFinite(row[z])).length;
  const diverged = cells.flat().reduce((sum, c) => sum + c.diverged, 0) - failed;
  const layout = layoutWith({
    title: options.title ?? `${zLabel} by ${label(options.xLabel, x)} and ${label(options.yLabel, y)}`,
    caption: figureCaption(
      options.caption,
      text && `in the cells: ${zLabel}`,
      failedNote(rows, z),
      divergedNote(diverged, rows.length),
    ),
    legend: Object.keys(theory),
    height: options.height,
  });
  const shared = { minor: undefined, showgrid: false };
  const map = { ...mapTrace(grid, text, options), x: edgesX, y: edgesY };
  return figure([map, ...curves, ...points, ...(text ? [cellTexts(map, options)] : [])], {
    ...layout,
    xaxis: {
      ...axis('x', x, { ...options, xRange }, undefined, cellTicks(xs, xRange, logX)),
      ...shared,
      ...(square && { domain: [0, 0.58], constrain: 'domain', constraintoward: 'right' }),
    },
    yaxis: {
      ...axis('y', y, { ...options, yRange }, undefined, cellTicks(ys, yRange, logY)),
      ...shared,
      ...(square && { scaleanchor: 'x', constrain: 'domain', constraintoward: 'top' }),
    },
    ...(curves.length > 0 && { legend: legendBelow(-0.18) }),
  });
}

/** The cells as colours, with a colour bar or their values as text. */
function mapTrace(grid: Grid, text: boolean, options: HeatmapOptions): PlotlyObject {
  const { z, zLabel = z, zRange, square, smooth } = options;
  const gap = (count: number) => (count < 40 && !smooth ? 1 : 0);
  return {
    type: 'heatmap',
    z: grid.cells.map(line => line.map(c => (c.count > 0 ? c.sum / c.count : null))),
    colorscale: 'Viridis',
    xgap: gap(grid.xs.length),
    ygap: gap(grid.ys.length),
    ...(smooth && { zsmooth: 'best' }),
    ...(zRange && { zmin: zRange[0], zmax: zRange[1] }),
    showscale: !text,
    colorbar: { title: { text: zLabel, side: 'right' }, thickness: 14, outlinewidth: 0, ...(square && { x: 0.6 }) },
    ...cellHover(grid, options),
  };
}

/** x, y, z of the cell under the pointer, and, unless each cell is a single row, how many rows it stands for. */
function cellHover({ xs, ys, cells }: Grid, { x, y, z, xLabel, yLabel, zLabel = z }: HeatmapOptions): PlotlyObject {
  const [nameX, nameY] = [label(xLabel, x), label(yLabel, y)];
  if (cells.every(line => line.every(c => c.count <= 1 && c.diverged === 0)))
    return { hovertemplate: `${nameX} %{x:.4~g}<br>${nameY} %{y:.4~g}<br>${zLabel} %{z:.4~g}<extra></extra>` };
  return {
    customdata: cells.map((line, j) => line.map((c, i) => [xs[i], ys[j], c.count, c.diverged])),
    hovertemplate:
      `${nameX} %{customdata[0]:.4~g}<br>${nameY} %{customdata[1]:.4~g}<br>${zLabel} %{z:.4~g}<br>` +
      'rows %{customdata[2]}, diverged %{customdata[3]}<extra></extra>',
  };
}

/** A curve over the map, cut where it leaves the axes. White below the black keeps it visible on dark cells. */
function overMap(curve: PlotlyObject, [bottom, top]: Range): PlotlyObject[] {
  const y = curve.y.map((v: number) => (v >= bottom && v <= top ? v : NaN));
  const { hovertemplate, ...shared }: PlotlyObject = { ...curve, y, legendgroup: curve.name };
  return [
    { ...shared, line: { color: 'rgba(255,255,255,0.75)', width: 4 }, hoverinfo: 'skip', showlegend: false },
    { ...shared, line: { ...curve.line, width: 2 }, hovertemplate },
  ];
}

const pointsOver = (rows: readonly Row[], { x, y }: HeatmapOptions): PlotlyObject => ({
  type: 'scatter',
  mode: 'markers',
  name: 'points',
  x: column('heatmap: points', rows, x),
  y: column('heatmap: points', rows, y),
  hoverinfo: 'skip',
  showlegend: false,
  marker: { color: '#fff', size: 3.5, opacity: 0.75, line: { color: '#000', width: 0.5 } },
});

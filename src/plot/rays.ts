/** Directions in the plane with a weight each: where the neurons of a network point. */
import { fail, positive } from '../base/check';
import { column, type Row } from '../base/rows';
import { axis, label } from './axis';
import { figureCaption } from './caption';
import { colorsFor, faint } from './colors';
import { figure, type Figure, type PlotlyObject } from './figure';
import { hover, layoutWith, legendBeside } from './layout';
import { withGivenColors } from './one-color';
import { checkOptions, type FigureOptions } from './options';

/** What `rays` draws, and how. */
export interface RaysOptions extends Omit<FigureOptions, 'logX' | 'logY'> {
  /** The column of the horizontal coordinate; for a sphere, one of its axes. */
  x: string;
  /** The column of the vertical coordinate; for a sphere, another one of its axes. */
  y: string;
  /** The column of the weight >= 0, which is the area of a dot. Default: all equal. */
  area?: string;
  /** The weight of a dot of full size, so that figures can be compared. Default: the largest weight here. */
  largest?: number;
}

/**
 * A dot for each row at (x, y) with area proportional to its weight, a ray to it from the origin, and the unit circle;
 * both axes have the same unit. Several groups: rows by name.
 * Errors: a column that is missing or not of numbers, a weight below zero, `largest` not above zero.
 *
 * @example
 * rays([{ x: 3, y: 4, mass: 2 }], { x: 'x', y: 'y', area: 'mass' }).data[2].x // -> [3]
 */
export function rays(drawable: readonly Row[] | Record<string, readonly Row[]>, options: RaysOptions): Figure {
  checkOptions('rays', options, ['x', 'y', 'area', 'largest'], ['logX', 'logY']);
  const { x, y, area } = options;
  const named = Array.isArray(drawable) ? { [area ?? 'rows']: drawable as readonly Row[] } : drawable;
  const groups = Object.entries(named as Record<string, readonly Row[]>).map(([name, rows]) => ({
    name,
    x: column('rays', rows, x),
    y: column('rays', rows, y),
    weights: area === undefined ? rows.map(() => 1) : column('rays', rows, area),
  }));
  const weights = groups.flatMap(g => g.weights);
  const negative = weights.find(w => w < 0);
  if (negative !== undefined) fail('rays', `column '${area}' holds ${negative} but an area must be >= 0`);
  const largest = positive('rays', 'largest', options.largest ?? (Math.max(...weights) || 1));
  const names = groups.map(g => g.name);
  const colors = colorsFor('rays', names, options.colors);
  const data = groups.flatMap(group => groupTraces(group, colors[group.name], largest, area));
  const layout = layoutWith({
    title: options.title ?? `${label(options.yLabel, y)} against ${label(options.xLabel, x)}`,
    caption: figureCaption(options.caption, area !== undefined && `dot area: ${area}`),
    legend: names.length > 1 ? names : [],
    height: options.height ?? 480,
  });
  const reach = 1.08 * groups.flatMap(g => [...g.x, ...g.y]).reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  const ranges: RaysOptions = { xRange: [-reach, reach], yRange: [-reach, reach], ...options };
  const drawn = figure([unitCircle(), ...data], {
    ...layout,
    xaxis: { ...axis('x', x, ranges), domain: [0, 0.52], constrain: 'domain', constraintoward: 'left' },
    yaxis: { ...axis('y', y, ranges), scaleanchor: 'x', constrain: 'domain' },
    legend: legendBeside(0.54),
  });
  return withGivenColors(drawn, options.colors);
}

function groupTraces(
  { name, x, y, weights }: { name: string; x: number[]; y: number[]; weights: number[] },
  color: string,
  largest: number,
  area: string | undefined,
): PlotlyObject[] {
  const shared = { type: 'scatter', name, legendgroup: name };
  return [
    {
      ...shared,
      mode: 'lines',
      x: x.flatMap(v => [0, v, NaN]),
      y: y.flatMap(v => [0, v, NaN]),
      showlegend: false,
      hoverinfo: 'skip',
      line: { color: faint(color, 0.2), width: 1 },
    },
    {
      ...shared,
      mode: 'markers',
      x,
      y,
      customdata: weights,
      marker: { color: faint(color, 0.6), ...sizes(weights.map(w => 22 * Math.sqrt(w / largest))), sizemin: 1 },
      hovertemplate: hover(name, `%{x:.3~g}, %{y:.3~g}${area === undefined ? '' : `<br>${area} %{customdata:.4~g}`}`),
    },
  ];
}

/** Diameters in pixels. The legend shows a dot of the mean of `size`, which is 10 pixels for whatever diameters. */
function sizes(diameters: readonly number[]) {
  const sizeref = (10 * diameters.length) / diameters.reduce((sum, d) => sum + d, 0) || 1;
  return { size: diameters.map(d => d * sizeref), sizeref };
}

function unitCircle(): PlotlyObject {
  const angles = Array.from({ length: 181 }, (_, i) => (i * Math.PI) / 90);
  return {
    type: 'scatter',
    mode: 'lines',
    x: angles.map(Math.cos),
    y: angles.map(Math.sin),
    line: { color: '#bbb', width: 1 },
    hoverinfo: 'skip',
    showlegend: false,
  };
}

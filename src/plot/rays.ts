/** Directions in the plane with a weight each: where the neurons of a network point. */
import { column, type Row } from '../base/rows';
import { fail } from '../base/check';
import { figure, type Figure, type PlotlyObject } from './figure';
import { label, xAxis, yAxis } from './axis';
import { checkOptions, faint, frame, hover, palette, type FigureOptions } from './style';

export interface RaysOptions extends Omit<FigureOptions, 'logX' | 'logY'> {
  /** Columns of the coordinates, for a sphere two of its axes. */
  x: string;
  y: string;
  /** Column of the weight >= 0: the area of a dot. Default: all equal. */
  area?: string;
}

/**
 * A dot for each row at (x, y) with area proportional to its weight, a ray to it from the origin, and the unit circle;
 * both axes have the same unit. Several groups: rows by name.
 * Errors: a column that is missing or not of numbers, a weight below zero.
 */
export function rays(drawable: readonly Row[] | Record<string, readonly Row[]>, options: RaysOptions): Figure {
  checkOptions('rays', options, ['x', 'y', 'area'], ['logX', 'logY']);
  const { x, y, area } = options;
  const named: Record<string, readonly Row[]> = Array.isArray(drawable)
    ? { [area ?? 'rows']: drawable }
    : (drawable as Record<string, readonly Row[]>);
  const names = Object.keys(named);
  const colors = { ...palette(names), ...options.colors };
  const weights = names.map(name =>
    area === undefined ? named[name].map(() => 1) : column('rays', named[name], area),
  );
  const negative = weights.flat().find(w => w < 0);
  if (negative !== undefined) fail('rays', `column '${area}' holds ${negative} but an area must be >= 0`);
  const largest = Math.max(...weights.flat()) || 1;
  const data = names.flatMap((name, k) => {
    const [atX, atY] = [column('rays', named[name], x), column('rays', named[name], y)];
    const shared = { type: 'scatter', name, legendgroup: name };
    return [
      {
        ...shared,
        mode: 'lines',
        x: atX.flatMap(v => [0, v, NaN]),
        y: atY.flatMap(v => [0, v, NaN]),
        showlegend: false,
        hoverinfo: 'skip',
        line: { color: faint(colors[name], 0.2), width: 1 },
      },
      {
        ...shared,
        mode: 'markers',
        x: atX,
        y: atY,
        customdata: weights[k],
        marker: { color: faint(colors[name], 0.6), size: weights[k].map(w => 22 * Math.sqrt(w / largest)), sizemin: 1 },
        hovertemplate: hover(name, `%{x:.3~g}, %{y:.3~g}${area === undefined ? '' : `<br>${area} %{customdata:.4~g}`}`),
      },
    ];
  });
  const caption = [options.caption, area !== undefined && `dot area: ${area}`].filter(Boolean).join('; ');
  const layout: PlotlyObject = {
    ...frame(
      options.title ?? `${label(options.yLabel, y)} against ${label(options.xLabel, x)}`,
      caption,
      names.length > 1 ? names : [],
      options.height ?? 480,
    ),
    xaxis: {
      ...xAxis(x, options),
      domain: [0, 0.52],
      constrain: 'domain',
      constraintoward: 'left',
    },
    yaxis: { ...yAxis(y, options), scaleanchor: 'x', constrain: 'domain' },
  };
  layout.legend = { x: 0.54, y: 1, xanchor: 'left', yanchor: 'top', itemsizing: 'constant' };
  return figure([circle(), ...data], layout);
}

function circle(): PlotlyObject {
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

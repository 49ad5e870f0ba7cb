/** Maps whose colours mean the same. */
import { fail } from '../base/check';
import { cellValues, readableOn } from './cells';
import type { Figure, PlotlyObject } from './figure';
import { extent } from './range';

const isMap = (trace: PlotlyObject) => trace.type === 'heatmap';

/** The figures with their maps on one scale of colours, which holds all values and all ranges that were given. */
export function onOneScale(figures: readonly Figure[]): Figure[] {
  const maps = figures.flatMap(({ data }) => data.filter(isMap));
  if (maps.length < 2) fail('panels', `oneScale is for two maps or more, but there is ${maps.length || 'none'}`);
  const shown = [...new Set(maps.map(map => String(map.colorbar?.title?.text ?? '')))];
  if (shown.length > 1) fail('panels', `oneScale, but the maps show different things: ${shown.join(', ')}`);
  const scale = scaleOf(maps) ?? fail('panels', 'oneScale, but no map has a value');
  return figures.map(figure => ({ ...figure, data: scaled(figure.data, () => scale) }));
}

/** The figures, which have the same traces, with each map on one scale of colours in all of them. */
export function onOneScaleInTime(figures: readonly Figure[]): Figure[] {
  const scales = figures[0].data.map((trace, i) => (isMap(trace) ? scaleOf(figures.map(f => f.data[i])) : undefined));
  return figures.map(figure => ({ ...figure, data: scaled(figure.data, i => scales[i]) }));
}

/** What all values of these maps and all ranges that were given span. */
function scaleOf(maps: readonly PlotlyObject[]): { zmin: number; zmax: number } | undefined {
  const span = extent(
    maps.flatMap(({ z = [], zmin, zmax }) => [
      ...Array.from<number[]>(z).flatMap(line => Array.from(line)),
      zmin,
      zmax,
    ]),
    false,
  );
  return span && { zmin: span[0], zmax: span[1] };
}

/** The traces, with maps on scales by their place; values in the cells stay readable on the new colours. */
function scaled(data: readonly PlotlyObject[], scaleAt: (i: number) => object | undefined): PlotlyObject[] {
  const maps = data.map((trace, i) => (isMap(trace) ? { ...trace, ...scaleAt(i) } : undefined));
  return data.map((trace, i) => {
    if (trace.meta !== cellValues) return maps[i] ?? trace;
    const map = maps.find(below => below && below.xaxis === trace.xaxis)!;
    return { ...trace, textfont: { ...trace.textfont, color: readableOn(map) } };
  });
}

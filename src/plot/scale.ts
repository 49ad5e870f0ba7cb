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
  const values = maps.flatMap(({ z, zmin, zmax }) => [...z.flat(), zmin, zmax]);
  const [zmin, zmax] = extent(values, false) ?? fail('panels', 'oneScale, but no map has a value');
  return figures.map(figure => ({ ...figure, data: scaled(figure.data, { zmin, zmax }) }));
}

/** The traces on a scale; values in the cells stay readable on the new colours. */
function scaled(data: readonly PlotlyObject[], scale: { zmin: number; zmax: number }): PlotlyObject[] {
  const map = { ...data.find(isMap), ...scale };
  return data.map(trace => {
    if (isMap(trace)) return { ...trace, ...scale };
    return trace.meta === cellValues ? { ...trace, textfont: { ...trace.textfont, color: readableOn(map) } } : trace;
  });
}

/** Figures: typed helpers that return plain Plotly data, to show as they are or to amend. */
export { figure, type Figure, type PlotlyObject } from './figure';
export { palette, type FigureOptions } from './style';
export { lines, scatter, type LinesOptions, type Theory } from './lines';
export { heatmap, type HeatmapOptions } from './heatmap';
export { bars, violins, type CategoryOptions } from './bars';
export { rays, type RaysOptions } from './rays';
export { panels, animation, type PanelsOptions } from './compose';
export type { Drawable } from './groups';

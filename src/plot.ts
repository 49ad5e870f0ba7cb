/** Figures: typed helpers that return plain Plotly data, to show as they are or to amend. */
export { figure, type Figure, type PlotlyObject } from './plot/figure';
export { palette, type FigureOptions } from './plot/style';
export { lines, scatter, type LinesOptions, type Theory } from './plot/lines';
export { heatmap, type HeatmapOptions } from './plot/heatmap';
export { bars, violins, type CategoryOptions } from './plot/bars';
export { rays, type RaysOptions } from './plot/rays';
export { panels, animation, type PanelsOptions } from './plot/compose';
export type { Drawable } from './plot/groups';

/** The look of the library's figures, for figures that are made of Plotly data. */
import { axisLook } from './axis';
import { distinct } from './colors';
import type { PlotlyObject } from './figure';
import { pageLook, titleLook } from './layout';

/** The layout with the house style for all that it leaves open. One that names a template of its own keeps it. */
export const inHouseStyle = (layout: PlotlyObject): PlotlyObject =>
  layout.template === undefined ? { ...layout, template } : layout;

const template: PlotlyObject = {
  layout: {
    ...pageLook,
    title: { ...titleLook, pad: { b: 10 } },
    margin: { l: 70, r: 20, t: 46, b: 55 },
    colorway: distinct,
    colorscale: { sequential: 'Viridis', sequentialminus: 'Viridis' },
    xaxis: { ...axisLook, title: { standoff: 8 } },
    yaxis: { ...axisLook, title: { standoff: 8 } },
  },
  data: {
    scatter: [{ line: { width: 2 }, marker: { size: 7 } }],
    heatmap: [{ colorscale: 'Viridis', colorbar: { thickness: 14, outlinewidth: 0 } }],
  },
};

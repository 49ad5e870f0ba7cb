/** The look of the library's figures. */
import { distinct } from './colors';

type Layout = Record<string, any>;

/** The look of a figure's page: its colours, its font, and what hovering shows. */
export const pageLook = {
  paper_bgcolor: '#fff',
  plot_bgcolor: '#fff',
  font: { family: 'system-ui, sans-serif', size: 13, color: '#222' },
  hovermode: 'closest',
  hoverlabel: { bgcolor: '#fff', font: { color: '#222' } },
};

/** Where titles stand: at the left edge of the axes, above them. */
export const titleLook = {
  x: 0,
  xref: 'paper',
  xanchor: 'left',
  y: 1,
  yref: 'paper',
  yanchor: 'bottom',
  font: { size: 16 },
};

/** The look of an axis. */
export const axisLook = {
  automargin: true,
  zeroline: false,
  showline: true,
  mirror: true,
  ticks: 'outside',
  linecolor: '#444',
  tickcolor: '#444',
  tickfont: { size: 11 },
  gridcolor: '#e6e6e6',
};

/** A layout of Plotly data in this look for all that it leaves open. One that names a template of its own keeps it. */
export const inHouseStyle = (layout: Layout): Layout =>
  layout.template === undefined ? { ...layout, template } : layout;

const template: Layout = {
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

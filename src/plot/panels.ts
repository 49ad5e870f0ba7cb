/** Figures side by side, as the panels of one. */
import { fail, knownOptions, wholeNumber } from '../base/check';
import { figureCaption, splitTitle, titleWithCaption } from './caption';
import { figure, type Figure, type PlotlyObject } from './figure';
import { legendBelow, titleLayout } from './layout';
import { oneColorAName, oneDashAName } from './one-color';
import { onOneScale } from './scale';

/** How `panels` places its figures. */
export interface PanelsOptions {
  /** Above all panels. */
  title: string;
  /** A second, smaller line: settings, or what the reader must know. */
  caption?: string;
  /** Panels in a row. Default: all, at most 3. */
  columns?: number;
  /** Pixels of one panel. Default: 340. */
  height?: number;
  /** One scale of colours for all maps, with one colour bar a row. Default: each map has that of its own values. */
  oneScale?: boolean;
}

/**
 * Several figures as one, row by row, each with its own axes and its title above it. A name that occurs in many
 * panels has one colour or one dash, and one entry in the legend, which shows and hides it in all of them. What the
 * captions of all panels say moves to the caption of the whole; the rest stays with its panel. Errors: no figures, or
 * animated ones, or ones that have panels themselves; two colours given for one name, or more names than there are
 * colours; `oneScale` of fewer than two maps, or of maps that show different things.
 *
 * @example
 * const one = lines([{ t: 0, risk: 1 }, { t: 1, risk: 0.4 }], { x: 't', y: 'risk' });
 * panels([one, one], { title: 'Twice the same' }).data.map(trace => trace.xaxis) // -> ['x', 'x2']
 */
export function panels(figures: readonly Figure[], options: PanelsOptions): Figure {
  knownOptions('panels', options, ['title', 'caption', 'columns', 'height', 'oneScale']);
  if (figures.length === 0) fail('panels', 'no figures');
  if (figures.some(f => f.frames)) fail('panels', 'animated figures cannot be panels');
  const nested = figures.findIndex(f => f.layout.xaxis2);
  if (nested >= 0) fail('panels', `figure ${nested} already has panels; list its figures one by one`);
  const colored = oneDashAName(oneColorAName('panels', figures));
  return sideBySide(options.oneScale ? onOneScale(colored) : colored, options);
}

function sideBySide(figures: readonly Figure[], options: PanelsOptions): Figure {
  const { height, subplots } = grid(figures, options);
  const common: PlotlyObject = Object.assign({}, ...figures.map(f => f.layout).reverse());
  const titles = figures.map(f => splitTitle(f.layout.title.text));
  const said = titles.map(t => t.caption.split('; '));
  const shared = said[0].filter(part => said.every(parts => parts.includes(part)));
  const own = said.map(parts => parts.filter(part => !shared.includes(part)).join('; '));
  const caption = figureCaption(options.caption, ...shared);
  const captionSpace = own.some(Boolean) ? 18 : 0;
  const layout: PlotlyObject = {
    ...common,
    ...Object.assign({}, ...figures.map((f, i) => subplotAxes(f.layout, subplots[i]))),
    height,
    title: titleLayout(options.title, caption, (caption ? 46 : 28) + captionSpace),
    annotations: figures.flatMap((f, i) => [
      panelTitle(titleWithCaption(titles[i].title, own[i]), subplots[i]),
      ...onSubplot(f.layout.annotations, subplots[i]),
    ]),
    shapes: figures.flatMap((f, i) => onSubplot(f.layout.shapes, subplots[i])),
    showlegend: figures.some(f => f.layout.showlegend),
    legend: legendBelow(-70 / height),
    margin: { ...common.margin, t: (caption ? 86 : 68) + captionSpace },
  };
  return figure(subplotTraces(figures, subplots), layout);
}

/** Where a panel lies, in fractions of the figure, and which axes it has: `id` is '' for the first, then '2', '3'... */
interface Subplot {
  readonly id: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly firstInRow: boolean;
  /** Whether a colour bar is shown beside it. */
  readonly colorbar: boolean;
}

const hasColorbar = ({ data }: Figure) => data.some(t => t.colorbar && t.showscale !== false);

function grid(figures: readonly Figure[], options: PanelsOptions): { height: number; subplots: Subplot[] } {
  const columns = wholeNumber('panels', 'columns', options.columns ?? Math.min(3, figures.length));
  const rows = Math.ceil(figures.length / columns);
  const height = (options.height ?? 340) * rows + 90;
  const oneScale = sameColors(figures);
  const rowEnd = (i: number) => Math.min(i - (i % columns) + columns, figures.length);
  // Maps with the same range of colours share one colour bar in each row, beside the last of them.
  const colorbar = figures.map(
    (f, i) => hasColorbar(f) && !(oneScale && figures.slice(i + 1, rowEnd(i)).some(hasColorbar)),
  );
  const narrow = oneScale && colorbar.every((shown, i) => !shown || i + 1 === rowEnd(i));
  const [gapX, gapY] = [narrow ? 0.118 : 0.2, 124 / height];
  const [width, depth] = [(1 - gapX * (columns - 1)) / columns, (1 - gapY * (rows - 1)) / rows];
  const subplots = figures.map((_, i): Subplot => {
    const left = (i % columns) * (width + gapX);
    const top = 1 - Math.floor(i / columns) * (depth + gapY);
    return {
      id: i === 0 ? '' : String(i + 1),
      left,
      right: left + width,
      top,
      bottom: top - depth,
      firstInRow: i % columns === 0,
      colorbar: colorbar[i],
    };
  });
  return { height, subplots };
}

/** Whether all maps that show a colour bar were given the same range of colours. */
function sameColors(figures: readonly Figure[]): boolean {
  const maps = figures.flatMap(f => f.data).filter(t => t.colorbar && t.showscale !== false);
  return maps.every(t => t.zmin !== undefined && t.zmin === maps[0].zmin && t.zmax === maps[0].zmax);
}

function subplotAxes({ xaxis, yaxis }: PlotlyObject, { id, left, right, top, bottom, firstInRow }: Subplot) {
  return {
    [`xaxis${id}`]: { ...xaxis, domain: [left, right], anchor: `y${id}`, automargin: false },
    [`yaxis${id}`]: {
      ...yaxis,
      domain: [bottom, top],
      anchor: `x${id}`,
      automargin: firstInRow,
      ...(yaxis.scaleanchor && { scaleanchor: `x${id}` }),
    },
  };
}

/** The traces of all figures, each on the axes of its panel. The legend has one entry for each name. */
function subplotTraces(figures: readonly Figure[], subplots: readonly Subplot[]): PlotlyObject[] {
  const named = new Set<string>();
  return figures.flatMap(({ data }, i) =>
    data.map(trace => {
      const showlegend = trace.showlegend !== false && trace.name !== undefined && !named.has(trace.name);
      if (showlegend) named.add(trace.name);
      const { id } = subplots[i];
      const colorbar = trace.colorbar && colorbarBeside(trace, subplots[i]);
      return { ...trace, xaxis: `x${id}`, yaxis: `y${id}`, legendgroup: trace.name, showlegend, ...colorbar };
    }),
  );
}

const panelTitle = (text: string, { left, top }: Subplot): PlotlyObject => ({
  text,
  align: 'left',
  showarrow: false,
  font: { size: 13 },
  x: left,
  y: top,
  xref: 'paper',
  yref: 'paper',
  xanchor: 'left',
  yanchor: 'bottom',
});

const colorbarBeside = (trace: PlotlyObject, { right, top, bottom, colorbar }: Subplot): PlotlyObject => ({
  showscale: trace.showscale !== false && colorbar,
  colorbar: { ...trace.colorbar, x: right, xanchor: 'left', y: (top + bottom) / 2, len: top - bottom, thickness: 10 },
});

/** Shapes and annotations of a figure on the axes of its panel, which is what 'paper' then means for them. */
function onSubplot(items: readonly PlotlyObject[] | undefined, { id }: Subplot): PlotlyObject[] {
  const moved = (reference: string | undefined, axis: 'x' | 'y') =>
    (reference === 'paper' ? `${axis} domain` : (reference ?? axis)).replace(axis, `${axis}${id}`);
  return (items ?? []).map(item => ({ ...item, xref: moved(item.xref, 'x'), yref: moved(item.yref, 'y') }));
}

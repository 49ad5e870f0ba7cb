/** Figures of figures: side by side, or one after the other in time. */
import { fail, knownOptions } from '../base/check';
import { figure, type Figure, type PlotlyObject } from './figure';
import { extent } from './axis';
import { heading } from './style';

export interface PanelsOptions {
  title: string;
  caption?: string;
  /** Panels in a row; default all, at most 3. */
  columns?: number;
  /** Pixels of one panel; default 340. */
  height?: number;
}

/**
 * Several figures as one, row by row, each with its own axes and its title above it. A name that occurs in many panels
 * has one entry in the legend, which shows and hides it in all of them. A caption that all panels share moves to the caption
 * of the whole; others stay with their panels. Errors: no figures, or animated ones.
 */
export function panels(figures: readonly Figure[], options: PanelsOptions): Figure {
  knownOptions('panels', options, ['title', 'caption', 'columns', 'height']);
  if (figures.length === 0) fail('panels', 'no figures');
  if (figures.some(f => f.frames)) fail('panels', 'animated figures cannot be panels');
  const sameScale = shareScale(figures);
  const { height, places } = grid(figures, options, sameScale);
  const captions = figures.map(f => f.layout.title.text.split('<br>').slice(1).join('<br>'));
  const shared = captions.every(c => c === captions[0]) ? plain(captions[0]) : '';
  const caption = [options.caption, shared].filter(Boolean).join('; ');
  const own = !shared && captions.some(Boolean);
  const named = new Set<string>();
  const { xaxis, yaxis, ...look } = figures[0].layout;
  const layout: PlotlyObject = {
    ...look,
    height,
    annotations: [],
    shapes: [],
    title: titled(look.title, options.title, caption, own),
  };
  const data = figures.flatMap((fig, i) => {
    const place = places[i];
    Object.assign(layout, panelAxes(fig.layout, place));
    layout.annotations.push(
      panelTitle(fig.layout.title.text, !shared, place),
      ...within(fig.layout.annotations, place.id),
    );
    layout.shapes.push(...within(fig.layout.shapes, place.id));
    return fig.data.map(trace => {
      const first = trace.showlegend !== false && trace.name !== undefined && !named.has(trace.name);
      if (first) named.add(trace.name);
      const bar = trace.colorbar && panelBar(trace, place, !sameScale || place.last);
      return {
        ...trace,
        xaxis: `x${place.id}`,
        yaxis: `y${place.id}`,
        legendgroup: trace.name,
        showlegend: first,
        ...bar,
      };
    });
  });
  layout.showlegend = figures.some(f => f.layout.showlegend);
  layout.legend = { orientation: 'h', x: 0, y: -70 / height, yanchor: 'top' };
  layout.margin = { ...layout.margin, t: (caption ? 86 : 68) + (own ? 18 : 0) };
  return figure(data, layout);
}

/** A panel's axis number ('' for the first), its corners in fractions of the figure, and whether it ends its row. */
interface Place {
  readonly id: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly first: boolean;
  readonly last: boolean;
}

function grid(
  figures: readonly Figure[],
  options: PanelsOptions,
  sameScale: boolean,
): { height: number; places: Place[] } {
  const wide = options.columns ?? Math.min(3, figures.length);
  const high = Math.ceil(figures.length / wide);
  const height = (options.height ?? 340) * high + 90;
  const [gapX, gapY] = [sameScale ? 0.118 : 0.2, 124 / height];
  const [w, h] = [(1 - gapX * (wide - 1)) / wide, (1 - gapY * (high - 1)) / high];
  const places = figures.map((_, i): Place => {
    const left = (i % wide) * (w + gapX),
      top = 1 - Math.floor(i / wide) * (h + gapY);
    const last = i % wide === wide - 1 || i === figures.length - 1;
    return {
      id: i === 0 ? '' : String(i + 1),
      left,
      right: left + w,
      top,
      bottom: top - h,
      first: i % wide === 0,
      last,
    };
  });
  return { height, places };
}

/** Whether one colour bar will do for all maps: they have the same given range, or show no bar. */
function shareScale(figures: readonly Figure[]): boolean {
  const bars = figures.flatMap(f => f.data).filter(t => t.colorbar && t.showscale !== false);
  return bars.every(t => t.zmin !== undefined && t.zmin === bars[0].zmin && t.zmax === bars[0].zmax);
}

function panelAxes({ xaxis, yaxis }: PlotlyObject, { id, left, right, top, bottom, first }: Place): PlotlyObject {
  return {
    [`xaxis${id}`]: { ...xaxis, domain: [left, right], anchor: `y${id}`, automargin: false },
    [`yaxis${id}`]: {
      ...yaxis,
      domain: [bottom, top],
      anchor: `x${id}`,
      automargin: first,
      ...(yaxis.scaleanchor && { scaleanchor: `x${id}` }),
    },
  };
}

const panelTitle = (title: string, withCaption: boolean, { left, top }: Place): PlotlyObject => ({
  text: withCaption ? title : title.split('<br>')[0],
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

const panelBar = (trace: PlotlyObject, { right, top, bottom }: Place, shown: boolean): PlotlyObject => ({
  showscale: trace.showscale !== false && shown,
  colorbar: { ...trace.colorbar, x: right, xanchor: 'left', y: (top + bottom) / 2, len: top - bottom, thickness: 10 },
});

/** A figure's own shapes and annotations, on the axes of its panel; 'paper' becomes the panel. */
function within(items: readonly PlotlyObject[] | undefined, id: string): PlotlyObject[] {
  const onto = (ref: string | undefined, axis: string) =>
    (ref === 'paper' ? `${axis} domain` : (ref ?? axis)).replace(axis, `${axis}${id}`);
  return (items ?? []).map(item => ({ ...item, xref: onto(item.xref, 'x'), yref: onto(item.yref, 'y') }));
}

const plain = (html: string) => html.replace(/<[^>]*>/g, '');

const titled = (title: PlotlyObject, text: string, caption: string, own: boolean): PlotlyObject => ({
  ...title,
  ...heading(text, caption),
  pad: { b: (caption ? 46 : 28) + (own ? 18 : 0) },
});

/**
 * Figures as the frames of one, with a slider and a play button, which opens at the last frame; `label` is the slider's text
 * before each value ('t = '). All must have the same traces in the same order; the axes hold what every frame needs.
 * Errors: no frames, a value without a figure, or figures with unlike traces.
 */
export function animation(values: readonly (number | string)[], figures: readonly Figure[], label: string): Figure {
  if (figures.length === 0 || values.length !== figures.length)
    fail('animation', `${values.length} values but ${figures.length} figures`);
  const shape = (f: Figure) => f.data.map(t => `${t.type}${t.xaxis ?? ''}`).join();
  const odd = figures.findIndex(f => shape(f) !== shape(figures[0]));
  if (odd > 0)
    fail('animation', `figure ${odd} has traces ${shape(figures[odd])} but figure 0 has ${shape(figures[0])}`);
  const last = figures[figures.length - 1];
  const layout: PlotlyObject = { ...last.layout };
  for (const key of Object.keys(layout).filter(k => /^[xy]axis\d*$/.test(k))) {
    const ranges = figures.map(f => f.layout[key].range).filter(Boolean);
    if (ranges.length > 0) layout[key] = { ...layout[key], range: extent(ranges.flat(), false), autorange: false };
  }
  const below = layout.showlegend && layout.legend?.orientation === 'h' ? 34 : 0;
  const still = { mode: 'immediate', frame: { duration: 0, redraw: true }, transition: { duration: 0 } };
  const play = { fromcurrent: true, frame: { duration: 120, redraw: true }, transition: { duration: 0 } };
  const button = (text: string, args: unknown[]) => ({ label: text, method: 'animate', args });
  layout.sliders = [
    {
      active: figures.length - 1,
      x: 0.13,
      len: 0.87,
      y: 0,
      yanchor: 'top',
      pad: { t: 62 + below },
      currentvalue: { prefix: label, xanchor: 'left', font: { size: 13 } },
      steps: values.map(v => ({ label: String(v), method: 'animate', args: [[String(v)], still] })),
    },
  ];
  layout.updatemenus = [
    {
      type: 'buttons',
      direction: 'left',
      x: 0,
      y: 0,
      xanchor: 'left',
      yanchor: 'top',
      pad: { t: 76 + below },
      showactive: false,
      buttons: [button('▶', [null, play]), button('❚❚', [[null], still])],
    },
  ];
  layout.height = (layout.height ?? 420) + 90 + below;
  layout.margin = { ...layout.margin, b: 150 + below };
  const frames = figures.map((f, i) => ({ name: String(values[i]), data: f.data, layout: { title: f.layout.title } }));
  return figure(last.data, layout, frames);
}

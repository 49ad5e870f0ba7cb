/** A figure is plain Plotly data that displays itself. */
import { isDeepStrictEqual } from 'node:util';
import { brief, displayable } from '../notebook/html';
import { compact, rounded } from '../notebook/packed';
import { isDrawnByFrontend } from '../notebook/frontend';
import { remember } from '../notebook/session';
import { plotlyMime, slug, titleOf } from '../notebook/stored-results';
import { inHouseStyle } from './house';
import { inPage } from './page';
import { pictureOf } from './picture';
import { precisionOf, withLogGaps } from './drawable';
import { checkTexts } from './texts';
import { thinned, thinningNote } from './thinning';
import { quick } from './webgl';

/** A Plotly trace, layout or frame, which you may amend (plotly.js reference, `data` and `layout`). */
export type PlotlyObject = Record<string, any>;

/** `{ data, layout }` of Plotly, with `frames` when animated. It is drawn as a cell's last value, or by `show`. */
export interface Figure {
  /** The traces. */
  data: PlotlyObject[];
  /** Title, axes and look. */
  layout: PlotlyObject;
  /** The frames of an animation. */
  frames?: PlotlyObject[];
}

/**
 * A figure from Plotly data, in the look of the library's figures for all that its layout leaves open (a `template` in
 * the layout, as 'none', takes another look). You hold the data as they are. What is displayed has arrays in single
 * precision and other numbers with 6 digits, but more where the axes are narrow; lines of more than 2000 points thinned
 * to what 500 columns of the axis can show, which the title says; and a gap where a log axis has no place for a value.
 * Of more than 10,000 dots in a figure, WebGL draws the traces with more than 1000, where the browser has it. A figure
 * that was shown is known to the notebook's session by its title.
 * Texts are Unicode with `<sub>`, `<sup>`, `<i>`, `<b>` and `<br>`: 'λ<sub>max</sub>(K)', '10<sup>-3</sup>'. That shows
 * alike in JupyterLab, pages and pictures. Errors, when it is displayed: LaTeX in a text.
 *
 * @example
 * figure([{ x: [0, 1], y: [1, 2] }], { title: { text: 'Two points' } }).data.length // -> 1
 */
export function figure(data: PlotlyObject[], layout: PlotlyObject, frames?: PlotlyObject[]): Figure {
  const fig: Figure = frames ? { data, layout, frames } : { data, layout };
  return displayable(fig, () => bundle(fig));
}

/** What is drawn of a figure: its data in short, and how the buttons above it behave. */
export function drawnOf(fig: Figure): PlotlyObject {
  checkTexts(fig);
  const precision = precisionOf([fig, ...(fig.frames ?? [])], fig.layout);
  let isThinned = false;
  const stored = (data: PlotlyObject[]) =>
    quick(data).map(trace => {
      const whole = withLogGaps(trace, fig.layout);
      const drawn = thinned(whole, fig.layout);
      isThinned ||= drawn !== whole && drawn.x.length < whole.x.length;
      return compact(drawn, precision(drawn));
    });
  const data = stored(fig.data);
  const frames = fig.frames?.map(({ data, ...frame }) => ({ ...rounded(frame), data: stored(data ?? []) }));
  const config = {
    displaylogo: false,
    showSendToCloud: false,
    modeBarButtonsToRemove: ['select2d', 'lasso2d'],
    toImageButtonOptions: { filename: slug(titleOf(fig)) || 'figure', format: 'svg' },
  };
  const layout = rounded(inHouseStyle(isThinned ? saying(thinningNote, fig.layout) : fig.layout));
  return { data, layout, ...(frames && { frames: changes(data, frames) }), config };
}

function bundle(fig: Figure): PlotlyObject {
  const drawn = drawnOf(fig);
  remember(titleOf(fig), fig);
  return { [plotlyMime]: drawn, ...(!isDrawnByFrontend() && forOthers(drawn, fig)), 'text/plain': summary(fig) };
}

/** A layout whose title says this; a figure function has said it in its caption. */
function saying(note: string, layout: PlotlyObject): PlotlyObject {
  const title = typeof layout.title === 'string' ? { text: layout.title } : (layout.title ?? {});
  const said = [title.text, title.subtitle?.text].some(text => String(text).includes(note));
  const subtitle = { ...title.subtitle, text: [title.subtitle?.text, note].filter(Boolean).join('; ') };
  return said ? layout : { ...layout, title: { ...title, subtitle } };
}

/** What frontends show that do not draw Plotly data themselves. */
function forOthers(drawn: PlotlyObject, fig: Figure): PlotlyObject {
  const picture = pictureOf(drawn);
  return { 'text/html': inPage(drawn, summary(fig), picture), ...(picture && { 'image/png': picture }) };
}

/** The frames without what is the same in all of them and in the figure's own traces. */
function changes(data: readonly PlotlyObject[], frames: readonly PlotlyObject[]): PlotlyObject[] {
  const constant = data.map(
    (trace, i) =>
      new Set(Object.keys(trace).filter(key => frames.every(f => isDeepStrictEqual(f.data[i]?.[key], trace[key])))),
  );
  const changing = (trace: PlotlyObject, i: number) =>
    Object.fromEntries(Object.entries(trace).filter(([key]) => !constant[i]?.has(key)));
  return frames.map(frame => ({ ...frame, data: frame.data.map(changing) }));
}

/** The last point of each named trace, for readers without a renderer. */
function summary(fig: Figure): string {
  const data: PlotlyObject[] = fig.frames?.at(-1)?.data ?? fig.data;
  const lines = data
    .filter(t => t.name && t.showlegend !== false && t.y?.some(Number.isFinite))
    .map(t => {
      const last = t.y.length - 1;
      return `  ${t.name}: ${t.y.length} points, last (${brief(t.x?.[last])}, ${brief(t.y[last])})`;
    });
  return [['Figure', titleOf(fig)].filter(Boolean).join(': '), ...lines].join('\n');
}

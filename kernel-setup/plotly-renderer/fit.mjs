/// <reference lib="dom" />
/**
 * Room for the texts of a figure at the width that it is drawn in: titles, captions and names wrap, a legend that is
 * too wide or too long for its place goes below, and the figure grows so that its axes keep their size.
 */
import { measure, plain, wrapped } from './text.mjs';

/** @typedef {{ data: any[], layout?: any, frames?: any[], config?: any }} FigureJson */

/** Pixels between the axes and a legend below them, for the labels and the title of the x axis. */
const belowAxes = 62;
/** What plotly.js draws before a name in the legend, and the height of a line of text in units of its font size. */
const sample = 45;
const lineHeight = 1.3;
/** What the buttons of an animation take. */
const buttonsWidth = 150;
/** Between the title of the last panel in a row and the edge of the figure. */
const endRoom = 8;
/**
 * A panel narrower than this scrolls in its place, where it then takes the usual width. Three fit in a cell of
 * JupyterLab with its side bar in a window of 1200 pixels; those with a colour bar need more.
 */
const narrowestPanel = 226;
const usualPanel = 270;

/** How a figure is called where it is not seen. @param {any} layout */
export const nameOf = layout => {
  const title = layout?.title?.text ?? layout?.title;
  return (typeof title === 'string' && plain(title.replace(/<br\s*\/?>/g, '; '))) || 'figure without a title';
};

/** The width at which a figure is readable, or more. @param {FigureJson} figure @param {number} width */
export function readableWidth({ data, layout }, width) {
  const columns = new Set(axesOf(layout, 'x').map(([, axis]) => axis.domain?.[0] ?? 0)).size;
  const narrowest = data.some(trace => trace?.colorbar) ? usualPanel : narrowestPanel;
  return columns > 1 && width < 90 + narrowest * columns ? 90 + usualPanel * columns : width;
}

/**
 * The figure as it should be drawn at this width; the one given stays as it is.
 * @param {FigureJson} figure @param {number} width @returns {FigureJson}
 */
export function fitted({ data, layout: given, frames, ...rest }, width) {
  const layout = Object(given);
  const margin = { ...Object(layout.template).layout?.margin, ...layout.margin };
  const room = { height: Number(layout.height) || 420, t: 100, b: 80, l: 80, r: 80, ...margin };
  const box = { width: width - room.l - room.r, height: room.height - room.t - room.b };
  const font = { size: 12, family: 'sans-serif', ...layout.font };
  const { axes, extra: below } = axesFor(layout, box, font);
  const legend = legendFor(data, layout, { ...box, width: width - room.l - 20, font }, belowAxes + below);
  const notes = annotationsFor(layout, box.width, room.r, font);
  const title = titleFor(
    [layout, ...(frames ?? []).map(f => Object(f).layout)],
    width - room.l - 10,
    font,
    notes.extra,
  );
  const top = title.extra + notes.extra;
  const lower = below + Math.max(0, legend.height - 30);
  const { controls, more } = lowered(layout, lower, box.width);
  const b = layout.sliders
    ? room.b + lower + more
    : Math.max(room.b, legend.height && belowAxes + legend.height) + below;
  return {
    ...rest,
    ...(frames && {
      frames: frames.map((f, i) =>
        title.titles[i + 1] ? { ...f, layout: { ...f.layout, ...titled(title.titles[i + 1]) } } : f,
      ),
    }),
    data: data.map(trace => colorbarFitted(named(trace, legend.names), box.height, font)),
    layout: {
      ...layout,
      ...axes,
      ...titled(title.titles[0]),
      ...(notes.items && { annotations: notes.items }),
      ...(legend.layout && { legend: legend.layout }),
      ...(layout.shapes && { shapes: layout.shapes.map((/** @type {any} */ s) => named(s, legend.names)) }),
      ...controls,
      height: room.height + top + b - room.b,
      margin: { ...layout.margin, t: room.t + top, b },
    },
  };
}

/** @param {any} layout @param {'x' | 'y'} which @returns {[string, any][]} */
const axesOf = (layout, which) =>
  Object.entries(Object(layout)).filter(([key, axis]) => key.startsWith(`${which}axis`) && axis);

/** @typedef {{ size: number, family: string }} Font */

/**
 * The titles of these layouts, with captions, as they stand above the axes: all as high as the highest of them.
 * @param {any[]} layouts @param {number} width @param {Font} font @param {number} above what is between title and axes
 */
function titleFor(layouts, width, font, above) {
  const all = layouts.map(layout => {
    const given = Object(layout).title;
    const title = typeof given === 'string' ? { text: given } : given;
    if (typeof title?.text !== 'string') return undefined;
    const own = { ...font, size: font.size * 1.4, ...title.font };
    const { text, lines } = wrapped(title.text, width, own);
    return { title: { ...title, text }, extra: lines * own.size * lineHeight };
  });
  const extra = Math.max(0, ...all.map(one => one?.extra ?? 0));
  const pad = (/** @type {any} */ title) => ({ ...title.pad, b: (title.pad?.b ?? 0) + extra + above });
  const titles = all.map(one => one && { ...one.title, ...(one.title.yref === 'paper' && { pad: pad(one.title) }) });
  return { titles, extra };
}

const titled = (/** @type {any} */ title) => title && { title };

/**
 * The titles of panels, which are notes at their upper left corners, wrapped to the width of the panel, with a little
 * of the gap beside it, or of the margin; those of a row begin at one height. `extra` is what the first row of them
 * takes above the axes.
 * @param {any} layout @param {number} width of all axes @param {number} right margin @param {Font} font
 */
function annotationsFor(layout, width, right, font) {
  let extra = 0;
  /** @type {Map<number, number>} */
  const most = new Map();
  const fit = (/** @type {any} */ note) => {
    const axis = axesOf(layout, 'x').find(([, { domain }]) => domain && note.x === domain[0])?.[1];
    if (!axis || note.xref !== 'paper' || note.yref !== 'paper' || typeof note.text !== 'string') return { note };
    const own = { ...font, ...note.font };
    const [start, end] = axis.domain;
    const room = Math.min((end - start) * width * 1.1, (1 - start) * width + right - endRoom);
    const { text, lines: more } = wrapped(note.text, room, own);
    const count = lines(text).length;
    most.set(note.y, Math.max(count, most.get(note.y) ?? 0));
    if (note.y === 1) extra = Math.max(extra, more * own.size * lineHeight);
    return { note: { ...note, text }, count };
  };
  const fits = layout.annotations?.map(fit);
  const items = fits?.map((/** @type {{ note: any, count?: number }} */ { note, count }) =>
    count ? { ...note, text: note.text + '<br>\u00a0'.repeat((most.get(note.y) ?? 0) - count) } : note,
  );
  return { items, extra };
}

/**
 * The axes with titles that wrap; `extra` is what those of the x axes take below.
 * @param {any} layout @param {{ width: number, height: number }} box @param {Font} font
 */
function axesFor(layout, box, font) {
  let extra = 0;
  const fit = (/** @type {'x' | 'y'} */ which, /** @type {number} */ length) =>
    axesOf(layout, which).map(([key, axis]) => {
      const title = typeof axis.title === 'string' ? { text: axis.title } : axis.title;
      if (typeof title?.text !== 'string') return [key, axis];
      const [low, high] = axis.domain ?? [0, 1];
      const own = { ...font, size: font.size * 1.2, ...title.font };
      const { text, lines } = wrapped(title.text, (high - low) * length, own);
      if (which === 'x') extra = Math.max(extra, lines * own.size * lineHeight);
      return [key, { ...axis, title: { ...title, text } }];
    });
  return { axes: Object.fromEntries([...fit('x', box.width), ...fit('y', box.height)]), extra };
}

/** @param {any} trace @param {number} height @param {Font} font */
function colorbarFitted(trace, height, font) {
  const title = trace?.colorbar?.title;
  if (typeof title?.text !== 'string') return trace;
  const { text } = wrapped(title.text, height * (trace.colorbar.len ?? 1), {
    ...font,
    size: font.size * 1.2,
    ...title.font,
  });
  return { ...trace, colorbar: { ...trace.colorbar, title: { ...title, text } } };
}

/** @template {any} T @param {T} item @param {Map<string, string>} names @returns {T} */
const named = (item, names) => {
  const { name } = Object(item);
  return names.get(name) === undefined ? item : { ...Object(item), name: names.get(name) };
};

/**
 * Slider and buttons, so many pixels lower. Where the buttons would take much of the width, the slider is below them.
 * @param {any} layout @param {number} by @param {number} width of the axes @returns {{ controls: any, more: number }}
 */
function lowered({ sliders, updatemenus }, by, width) {
  if (!sliders || !updatemenus) return { controls: {}, more: 0 };
  const isNarrow = width < 3 * buttonsWidth;
  const x = isNarrow ? 0 : buttonsWidth / width;
  const more = isNarrow ? 44 : 0;
  const lower = (/** @type {any} */ item, /** @type {number} */ pixels) => ({
    ...item,
    pad: { ...item.pad, t: (item.pad?.t ?? 0) + pixels },
  });
  const controls = {
    sliders: sliders.map((/** @type {any} */ s) => ({ ...lower(s, by + more), x, len: 1 - x })),
    updatemenus: updatemenus.map((/** @type {any} */ menu) => lower(menu, by)),
  };
  return { controls, more };
}

/**
 * The legend where it has room; `height` is what it takes below the axes.
 * @param {any[]} data @param {any} layout @param {{ width: number, height: number, font: Font }} box
 * @param {number} below where it is put below the axes
 * @returns {{ names: Map<string, string>, height: number, layout?: any }}
 */
function legendFor(data, layout, { width, height, font }, below) {
  const entries = [...data, ...(layout.shapes ?? []).filter((/** @type {any} */ s) => s.showlegend)].filter(
    item => typeof item?.name === 'string' && item.showlegend !== false && item.type !== 'heatmap',
  );
  if (!layout.showlegend || entries.length === 0) return { names: new Map(), height: 0 };
  const own = { ...font, ...layout.legend?.font };
  const names = new Map(entries.map(({ name }) => [name, wrapped(name, width - sample, own)]));
  const widths = entries.map(
    ({ name }) => sample + Math.max(...lines(names.get(name)?.text).map(l => measure(l, own))),
  );
  const row = own.size * lineHeight + 3;
  const all = entries.reduce((sum, { name }) => sum + row + (names.get(name)?.lines ?? 0) * own.size * lineHeight, 0);
  const texts = new Map([...names].map(([name, { text }]) => [name, text]));
  const beside = layout.legend?.orientation !== 'h' && Math.max(...widths) < 0.4 * width && all < height;
  if (beside) {
    const gap = all + 10 * entries.length < height ? 10 : 0;
    return { names: texts, height: 0, layout: { tracegroupgap: gap, ...layout.legend } };
  }
  // The labels of the y axis may take some more of the width.
  const columns = Math.max(1, Math.floor((width - 40) / (Math.max(...widths) + 5)));
  const tallest = Math.max(...entries.map(({ name }) => row + (names.get(name)?.lines ?? 0) * own.size * lineHeight));
  const taken = Math.ceil(entries.length / columns) * tallest + 12;
  return {
    names: texts,
    height: taken,
    layout: {
      ...layout.legend,
      ...{ orientation: 'h', x: 0, xanchor: 'left', yanchor: 'top', y: -below / height },
      ...{ tracegroupgap: 0, entrywidth: Math.max(...widths) - sample + 5, maxheight: taken + 40 },
    },
  };
}

/** @param {string | undefined} text */
const lines = text => (text ?? '').split('<br>');

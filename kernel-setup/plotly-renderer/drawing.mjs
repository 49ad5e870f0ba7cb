/// <reference lib="dom" />
/** Draws a Plotly figure in an element of a page: in JupyterLab, in the report, in pages notebooks are exported to. */
import { contextsOf, drawable, inTurn, leave, release, releasing } from './contexts.mjs';
import { fitted, nameOf, readableWidth } from './fit.mjs';

/**
 * A figure is drawn once its element has a width (a cell that is scrolled out of sight has none), and follows it.
 * `onFailure` gets the error of plotly.js, or of loading it.
 * @param {HTMLElement} node @param {() => Promise<any>} loadPlotly @param {(error: Error) => void} onFailure
 */
export const createDrawing = (node, loadPlotly, onFailure) => new Drawing(node, loadPlotly, onFailure);

class Drawing {
  width = 0;
  isStopped = false;
  box = document.createElement('div');
  /** WebGL contexts in use. */
  count = 0;
  /** @type {any} */
  figure;
  /** The layout that is drawn, as text. @type {string | undefined} */
  drawn;
  /** @type {any} */
  Plotly;

  /** @param {HTMLElement} node @param {() => Promise<any>} loadPlotly @param {(error: Error) => void} onFailure */
  constructor(node, loadPlotly, onFailure) {
    this.node = node;
    this.loadPlotly = loadPlotly;
    this.onFailure = onFailure;
    this.sizes = new ResizeObserver(() => void this.fit());
    this.sizes.observe(node);
  }

  /** @param {any} next The figure from now on. */
  async show(next) {
    const { node, box } = this;
    node.append(box);
    Object.assign(node, { role: 'figure', ariaLabel: nameOf(next.layout) }).style.overflowX = 'auto';
    if (this.count > 0 && this.drawn !== undefined) this.clear();
    this.figure = next;
    this.drawn = undefined;
    box.style.minHeight = `${next.layout?.height ?? 450}px`;
    this.width = 0;
    await this.fit();
  }

  async fit() {
    const { clientWidth } = this.node;
    if (!this.figure || this.isStopped || clientWidth === 0 || clientWidth === this.width) return;
    this.width = clientWidth;
    try {
      this.Plotly = await this.loadPlotly();
      if (!this.isStopped) await this.draw();
    } catch (error) {
      this.onFailure(/** @type {Error} */ (error));
    }
  }

  async draw() {
    const { figure, box, Plotly } = this;
    const width = readableWidth(figure, this.width);
    const next = fitted(drawable(figure), width);
    const text = JSON.stringify(next.layout);
    Object.assign(box.style, { width: width > this.width ? `${width}px` : '', minHeight: `${next.layout.height}px` });
    // After a change of the width alone, what the reader has zoomed into and played stays.
    if (text === this.drawn) return void Plotly.Plots.resize(box);
    this.count = contextsOf(next);
    await inTurn(this, async () => {
      if (!this.isStopped) await put(Plotly, box, next, this.drawn === undefined);
      this.drawn = text;
    });
  }

  /** A picture takes the place of the figure until the pointer comes to it, or its width changes. */
  async freeze() {
    const still = await stillOf(this.Plotly, this.box, nameOf(this.figure.layout));
    this.clear();
    still.addEventListener('pointerenter', () => void this.draw().catch(this.onFailure), { once: true });
    this.box.append(still);
  }

  clear() {
    const canvases = Array.from(this.box.querySelectorAll('canvas'));
    this.Plotly.purge(this.box);
    release(canvases);
    this.drawn = undefined;
  }

  stop() {
    this.isStopped = true;
    this.sizes.disconnect();
    leave(this);
    if (this.Plotly) this.clear();
  }
}

/** @param {any} Plotly @param {HTMLElement} box @param {any} figure @param {boolean} isNew */
async function put(Plotly, box, figure, isNew) {
  box.querySelector('img[data-still]')?.remove();
  const { data, layout, frames } = structuredClone({ ...figure, config: undefined });
  await Plotly.react(box, data, { uirevision: true, ...layout }, figure.config);
  if (frames && isNew) await Plotly.addFrames(box, frames);
  const plot = /** @type {any} */ (box);
  plot.removeAllListeners('plotly_relayout');
  plot.on('plotly_relayout', () => zoomTicks(Plotly, box, figure.layout));
}

/** A figure as it stands now. @param {any} Plotly @param {HTMLElement} box @param {string} alt */
async function stillOf(Plotly, box, alt) {
  const { clientWidth: width, clientHeight: height } = box;
  const still = Object.assign(document.createElement('img'), { width, height, alt });
  still.src = await releasing(() => Plotly.toImage(box, { format: 'png', width, height, scale: 2 }));
  still.dataset.still = 'true';
  still.style.maxWidth = '100%';
  return still;
}

/**
 * Gives log axes that are zoomed Plotly's own ticks, because their list has few in a small range or none, and the list
 * again when all is shown. An axis without `dtick` has ticks that its user gave, which stay.
 * @param {any} Plotly @param {any} node @param {Record<string, any>} layout What was drawn.
 */
function zoomTicks(Plotly, node, layout) {
  const axes = Object.keys(layout).filter(
    name => /^[xy]axis/.test(name) && layout[name].dtick && layout[name].tickvals,
  );
  const changes = axes.flatMap(name => {
    const [low, high] = layout[name].range;
    const [left, right] = node.layout[name].range;
    const isWhole = Math.abs(left - low) + Math.abs(right - high) < 1e-6 * Math.abs(high - low);
    const tickmode = isWhole ? 'array' : 'auto';
    return node.layout[name].tickmode === tickmode ? [] : [[`${name}.tickmode`, tickmode]];
  });
  if (changes.length > 0) void Plotly.relayout(node, Object.fromEntries(changes));
}

/// <reference lib="dom" />
/** Draws a Plotly figure in an element of a page, in JupyterLab and in pages that notebooks are exported to. */

/**
 * A figure is drawn once its element has a width (a cell that is scrolled out of sight has none), and follows it.
 * `onFailure` gets the error of plotly.js, or of loading it.
 * @param {HTMLElement} node @param {() => Promise<any>} loadPlotly @param {(error: Error) => void} onFailure
 */
export function createDrawing(node, loadPlotly, onFailure) {
  let width = 0;
  let isStopped = false;
  /** @type {any} */
  let figure;
  /** @type {any} */
  let Plotly;
  const sizes = new ResizeObserver(() => void fit());
  sizes.observe(node);

  async function fit() {
    if (!figure || isStopped || node.clientWidth === 0 || node.clientWidth === width) return;
    const isFirst = width === 0;
    width = node.clientWidth;
    try {
      Plotly = await loadPlotly();
      if (isStopped) return;
      if (isFirst) await draw(figure);
      else Plotly.Plots.resize(node);
    } catch (error) {
      onFailure(/** @type {Error} */ (error));
    }
  }

  /** @param {any} figure */
  async function draw({ data, layout, frames, config }) {
    const copy = structuredClone({ data, layout, frames });
    await Plotly.react(node, copy.data, copy.layout, config);
    if (copy.frames) await Plotly.addFrames(node, copy.frames);
    const plot = /** @type {any} */ (node);
    plot.removeAllListeners('plotly_relayout');
    plot.on('plotly_relayout', () => zoomTicks(Plotly, node, layout ?? {}));
  }

  return {
    /** @param {any} next The figure from now on. */
    async show(next) {
      figure = next;
      node.style.minHeight = `${next.layout?.height ?? 450}px`;
      width = 0;
      await fit();
    },
    stop() {
      isStopped = true;
      sizes.disconnect();
      Plotly?.purge(node);
    },
  };
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

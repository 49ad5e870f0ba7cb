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

/// <reference lib="dom" />
/** Draws Plotly figures in JupyterLab. */

const mimeType = 'application/vnd.plotly.v1+json';

/**
 * What JupyterLab calls a MIME extension. `Widget` is that of @lumino/widgets.
 * @param {any} Widget @param {() => Promise<any>} loadPlotly
 */
export function mimeExtension(Widget, loadPlotly) {
  const PlotlyFigure = figureClass(Widget, loadPlotly);
  return {
    id: 'widenet-plotly:mime',
    rendererFactory: { safe: true, mimeTypes: [mimeType], createRenderer: () => new PlotlyFigure() },
    rank: 0,
    dataType: 'json',
  };
}

/**
 * A figure is drawn once its element has a width, as a cell that is scrolled out of sight has none, and follows its width.
 * @param {any} Widget @param {() => Promise<any>} loadPlotly
 */
const figureClass = (Widget, loadPlotly) =>
  class PlotlyFigure extends Widget {
    constructor() {
      super();
      this.addClass('jp-RenderedPlotly');
      this.node.style.width = '100%';
      this.width = 0;
      /** @type {string | undefined} */
      this.shown = undefined;
      this.sizes = new ResizeObserver(() => this.fit());
      this.sizes.observe(this.node);
    }

    /** Also called when the output gets its picture: then the figure stays as it is. @param {{ data: any }} model */
    async renderModel(model) {
      const figure = model.data[mimeType];
      const text = JSON.stringify(figure);
      if (text === this.shown) return;
      this.shown = text;
      this.figure = figure;
      this.node.style.minHeight = `${figure.layout?.height ?? 450}px`;
      this.width = 0;
      await this.fit();
    }

    async fit() {
      const width = this.node.clientWidth;
      if (!this.figure || this.isDisposed || width === 0 || width === this.width) return;
      const first = this.width === 0;
      this.width = width;
      try {
        const Plotly = await loadPlotly();
        if (this.isDisposed) return;
        if (first) await this.draw(Plotly, this.figure);
        else Plotly.Plots.resize(this.node);
      } catch (error) {
        this.node.textContent = `Plotly figure: ${/** @type {Error} */ (error).message}`;
      }
    }

    /** @param {any} Plotly @param {any} figure */
    async draw(Plotly, { data, layout, frames, config }) {
      const copy = structuredClone({ data, layout, frames });
      await Plotly.react(this.node, copy.data, copy.layout, config);
      if (copy.frames) await Plotly.addFrames(this.node, copy.frames);
    }

    dispose() {
      this.sizes?.disconnect();
      const { Plotly } = /** @type {any} */ (window);
      if (Plotly && !this.isDisposed) Plotly.purge(this.node);
      super.dispose();
    }
  };

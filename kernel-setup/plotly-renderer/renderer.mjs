/// <reference lib="dom" />
/** Draws Plotly figures in JupyterLab. */
import { createDrawing } from './drawing.mjs';

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

/** @param {any} Widget @param {() => Promise<any>} loadPlotly */
const figureClass = (Widget, loadPlotly) =>
  class PlotlyFigure extends Widget {
    constructor() {
      super();
      this.addClass('jp-RenderedPlotly');
      this.node.style.width = '100%';
      /** @type {string | undefined} */
      this.shown = undefined;
      this.drawing = createDrawing(this.node, loadPlotly, error => {
        this.node.textContent = `Plotly figure: ${error.message}`;
      });
    }

    /** Also called when the output gets its picture: then the figure stays as it is. @param {{ data: any }} model */
    async renderModel(model) {
      const figure = model.data[mimeType];
      const text = JSON.stringify(figure);
      if (text === this.shown) return;
      this.shown = text;
      await this.drawing.show(figure);
    }

    dispose() {
      if (!this.isDisposed) this.drawing?.stop();
      super.dispose();
    }
  };

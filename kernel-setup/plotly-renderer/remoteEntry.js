// A prebuilt JupyterLab extension, written by hand: it draws application/vnd.plotly.v1+json with the plotly.js that lies
// beside this file. JupyterLab asks the container below for the module './mimeExtension'.
(() => {
  const mimeType = 'application/vnd.plotly.v1+json';
  const pictureType = 'image/png';
  const pictureDelayMs = 1000;
  const plotlyUrl = new URL('plotly.js', document.currentScript.src).href;
  let shared;
  let loading;

  function loadPlotly() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = plotlyUrl;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => reject(new Error(`cannot load ${plotlyUrl}`));
      document.head.append(script);
    });
    return loading;
  }

  // What viewers without a renderer show, GitHub for one: the figure as it was drawn first, as wide as `npm run reproduce` saves it.
  async function picture(Plotly, { data, layout, config }) {
    const size = { width: 900, height: layout?.height ?? 420 };
    const url = await Plotly.toImage(structuredClone({ data, layout: { ...layout, ...size }, config }), {
      ...size,
      format: 'png',
      scale: 1,
    });
    return url.slice(url.indexOf(',') + 1);
  }

  // Draws once its place in the page has a width, as a cell that is scrolled out of sight has none, and follows its width.
  // Gives an output that has no picture one, so that it is saved with the notebook.
  function rendererClass(Widget) {
    return class PlotlyFigure extends Widget {
      constructor() {
        super();
        this.addClass('jp-RenderedPlotly');
        this.node.style.width = '100%';
        this.width = 0;
        this.sizes = new ResizeObserver(() => this.fit());
        this.sizes.observe(this.node);
      }

      async renderModel(model) {
        if (this.pictured === model) return;
        clearTimeout(this.timer);
        this.model = model;
        this.figure = model.data[mimeType];
        this.node.style.minHeight = `${this.figure.layout?.height ?? 450}px`;
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
          this.node.textContent = `Plotly figure: ${error.message}`;
        }
      }

      async draw(Plotly, { data, layout, frames, config }) {
        const copy = structuredClone({ data, layout, frames });
        await Plotly.react(this.node, copy.data, copy.layout, config);
        if (copy.frames) await Plotly.addFrames(this.node, copy.frames);
        if (!this.model.data[pictureType])
          this.timer = setTimeout(() => this.keepPicture(Plotly, this.model), pictureDelayMs);
      }

      async keepPicture(Plotly, model) {
        const png = await picture(Plotly, this.figure);
        if (this.isDisposed || this.model !== model) return;
        this.pictured = model;
        model.setData({ data: { ...model.data, [pictureType]: png } });
        this.pictured = undefined;
      }

      dispose() {
        clearTimeout(this.timer);
        this.sizes?.disconnect();
        if (window.Plotly && !this.isDisposed) window.Plotly.purge(this.node);
        super.dispose();
      }
    };
  }

  async function mimeExtension() {
    const [version] = Object.values(shared['@lumino/widgets']);
    const { Widget } = (await version.get())();
    const PlotlyFigure = rendererClass(Widget);
    return {
      __esModule: true,
      default: {
        id: 'widenet-plotly:mime',
        rendererFactory: { safe: true, mimeTypes: [mimeType], createRenderer: () => new PlotlyFigure() },
        rank: 0,
        dataType: 'json',
      },
    };
  }

  (window._JUPYTERLAB ??= {})['widenet-plotly'] = {
    init: scope => {
      shared = scope;
    },
    get: async () => {
      const module = await mimeExtension();
      return () => module;
    },
  };
})();

// A prebuilt JupyterLab extension, written by hand: JupyterLab asks the container below for its modules, which lie
// beside this file, as does the plotly.js that they draw with.
(() => {
  const here = document.currentScript.src;
  let shared;
  let loading;

  function loadPlotly() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = new URL('plotly.js', here).href;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => reject(new Error(`cannot load ${script.src}`));
      document.head.append(script);
    });
    return loading;
  }

  async function sharedModule(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  const ownModule = name => import(new URL(name, here).href);

  const extensions = {
    './mimeExtension': async () => {
      const [{ mimeExtension }, { Widget }] = [await ownModule('renderer.mjs'), await sharedModule('@lumino/widgets')];
      return mimeExtension(Widget, loadPlotly);
    },
    './notebookExtension': async () => {
      const [{ notebookExtension }, notebook] = [
        await ownModule('saving.mjs'),
        await sharedModule('@jupyterlab/notebook'),
      ];
      return notebookExtension(notebook, loadPlotly);
    },
  };

  (window._JUPYTERLAB ??= {})['widenet-plotly'] = {
    init: scope => {
      shared = scope;
    },
    get: async name => {
      const extension = await extensions[name]();
      return () => ({ __esModule: true, default: extension });
    },
  };
})();

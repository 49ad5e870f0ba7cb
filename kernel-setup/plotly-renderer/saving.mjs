/// <reference lib="dom" />
/**
 * What JupyterLab saves of a notebook: a picture of each Plotly figure, and nothing that differs from run to run. It
 * tells the kernel that figures are drawn here, so that the kernel adds nothing for other frontends.
 */
import { pictures } from './picture.mjs';

const mimeType = 'application/vnd.plotly.v1+json';
const pictureType = 'image/png';
const pageType = 'text/html';
const kernelName = 'tslab';
const rendererTarget = 'widenet-plotly';

/**
 * What JupyterLab calls an extension: each cell that ran gets the pictures of its figures, and a notebook is saved when
 * every figure has one.
 * @param {any} notebook The module @jupyterlab/notebook. @param {() => Promise<any>} loadPlotly
 */
export function notebookExtension({ INotebookTracker, NotebookActions }, loadPlotly) {
  const prepared = new WeakSet();
  /** @param {any} panel */
  const prepare = ({ context }) => {
    if (prepared.has(context)) return;
    prepared.add(context);
    prepareSaving(context, loadPlotly);
    announce(context.sessionContext);
  };
  return {
    id: 'widenet-plotly:saving',
    autoStart: true,
    requires: [INotebookTracker],
    /** @param {any} _ @param {any} tracker */
    activate: (_, tracker) => {
      tracker.forEach(prepare);
      tracker.widgetAdded.connect((/** @type {any} */ _, /** @type {any} */ panel) => prepare(panel));
      NotebookActions.executed.connect((/** @type {any} */ _, /** @type {any} */ { cell }) =>
        keepPictures([cell.model], loadPlotly),
      );
    },
  };
}

/**
 * Tells each kernel of a notebook, also one that was started anew, that there is a renderer.
 * @param {any} session
 */
function announce(session) {
  const tell = () => {
    const { kernel } = session.session ?? {};
    if (kernel?.name === kernelName && kernel.handleComms) kernel.createComm(rendererTarget).open();
  };
  tell();
  session.kernelChanged.connect(tell);
  session.connectionStatusChanged.connect((/** @type {any} */ _, /** @type {string} */ status) => {
    if (status === 'connected') tell();
  });
}

/** @param {any} context A document's. @param {() => Promise<any>} loadPlotly */
function prepareSaving(context, loadPlotly) {
  const { model } = context;
  const save = context.save.bind(context);
  const toJSON = model.toJSON.bind(model);
  context.save = async () => {
    await context.ready;
    await keepPictures(model.cells, loadPlotly);
    return save();
  };
  model.toJSON = () => lasting(toJSON());
}

/** @param {any} cell @returns {any[]} */
const outputsOf = cell => Array.from({ length: cell.outputs?.length ?? 0 }, (_, i) => cell.outputs.get(i));

/**
 * Gives each figure without a picture one, also where JupyterLab has not drawn the cell because it is out of sight.
 * @param {Iterable<any>} cells @param {() => Promise<any>} loadPlotly
 */
async function keepPictures(cells, loadPlotly) {
  for (const cell of cells) for (const output of outputsOf(cell)) await keepPicture(cell, output, loadPlotly);
}

/** @param {any} cell @param {any} output @param {() => Promise<any>} loadPlotly */
async function keepPicture(cell, output, loadPlotly) {
  const figure = output.data[mimeType];
  if (!figure || output.data[pictureType]) return;
  try {
    const { png } = await pictures(await loadPlotly(), figure);
    const isOld = JSON.stringify(output.data[mimeType]) !== JSON.stringify(figure) || !outputsOf(cell).includes(output);
    if (isOld || output.data[pictureType]) return;
    const alt = [output.data['text/plain'] ?? []].flat().join('');
    output.setData({
      data: { ...output.data, [pictureType]: png },
      metadata: { ...output.metadata, [pictureType]: { alt } },
    });
  } catch (error) {
    console.warn(`no picture of a Plotly figure: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * A notebook without the outputs that are shown but not saved, such as lines of progress, and without the HTML by which
 * figures draw themselves in other frontends: the picture is enough there, and plotly.js takes megabytes.
 * @param {any} notebook
 */
const lasting = notebook => ({
  ...notebook,
  cells: notebook.cells.map((/** @type {any} */ cell) =>
    cell.outputs ? { ...cell, outputs: cell.outputs.filter(isLasting).map(withoutPage) } : cell,
  ),
});

/** @param {any} output */
function withoutPage(output) {
  const isOurs = [output.data?.[pageType]].flat().join('').includes('data-widenet-figure');
  if (!isOurs || !output.data[mimeType] || !output.data[pictureType]) return output;
  const { [pageType]: _, ...data } = output.data;
  return { ...output, data };
}

/** @param {any} output */
const isLasting = output => !output.metadata?.widenet?.transient;

/// <reference lib="dom" />
/**
 * Figures in a page that has no renderer for them: an exported notebook, a book, a dashboard. Each figure of a notebook
 * is HTML that holds the text of this file and of drawing.mjs; plotly.js comes with one of them, whichever the page
 * runs first, and is loaded once.
 */
import { createDrawing } from './drawing.mjs';

/** What the figures of a page share. @typedef {{ loaded: Promise<any>, load(text: Promise<string>): void }} Shared */

/** @returns {Shared} */
function shared() {
  const page = /** @type {{ widenetFigures?: Shared }} */ (/** @type {unknown} */ (window));
  if (page.widenetFigures) return page.widenetFigures;
  /** @type {(plotly: Promise<any>) => void} */
  let resolve;
  const loaded = new Promise(give => {
    resolve = give;
  });
  let isLoading = false;
  return (page.widenetFigures = {
    loaded,
    load(text) {
      if (!isLoading) resolve(text.then(evaluated));
      isLoading = true;
    },
  });
}

/**
 * plotly.js from its text. A loader of modules in the page (`define`), and another Plotly, stay as they are.
 * @param {string} text
 */
function evaluated(text) {
  const page = /** @type {any} */ (window);
  const { Plotly: other } = page;
  const script = document.createElement('script');
  script.text = `((module, exports, define) => {${text}\n;window.widenetPlotly = module.exports; })({ exports: {} });`;
  document.head.append(script);
  script.remove();
  const { widenetPlotly } = page;
  delete page.widenetPlotly;
  if (other) page.Plotly = other;
  if (!widenetPlotly?.react) throw new Error('plotly.js could not be loaded in this page');
  return widenetPlotly;
}

/** @param {string} base64 of text that gzip has packed */
async function unpacked(base64) {
  const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).text();
}

/**
 * Draws a figure in each element of this id that has not got it yet: a page may show an output twice. What the element
 * holds, a picture or a text, stays until plotly.js is there, and when the figure cannot be drawn.
 * @param {string} id @param {any} figure @param {string} [plotly] plotly.js, if it comes with this figure
 */
export function drawInPage(id, figure, plotly) {
  const { loaded, load } = shared();
  if (plotly) load(unpacked(plotly));
  const elements = /** @type {HTMLElement[]} */ (
    Array.from(document.querySelectorAll(`[data-widenet-figure="${id}"]:not([data-drawn])`))
  );
  for (const element of elements) element.dataset.drawn = 'true';
  loaded.then(
    Plotly => elements.forEach(element => drawInstead(element, figure, Plotly)),
    error => elements.forEach(element => tell(element, error)),
  );
}

/** @param {HTMLElement} element @param {any} figure @param {any} Plotly */
function drawInstead(element, figure, Plotly) {
  const still = Array.from(element.childNodes);
  const node = document.createElement('div');
  element.replaceChildren(node);
  const drawing = createDrawing(
    node,
    async () => Plotly,
    error => {
      drawing.stop();
      element.replaceChildren(...still);
      tell(element, error);
    },
  );
  void drawing.show(figure);
}

/** @param {HTMLElement} element @param {Error} error */
function tell(element, error) {
  element.append(`This figure cannot be drawn: ${error.message}`);
}

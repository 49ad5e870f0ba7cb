/** Figures of an executed notebook as files, and as the pictures that viewers without a Plotly renderer show. */
import fs from 'node:fs';
import path from 'node:path';
import { draw, findChromium } from './draw.mjs';
import { library } from './library.mjs';

/**
 * Writes each figure as JSON, SVG and PNG to `folder`, emptied first, and puts the PNG into the notebook's outputs.
 * Without a browser, or when it fails, only the JSON is written; `problem` then says what failed.
 * @param {import('./notebooks.mjs').Notebook} notebook @param {string} folder
 */
export async function savePictures(notebook, folder) {
  const figures = library('stored').storedFigures(notebook);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const browser = findChromium();
  /** @type {Awaited<ReturnType<typeof draw>>} */
  let pictures = [];
  let problem;
  try {
    if (browser && figures.length > 0) pictures = await draw(browser, figures.map(f => /** @type {import('./draw.mjs').FigureJson} */ (f.figure)));
  } catch (error) {
    problem = `no SVG and PNG: ${/** @type {Error} */ (error).message.split('\n')[0]}`;
  }
  figures.forEach(({ id, figure, output }, i) => {
    fs.writeFileSync(path.join(folder, `${id}.json`), JSON.stringify(figure));
    if (!pictures[i]) return;
    const { svg, png } = pictures[i];
    fs.writeFileSync(path.join(folder, `${id}.svg`), svg);
    fs.writeFileSync(path.join(folder, `${id}.png`), png, 'base64');
    output.data = sorted({ ...output.data, 'image/png': png });
  });
  return { figures: figures.map(({ id, title }) => ({ id, title })), problem };
}

/** @param {Record<string, any>} bundle */
const sorted = bundle => Object.fromEntries(Object.entries(bundle).sort(([a], [b]) => (a < b ? -1 : 1)));

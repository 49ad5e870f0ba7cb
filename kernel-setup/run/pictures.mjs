/** Figures of an executed notebook as files, and as the pictures that viewers without a Plotly renderer show. */
import fs from 'node:fs';
import path from 'node:path';
import { draw, findChromium } from './draw.mjs';
import { library } from './library.mjs';

/**
 * Writes each figure as JSON, SVG and PNG to `folder`, which must not exist yet, and puts the PNG into the notebook's
 * outputs. Without a browser, or when it fails, only the JSON is written; `problems` then says what failed.
 * @param {import('./notebooks.mjs').Notebook} notebook @param {string} folder @param {AbortSignal} [signal]
 */
export async function savePictures(notebook, folder, signal) {
  const { plotlyMime, storedFigures } = library('notebook/stored-results');
  const figures = storedFigures(notebook);
  const pictures = await drawAll(
    figures.map(({ output }) => output.data?.[plotlyMime]),
    signal,
  );
  fs.mkdirSync(folder, { recursive: true });
  figures.forEach(({ id, output }, i) => {
    fs.writeFileSync(path.join(folder, `${id}.json`), JSON.stringify(output.data?.[plotlyMime]));
    const picture = pictures[i];
    if (!picture || 'problem' in picture) return;
    fs.writeFileSync(path.join(folder, `${id}.svg`), picture.svg);
    fs.writeFileSync(path.join(folder, `${id}.png`), picture.png, 'base64');
    output.data = { ...output.data, 'image/png': picture.png };
    output.metadata = { ...output.metadata, 'image/png': { alt: [output.data['text/plain'] ?? []].flat().join('') } };
  });
  const problems = [
    ...new Set(pictures.flatMap(picture => ('problem' in picture ? `no SVG and PNG: ${picture.problem}` : []))),
  ];
  return { figures: figures.map(({ id, title }) => ({ id, title })), problems };
}

/**
 * @param {import('./draw.mjs').FigureJson[]} figures @param {AbortSignal} [signal]
 * @returns {Promise<import('./draw.mjs').Picture[]>}
 */
async function drawAll(figures, signal) {
  const browser = findChromium();
  if (!browser || figures.length === 0) return [];
  try {
    return await draw(browser, figures, signal);
  } catch (error) {
    signal?.throwIfAborted();
    return figures.map(() => ({ problem: /** @type {Error} */ (error).message.split('\n')[0] }));
  }
}

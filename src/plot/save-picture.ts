/** A figure as a file of its own, for a paper. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, knownOptions, wholeNumber } from '../base/check';
import { type Figure, drawnOf } from './figure';
import { drawnAs, type Format } from './picture';

/**
 * Writes a figure as an SVG, a PDF or a PNG, as the ending of `file` says; `file` is relative to this notebook, and one
 * of that name is replaced. SVG and PDF have lines and texts, which stay sharp at any size. Texts keep their size
 * in pixels: the narrower the picture, the larger they are beside it. A Chromium or Chrome on this machine draws it;
 * without one, the camera above a figure saves it as SVG.
 * Errors: another ending, no browser, a figure that plotly.js refuses, a file that cannot be written.
 *
 * @example
 * const decay = lines([{ t: 0, risk: 1 }, { t: 1, risk: 0.4 }], { x: 't', y: 'risk' });
 * savePicture(decay, 'decay.pdf', { width: 600 }) // -> undefined
 */
export function savePicture(
  figure: Figure,
  file: string,
  options: {
    /** Pixels, 96 to an inch. Default: 900. */
    width?: number;
    /** Pixels. Default: the height of the figure. */
    height?: number;
  } = {},
): void {
  const where = `savePicture: ${file}`;
  knownOptions(where, options, ['width', 'height']);
  const format = path.extname(file).slice(1).toLowerCase();
  if (!['svg', 'pdf', 'png'].includes(format)) fail(where, 'must end in .svg, .pdf or .png');
  const { width, height } = options;
  for (const [name, pixels] of Object.entries({ width, height }))
    if (pixels !== undefined) wholeNumber(where, name, pixels, 10);
  const drawn = drawnOf(figure);
  if (height) drawn.layout.height = height;
  const picture = drawnAs(where, { figure: drawn, format: format as Format, width });
  try {
    writeFileSync(file, picture);
  } catch (error) {
    fail(where, `cannot write ${path.resolve(file)}: ${(error as Error).message}`);
  }
}

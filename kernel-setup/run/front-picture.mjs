/** The picture at the top of the README: a figure as a committed notebook shows it. */
import path from 'node:path';
import { library } from './library.mjs';
import { findNotebooks, readNotebook } from './notebooks.mjs';
import { writeWhole } from '../shared/files.mjs';
import { Refusal } from '../shared/refusal.mjs';

/** The notebook of which the README shows a figure. */
export const shown = 'barboni2025';
const figure = '01-networks-of-width-m-move-to-the-teacher-along-the';

/** The picture, as a PNG. @param {string} root @returns {Buffer} */
export function frontPicture(root) {
  const [{ file }] = findNotebooks(root, [shown]);
  const figures = library('notebook/stored-results').storedFigures(readNotebook(file));
  const png = figures.find(({ id }) => id === figure)?.output.data?.['image/png'];
  if (!png)
    throw new Refusal(
      `${shown} stores no picture of the figure ${figure}, which the README shows`,
      `its figures are: ${figures.map(({ id }) => id).join(', ')}`,
    );
  return Buffer.from([png].flat().join(''), 'base64');
}

/** Makes the picture anew, from the notebook as it is now. @param {string} root */
export function renewFrontPicture(root) {
  writeWhole(path.join(root, 'notebooks', 'front.png'), frontPicture(root));
}

/** The picture at the top of the README: a figure as a committed notebook shows it. */
import { library } from './library.mjs';
import { findNotebooks, readNotebook } from './notebooks.mjs';
import { Refusal } from '../shared/refusal.mjs';

const [shown, figure] = ['barboni2025', '01-networks-of-width-m-move-to-the-teacher-along-the'];

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

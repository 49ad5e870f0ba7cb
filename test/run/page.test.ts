/** What a page of figures takes. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writePage } from '../../kernel-setup/run/page.mjs';
import { root, scratchFolder } from '../support/notebooks';

const folder = scratchFolder();

/** The size of a page with such a figure. */
function sizeWith(figure: object) {
  const file = path.join(folder, 'index.html');
  writePage(root, file, { title: 'size', summary: '', notebooks: '', figures: [['one', figure]] });
  return statSync(file).size;
}

test('figures are packed: layouts that repeat each other take next to nothing, numbers less than their text', () => {
  const empty = sizeWith({});
  const layouts = Array.from({ length: 1000 }, () => ({ xaxis: { title: { text: 'time t' }, showgrid: true } }));
  expect(sizeWith({ data: [], layouts }) - empty).toBeLessThan(0.02 * JSON.stringify(layouts).length);
  const y = Array.from({ length: 10_000 }, (_, i) => Math.sin(i));
  expect(sizeWith({ data: [{ y }] }) - empty).toBeLessThan(0.7 * JSON.stringify(y).length);
});

/** The report on paper. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { figureBox, writePage } from '../../kernel-setup/run/page.mjs';
import { lines, panels } from '../../src';
import { decay } from '../plot/support';
import { requireChromium, withPage } from '../support/browser';
import { stored } from '../support/drawn';
import { root, scratchFolder } from '../support/notebooks';

test('each figure is on a page as a whole, also one that is higher than the paper', async () => {
  const one = lines(decay(1), { x: 't', y: 'risk', title: 'one' });
  const high = panels([one, one, one, one], { title: 'Four rows', columns: 1 });
  const file = path.join(scratchFolder(), 'index.html');
  const figures = [
    ['low', stored(one)],
    ['high', stored(high)],
  ] as const;
  const notebooks = figures.map(([key]) => figureBox(key, key)).join('');
  writePage(root, file, { title: 'paper', summary: '', notebooks, figures: [...figures] });
  const pdf = await withPage(requireChromium(), async page => {
    await page.goto(`file://${file}`);
    await page.waitForFunction(() => document.body.dataset.drawn === 'all');
    return page.pdf({ format: 'A4' });
  });
  expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)).toHaveLength(2);
});

/**
 * A reader's session with barboni2025: JupyterLab in a real browser with the kernel. Screenshots stay in
 * output/browser.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { findChromium, noChromium } from '../kernel-setup/run/draw.mjs';
import { requireChromium, withPage } from './support/browser';
import { openNotebook, withJupyterLab } from './support/jupyterlab';
import { root } from './support/root';

const pictures = path.join(root, 'output', 'browser');
const patience = { timeout: 90_000 };

interface Cell {
  cell_type: string;
  execution_count?: number | null;
  outputs?: { data?: object }[];
}

/**
 * The notebook without its outputs, so that what is seen was computed here; and where its figures and its last cell
 * are.
 */
function withoutOutputs(file: string) {
  const notebook: { cells: Cell[] } = JSON.parse(readFileSync(file, 'utf8'));
  const { cells } = notebook;
  const figure = cells.findIndex(c => c.outputs?.some(o => 'application/vnd.plotly.v1+json' in (o.data ?? {})));
  for (const cell of cells) if (cell.cell_type === 'code') Object.assign(cell, { outputs: [], execution_count: null });
  return {
    text: JSON.stringify(notebook),
    figure,
    last: cells.length - 1,
    count: cells.filter(c => c.cell_type === 'code').length,
  };
}

/** Runs `work` with a page on a notebook, in a folder from which cells find the library. */
async function inJupyterLab(
  text: string,
  work: (page: Page, picture: (name: string) => Promise<void>) => Promise<void>,
) {
  mkdirSync(pictures, { recursive: true });
  const folder = mkdtempSync(path.join(root, 'output', 'session-'));
  writeFileSync(path.join(folder, 'session.ipynb'), text);
  try {
    await withJupyterLab(folder, url =>
      withPage(
        requireChromium(),
        async page => {
          const picture = async (name: string) =>
            void (await page.screenshot({ path: path.join(pictures, `${name}.png`) }));
          await openNotebook(page, url('session.ipynb'));
          await page.getByText('TypeScript (widenet) | Idle').waitFor(patience);
          try {
            await work(page, picture);
          } finally {
            await picture('last');
          }
        },
        { width: 1280, height: 1100 },
      ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const cell = (page: Page, index: number): Locator =>
  page.locator(`.jp-Notebook .jp-Cell[data-windowed-list-index="${index}"]`);
const output = (page: Page, index: number, hasText: string | RegExp) =>
  cell(page, index).locator('.jp-OutputArea-output', { hasText });

async function runAll(page: Page): Promise<void> {
  await page.locator('.lm-MenuBar-itemLabel', { hasText: /^Run$/ }).click();
  await page.locator('.lm-Menu-itemLabel', { hasText: /^Run All Cells$/ }).click();
}

/** Scrolls until `wanted` is drawn: JupyterLab keeps only the cells near the window in the page. */
async function scrollTo(page: Page, wanted: Locator): Promise<void> {
  const panel = page.locator('.jp-WindowedPanel-outer').first();
  for (let step = 0; step < 200 && !(await wanted.isVisible()); step++) {
    await panel.evaluate((element, top) => {
      element.scrollTop = top;
    }, step * 300);
    await page.waitForTimeout(200);
  }
  await wanted.scrollIntoViewIfNeeded();
}

/** A new cell below the one that is selected. */
async function typeCell(page: Page, code: string): Promise<void> {
  for (const key of ['Escape', 'b', 'Enter']) await page.keyboard.press(key);
  await page.keyboard.insertText(code);
}

beforeEach(context => {
  if (!findChromium() && !process.env.CI) context.skip(noChromium);
});

test('barboni2025: run all, hover a figure, read a traceback, stop a training, complete a name', {
  timeout: 1_200_000,
}, async () => {
  const { text, figure, last, count } = withoutOutputs(path.join(root, 'notebooks', 'barboni2025.ipynb'));
  await inJupyterLab(text, async (page, picture) => {
    await runAll(page);
    const prompt = cell(page, last).locator('.jp-InputPrompt');
    await prompt.filter({ hasText: '[*]' }).waitFor(patience);
    await prompt.filter({ hasNotText: '[*]' }).waitFor({ timeout: 900_000 });
    expect(await prompt.innerText(), 'the last cell did not run: one before it failed').toBe(`[${count}]:`);

    const plot = cell(page, figure).locator('.js-plotly-plot');
    await scrollTo(page, plot.locator('.main-svg').first());
    await picture('figure');
    expect(await plot.locator('.hovertext').count()).toBe(0);
    await plot.locator('.points path').first().hover({ force: true });
    await plot.locator('.hovertext').first().waitFor(patience);
    expect(await plot.locator('.hovertext').first().textContent()).toMatch(/t [\d.]+/);
    await picture('hover');

    await scrollTo(page, cell(page, last).locator('.cm-content'));
    await cell(page, last).locator('.cm-content').click();
    await typeCell(
      page,
      'const riskAt = (M: number, k: number) => {\n  return students[`M = ${M}`][0].rows[k].risk;\n};\n' +
        'riskAt(32, 10_000)',
    );
    await page.keyboard.press('Control+Enter');
    const failed = output(page, last + 1, `cell ${count + 1}, line 2`);
    await failed.waitFor(patience);
    expect(await failed.innerText()).toMatch(
      /^TypeError: Cannot read properties of undefined[^]*riskAt in cell \d+, line 2[^]*> 2 \|\s+return students[^]*at cell \d+, line 4/,
    );
    expect(await failed.locator('.ansi-red-fg').count()).toBeGreaterThan(1);
    await failed.scrollIntoViewIfNeeded();
    await picture('traceback');

    await typeCell(
      page,
      'const long = await train(({ w }: Net) => ({ w: w.mul(0.999999) }), { w: tf.ones([64, 64]) }, {\n' +
        '  steps: 2e9, every: 1000, record: { sum: ({ w }) => w.sum() },\n});',
    );
    await page.keyboard.press('Control+Enter');
    await output(page, last + 2, ' left').waitFor(patience);
    await page.locator('[data-command="notebook:interrupt-kernel"]').first().click();
    await output(page, last + 2, 'Interrupted: the cell was stopped').waitFor(patience);
    await typeCell(page, '[long.status, long.rows.length > 1]');
    await page.keyboard.press('Control+Enter');
    await output(page, last + 3, "[ 'interrupted', true ]").waitFor(patience);
    await picture('stopped');

    await typeCell(page, 'random.');
    await page.keyboard.press('Tab');
    await page.locator('.jp-Completer-item', { hasText: 'uniform' }).waitFor(patience);
    await picture('completion');
  });
});

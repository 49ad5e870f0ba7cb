/** A reader's sessions: JupyterLab in a real browser with the kernel. Screenshots stay in output/browser. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { findChromium, noChromium } from '../kernel-setup/run/draw.mjs';
import { cleared, readNotebook, writeNotebook as saveNotebook } from '../kernel-setup/run/notebooks.mjs';
import { defaults } from '../kernel-setup/run/options.mjs';
import { runAll } from '../kernel-setup/run/run.mjs';
import { requireChromium, withPage } from './support/browser';
import { openNotebook, withJupyterLab } from './support/jupyterlab';
import { scratchFolder, writeNotebook } from './support/notebooks';
import { root } from './support/root';

const pictures = path.join(root, 'output', 'browser');
const patience = { timeout: 600_000 };

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
  work: (page: Page, picture: (name: string) => Promise<void>, file: string) => Promise<void>,
) {
  mkdirSync(pictures, { recursive: true });
  const folder = mkdtempSync(path.join(root, 'output', 'session-'));
  const file = path.join(folder, 'session.ipynb');
  writeFileSync(file, text);
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
            await work(page, picture, file);
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

async function runAllCells(page: Page): Promise<void> {
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

test('barboni2025: run all, hover a figure, read a traceback, stop a training, complete a name', async () => {
  const { text, figure, last, count } = withoutOutputs(path.join(root, 'notebooks', 'barboni2025.ipynb'));
  await inJupyterLab(text, async (page, picture) => {
    await runAllCells(page);
    const prompt = cell(page, last).locator('.jp-InputPrompt');
    await prompt.filter({ hasText: '[*]' }).waitFor(patience);
    await prompt.filter({ hasNotText: '[*]' }).waitFor({ timeout: 3_000_000 });
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

const figures = ['A', 'B', 'C', 'D', 'E', 'F'];
const session = [
  '# A session',
  "import { animation, columns, heatmap, lines, progress } from 'widenet';",
  'const t = Array.from({ length: 400 }, (_, i) => i);\nconst rows = columns({ t, risk: t.map(v => Math.exp(-v / 50)) });',
  "for (const k of progress(t.slice(0, 9), 'steps')) await new Promise(done => setTimeout(done, 100));\nconsole.log('slept');",
  ...figures.map(title => `lines(rows, { x: 't', y: 'risk', title: '${title}' })`),
  "animation([1, 2], [1, 2].map(k => lines(rows, { x: 't', y: 'risk', title: `frame ${k}` })), 'k = ')",
  "heatmap(t.slice(0, 20).map(k => ({ i: k % 5, j: Math.floor(k / 5), z: Math.sin(k) })), { x: 'i', y: 'j', z: 'z' })",
  // false: neither the runner nor JupyterLab with the renderer makes the kernel draw pictures.
  "Symbol.for('widenet.painter') in globalThis",
  "'the end'",
];

/** What a notebook made under plain tslab names. */
const plainTslab = { display_name: 'TypeScript', language: 'typescript', name: 'tslab' };

const isDirty = async (page: Page) => (await page.locator('.lm-DockPanel-tabBar .jp-mod-dirty').count()) > 0;

test('a notebook that the runner saved opens unchanged, and Run All and save in JupyterLab give its very bytes', async () => {
  const folder = scratchFolder();
  const options = { ...defaults(root), output: path.join(folder, 'output'), save: true };
  const { file: ran } = writeNotebook(folder, 'session', session, { kernelspec: plainTslab });
  try {
    const { results } = await runAll(root, [{ name: 'session', file: ran }], options);
    expect(results[0]).toMatchObject({ status: 'done', figures: { length: figures.length + 2 } });
    const saved = readFileSync(ran, 'utf8');
    await inJupyterLab(saved, async (page, _, file) => {
      await page.waitForTimeout(2000);
      expect(await isDirty(page)).toBe(false);
      expect(readFileSync(file, 'utf8')).toBe(saved);

      saveNotebook(file, cleared(readNotebook(ran)));
      await page.reload();
      await page.getByText('TypeScript (widenet) | Idle').waitFor(patience);
      await runAllCells(page);
      const prompt = cell(page, session.length - 1).locator('.jp-InputPrompt');
      await prompt.filter({ hasText: `[${session.length - 1}]:` }).waitFor(patience);
      expect(await isDirty(page)).toBe(true);
      await page.locator('[data-command="docmanager:save"]').first().click();
      await expect.poll(() => isDirty(page), patience).toBe(false);
      expect(readFileSync(file, 'utf8')).toBe(saved);
      await scrollTo(page, output(page, 3, /^steps 9\/9 in \d/));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

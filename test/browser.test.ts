/** A reader's session: JupyterLab in a real browser with the kernel. Screenshots stay in output/browser. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { findChromium, noChromium } from '../kernel-setup/run/draw.mjs';
import { requireChromium, withPage } from './support/browser';
import { openNotebook, withJupyterLab } from './support/jupyterlab';

const root = path.join(__dirname, '..');
const pictures = path.join(root, 'output', 'browser');
const viewport = { width: 1280, height: 1100 };
const patience = { timeout: 90_000 };

const sources = [
  "import { columns, lines, show, tf, train } from 'widenet';",
  "const t = Array.from({ length: 20 }, (_, i) => i);\nlines(columns({ t, risk: t.map(v => Math.exp(-v / 5)) }), { x: 't', y: 'risk', logY: true, title: 'decay' })",
  'tf.linspace(0, 1, 1000)',
  'interface Net { w: number }\nconst norm = (net: Net | undefined) => {\n  return net!.w ** 2;\n};\nnorm(undefined)',
  "let turns = 0;\nconsole.log('computing');\nwhile (true) turns++;",
  'turns > 0',
  '',
];

function notebook(): string {
  const cells = sources.map((source, i) => ({ cell_type: 'code', id: `cell${i}`, metadata: {}, source, execution_count: null, outputs: [] }));
  return JSON.stringify({ cells, metadata: { kernelspec: { name: 'tslab', display_name: 'TypeScript', language: 'typescript' } }, nbformat: 4, nbformat_minor: 5 });
}

/** Runs `work` with a page on a copy of a notebook, in a folder from which cells find the library. */
async function inJupyterLab(file: string, write: (target: string) => void, work: (page: Page, picture: (name: string) => Promise<void>) => Promise<void>) {
  mkdirSync(pictures, { recursive: true });
  const folder = mkdtempSync(path.join(root, 'output', 'session-'));
  write(path.join(folder, file));
  try {
    await withJupyterLab(folder, url => withPage(requireChromium(), async page => {
      const picture = async (name: string) => void await page.screenshot({ path: path.join(pictures, `${name}.png`) });
      await openNotebook(page, url(file));
      await page.getByText('TypeScript (widenet) | Idle').waitFor(patience);
      try {
        await work(page, picture);
      } finally {
        await picture('last');
      }
    }, viewport));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const cell = (page: Page, index: number): Locator => page.locator(`.jp-Notebook .jp-Cell[data-windowed-list-index="${index}"]`);

async function runCell(page: Page, index: number): Promise<void> {
  await cell(page, index).locator('.cm-content').click();
  await page.keyboard.press('Control+Enter');
}

async function runAll(page: Page): Promise<void> {
  await page.locator('.lm-MenuBar-itemLabel', { hasText: /^Run$/ }).click();
  await page.locator('.lm-Menu-itemLabel', { hasText: /^Run All Cells$/ }).click();
}

beforeEach(context => {
  if (!findChromium() && !process.env.CI) context.skip(noChromium);
});

test('run all, hover a figure, read a traceback, stop a cell, complete a name', { timeout: 400_000 }, async () => {
  await inJupyterLab('session.ipynb', target => writeFileSync(target, notebook()), async (page, picture) => {
    await runAll(page);
    const failed = cell(page, 3).locator('.jp-OutputArea-output');
    await failed.filter({ hasText: 'cell 4, line 3' }).waitFor(patience);
    expect(await failed.innerText()).toMatch(/TypeError: Cannot read properties of undefined[^]*norm in cell 4, line 3[^]*> 3 \|\s+return net!\.w \*\* 2;/);
    expect(await failed.locator('.ansi-red-fg').count()).toBeGreaterThan(1);
    await picture('traceback');

    expect(await cell(page, 2).locator('.jp-OutputArea-executeResult').innerText()).toContain('Tensor float32 [1000], min 0, mean 0.5, max 1');
    const plot = cell(page, 1).locator('.js-plotly-plot');
    await plot.locator('.main-svg').first().waitFor(patience);
    await plot.locator('.nsewdrag').first().hover();
    await plot.locator('.hoverlayer .hovertext').first().waitFor(patience);
    await picture('hover');

    for (const index of [4, 5]) expect(await cell(page, index).locator('.jp-InputPrompt').innerText()).not.toContain('*');
    await runCell(page, 4);
    await cell(page, 4).locator('.jp-OutputArea-output', { hasText: 'computing' }).waitFor(patience);
    await page.locator('[data-command="notebook:interrupt-kernel"]').first().click();
    const stopped = cell(page, 4).locator('.jp-OutputArea-output', { hasText: 'Interrupted' });
    await stopped.waitFor(patience);
    await stopped.scrollIntoViewIfNeeded();
    await picture('stopped');
    await runCell(page, 5);
    await cell(page, 5).locator('.jp-OutputArea-executeResult', { hasText: 'true' }).waitFor(patience);

    await cell(page, 6).locator('.cm-content').click();
    await page.keyboard.type('tra');
    await page.keyboard.press('Tab');
    const offered = page.locator('.jp-Completer-item', { hasText: 'train' });
    await offered.first().waitFor(patience);
    await picture('completion');
  });
});

test('the notebook barboni2025 runs and draws its first figure', { timeout: 900_000 }, async () => {
  const name = 'barboni2025.ipynb';
  await inJupyterLab(name, target => copyFileSync(path.join(root, 'notebooks', name), target), async (page, picture) => {
    await runAll(page);
    const drawn = page.locator('.js-plotly-plot .main-svg').first();
    for (let i = 0; i < 1500 && !await drawn.isVisible(); i++) {
      await page.locator('.jp-WindowedPanel-outer').hover();
      await page.mouse.wheel(0, i % 40 === 39 ? -100_000 : 400);
      await page.waitForTimeout(300);
    }
    expect(await drawn.isVisible()).toBe(true);
    await drawn.scrollIntoViewIfNeeded();
    await picture('barboni2025');
  });
});

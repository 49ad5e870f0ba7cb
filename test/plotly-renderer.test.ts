import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { animation, bars, type Figure, heatmap, lines, panels, rays, scatter, violins } from '../src';
import { columns } from '../src/base/rows';
import { inPage } from '../src/plot/page';
import { requireChromium, withPage } from './support/browser';
import { openNotebook, withJupyterLab } from './support/jupyterlab';

const t = Array.from({ length: 20 }, (_, i) => i);
const curve = (rate: number) => columns({ t, risk: t.map(v => Math.exp(-rate * v)) });
const options = { x: 't', y: 'risk', logY: true, theory: { formula: (v: number) => Math.exp(-0.3 * v) } };
const cells = [1, 2, 4].flatMap(m => [8, 16].map(d => ({ m, d, success: Number(m * d > 16), kind: `d = ${d}` })));

/** One figure of every kind. */
const gallery: Record<string, Figure> = {
  lines: lines({ slow: curve(0.1), fast: [{ rows: curve(0.2) }, { rows: curve(0.3) }] }, options),
  scatter: scatter(curve(0.1), options),
  heatmap: heatmap(cells, { x: 'm', y: 'd', z: 'success', logX: true, logY: true, theory: { edge: m => 16 / m } }),
  bars: bars(cells, { x: 'm', y: 'success', by: 'kind', theory: { half: 0.5 } }),
  violins: violins(
    curve(0.1).map(row => ({ ...row, m: 'a' })),
    { x: 'm', y: 'risk' },
  ),
  rays: rays(
    [
      { x: 1, y: 0, mass: 1 },
      { x: 0, y: 0.5, mass: 4 },
    ],
    { x: 'x', y: 'y', area: 'mass' },
  ),
  panels: panels([lines(curve(0.1), options), lines(curve(0.2), options)], { title: 'two' }),
  animation: animation([1, 2], [lines(curve(0.1), options), lines(curve(0.2), options)], 'rate '),
};

/**
 * What viewers without a renderer show, in all but the first and the last figure; JupyterLab must prefer the figure.
 */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const display = (fig: Figure) =>
  (fig as unknown as Record<symbol, () => Record<string, unknown>>)[Symbol.for('Jupyter.display')]();

function notebook(figures: Figure[]): string {
  const cells = figures.map((fig, i) => ({
    cell_type: 'code',
    id: `cell${i}`,
    metadata: {},
    source: `figure ${i}`,
    execution_count: 1,
    outputs: [
      {
        output_type: 'display_data',
        metadata: {},
        data: {
          ...display(fig),
          ...(i > 0 && i < figures.length - 1 && { 'image/png': pixel }),
          ...(i === 1 && { 'text/html': inPage(fig, 'for other frontends', pixel) }),
          ...(i === 2 && { 'text/html': 'by another library' }),
        },
      },
    ],
  }));
  return JSON.stringify({
    cells,
    metadata: { kernelspec: { name: 'tslab', display_name: 'TypeScript', language: 'typescript' } },
    nbformat: 4,
    nbformat_minor: 5,
  });
}

/** What the notebook's file holds of this type, cell by cell. */
const stored = (file: string, type: string): string[] =>
  JSON.parse(readFileSync(file, 'utf8')).cells.map((cell: any) =>
    [cell.outputs[0].data[type] ?? ''].flat().join('').trim(),
  );
const pictures = (file: string) => stored(file, 'image/png');

async function scrollTo(page: Page, index: number) {
  for (let i = 0; i < 600; i++) {
    const plot = page.locator(`.jp-Cell[data-windowed-list-index="${index}"] .js-plotly-plot .main-svg`).first();
    if (await plot.isVisible()) return;
    await page.locator('.jp-WindowedPanel-outer').hover();
    await page.mouse.wheel(0, 250);
    await page.waitForTimeout(100);
  }
  throw new Error(`figure ${index} was not drawn`);
}

test('JupyterLab draws every kind of figure of a notebook it does not trust, without network, and saves a picture where there was none, in sight or not', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'widenet-figures-'));
  const file = path.join(folder, 'figures.ipynb');
  const given = notebook(Object.values(gallery));
  writeFileSync(file, given);
  try {
    await withJupyterLab(folder, url =>
      withPage(
        requireChromium(),
        async page => {
          const outside: string[] = [];
          page.on('request', request => {
            if (!/^(http:\/\/127\.0\.0\.1|data:|blob:)/.test(request.url())) outside.push(request.url());
          });
          const errors = await openNotebook(page, url('figures.ipynb'));
          await page.waitForTimeout(2000);
          expect(readFileSync(file, 'utf8'), 'opening a notebook changes nothing').toBe(given);
          await page.locator('[data-command="docmanager:save"]').first().click();
          await expect.poll(() => pictures(file).at(-1), { timeout: 600_000, interval: 500 }).toMatch(/^iVBOR.{5000}/);
          expect(pictures(file)[0]).toMatch(/^iVBOR.{5000}/);
          expect(new Set(pictures(file).slice(1, -1))).toEqual(new Set([pixel]));
          expect(stored(file, 'text/html').filter(Boolean), 'our own HTML is not stored').toEqual([
            'by another library',
          ]);

          for (const index of Object.keys(gallery).keys()) await scrollTo(page, index);
          await page.mouse.wheel(0, -100_000);
          await scrollTo(page, 0);
          const first = page.locator('.js-plotly-plot').first();

          await first.locator('.nsewdrag').first().hover();
          await first.locator('.hoverlayer .hovertext').first().waitFor();

          const widthOf = async () => (await first.locator('.main-svg').first().boundingBox())!.width;
          const wide = await widthOf();
          await page.setViewportSize({ width: 800, height: 700 });
          await expect.poll(widthOf).toBeLessThan(wide - 100);
          const beyond = async () => (await widthOf()) - (await first.boundingBox())!.width;
          await expect.poll(beyond).toBeLessThanOrEqual(0);

          const [download] = await Promise.all([
            page.waitForEvent('download'),
            first.locator('.modebar-btn').first().click({ force: true }),
          ]);
          expect(download.suggestedFilename()).toBe('risk-against-time-t.svg');
          expect(readFileSync((await download.path())!, 'utf8')).toMatch(/^<svg [^]*<\/svg>\s*$/);

          expect(outside).toEqual([]);
          expect(errors.filter(e => /plotly|widenet/i.test(e))).toEqual([]);
        },
        { width: 1280, height: 900 },
      ),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

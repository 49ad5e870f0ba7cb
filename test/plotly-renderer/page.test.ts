/** Figures as HTML that draws itself, in pages that have no renderer for them. Screenshots stay in output/browser. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { jupyterEnvironment, venvPython } from '../../kernel-setup/shared/jupyter.mjs';
import { inPage } from '../../src/plot/page';
import { requireChromium, withPage } from '../support/browser';
import { scratchFolder, writeNotebook } from '../support/notebooks';
import { root } from '../support/root';

const folder = scratchFolder();
const pictures = path.join(root, 'output', 'browser');
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const carrier = Symbol.for('widenet.carrier');

afterEach(() => {
  delete (globalThis as Record<symbol, unknown>)[carrier];
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a page without network. What its scripts fail with, and what it asks the network for, is collected. */
async function offline(
  html: string,
  work: (page: Page, errors: string[], asked: string[]) => Promise<void>,
  before = '',
) {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'page.html');
  writeFileSync(file, html);
  await withPage(requireChromium(), async page => {
    const [errors, asked]: [string[], string[]] = [[], []];
    page.on('pageerror', error => errors.push(error.message));
    page.on('request', request => {
      if (!/^(file|data|blob):/.test(request.url())) asked.push(request.url());
    });
    await page.context().setOffline(true);
    await page.addInitScript(before);
    await page.goto(pathToFileURL(file).href);
    await work(page, errors, asked);
  });
}

const drawn = (page: Page, title: string) =>
  page.locator('[data-widenet-figure]', { has: page.locator('.gtitle', { hasText: title }) });
const figure = (title: string, frames?: object[]) => ({
  data: [{ type: 'scatter', x: [0, 1], y: [0, 1] }],
  layout: { title: { text: title }, height: 300 },
  ...(frames && { frames }),
});

test('figures draw themselves in any order, an output that is shown twice too, and leave the page as it is', async () => {
  const [first, second] = [
    inPage(figure('first'), 'First', pixel),
    inPage(figure('</script><b>second'), 'S', undefined),
  ];
  expect(second.length).toBeLessThan(20_000);
  const before =
    "window.define = Object.assign(() => { throw new Error('define'); }, { amd: {} }); window.Plotly = 'other';";
  await offline(
    `<!doctype html>${second}<div id="twice" style="display: none">${second}</div>${first}${first}`,
    async (page, errors, asked) => {
      await expect.poll(() => drawn(page, 'first').count()).toBe(2);
      await expect.poll(() => drawn(page, 'second').count()).toBe(1);
      await expect.poll(() => page.locator('[data-widenet-figure] > img, pre').count()).toBe(0);
      await page.locator('#twice').evaluate(element => {
        element.style.display = 'block';
      });
      await expect.poll(() => drawn(page, 'second').count()).toBe(2);
      expect(await page.evaluate('[window.Plotly, typeof window.widenetPlotly]')).toEqual(['other', 'undefined']);
      expect([errors, asked]).toEqual([[], []]);
    },
    before,
  );
});

test('where no script runs, and where plotly.js is missing or refuses, the picture or the text stays', async () => {
  const [first, second, third] = [
    inPage(figure('first'), 'First', pixel),
    inPage(figure('second'), 'Figure: <second>', undefined),
    inPage({ data: [null] }, 'Third', pixel),
  ];
  const withoutScript = (html: string) => html.replace(/<script>[^]*<\/script>/, '');
  await offline(withoutScript(first) + second, async page => {
    await page.waitForTimeout(500);
    expect(await page.locator('img').count()).toBe(1);
    expect(await page.locator('pre').innerText()).toMatch(/^Figure: <second>\nDrawn where scripts run: trust/);
  });
  await offline(first + third, async page => {
    await page.getByText('This figure cannot be drawn: ').waitFor();
    await expect.poll(() => drawn(page, 'first').count()).toBe(1);
    await expect.poll(() => page.locator('img').count()).toBe(1);
  });
});

const cells = [
  '# A notebook',
  "import { animation, columns, heatmap, lines, panels, show } from 'widenet';\n" +
    'const t = [0, 1, 2, 3];\nconst at = (k: number) => columns({ t, risk: t.map(v => Math.exp(-v * k)) });\n' +
    "const risk = (k: number) => lines(at(k), { x: 't', y: 'risk', title: `k = ${k}` });",
  'show(risk(1));\nrisk(2)',
  'animation([3, 4], [3, 4].map(risk), "k = ")',
  "panels([risk(5), heatmap([{ i: 0, j: 0, z: 1 }, { i: 1, j: 0, z: 2 }, { i: 0, j: 1, z: 3 }, { i: 1, j: 1, z: 4 }], { x: 'i', y: 'j', z: 'z' })], { title: 'two' })",
];

test('nbconvert executes a notebook to a page that draws every figure without network', async () => {
  mkdirSync(folder, { recursive: true });
  const { file } = writeNotebook(folder, 'notebook', cells);
  const command = ['-m', 'nbconvert', '--execute', '--to', 'html', '--output', 'page.html', file];
  const { status, stderr } = spawnSync(venvPython(root), command, { env: jupyterEnvironment(root), encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const html = readFileSync(path.join(folder, 'page.html'), 'utf8');
  await offline(html, async (page, errors) => {
    for (const title of ['k = 1', 'k = 2', 'two']) await drawn(page, title).first().waitFor();
    const moving = drawn(page, 'k = 3');
    await moving.scrollIntoViewIfNeeded();
    await page.screenshot({ path: path.join(pictures, 'exported.png'), fullPage: true });
    await expect.poll(() => page.locator('[data-widenet-figure] img').count()).toBe(0);
    const rail = moving.locator('.slider-rail-touch-rect');
    await rail.click({ position: { x: (await rail.boundingBox())!.width - 2, y: 4 } });
    await drawn(page, 'k = 4').waitFor();
    const plot = drawn(page, 'k = 1').locator('.nsewdrag').first();
    await plot.hover({ position: { x: 5, y: 5 } });
    await drawn(page, 'k = 1').locator('.hovertext').first().waitFor();
    expect(errors).toEqual([]);
  });
});

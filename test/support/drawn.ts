/** Figures as a page draws them, to be measured. Screenshots stay in output/browser. */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { scriptOf } from '../../kernel-setup/plotly-renderer/script.cjs';
import type { Figure } from '../../src';
import { plotlyMime } from '../../src/notebook/stored-results';
import { requireChromium, withPage } from './browser';
import { root } from './root';

const plotly = createRequire(__filename).resolve('plotly.js-dist');

/** What a notebook stores of a figure for its renderer. */
export const stored = (figure: Figure): any => (figure as any)[Symbol.for('Jupyter.display')]()[plotlyMime];

/** Draws figures below each other, as JupyterLab and the report do, and measures them; `width` is that of the page. */
export const inPageOf = (
  figures: readonly any[],
  work: (page: Page, picture: (name: string) => Promise<void>) => Promise<void>,
  width = 960,
) =>
  withPage(
    requireChromium(),
    async page => {
      await page.setContent('<!doctype html><body style="margin: 0"></body>');
      await page.addScriptTag({ path: plotly });
      await page.addScriptTag({
        content: `(() => {${scriptOf('drawing.mjs')}
          window.draw = async figures => {
            for (const figure of figures) {
              const node = document.createElement('div');
              document.body.append(node);
              const failed = error => node.append(String(error));
              await createDrawing(node, async () => Plotly, failed).show(figure);
            }
          };
        })();`,
      });
      await page.evaluate(all => (window as any).draw(all), figures as any[]);
      const folder = path.join(root, 'output', 'browser');
      mkdirSync(folder, { recursive: true });
      await work(
        page,
        async name => void (await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true })),
      );
    },
    { width, height: 800 },
  );

/** The boxes of what a selector finds in the page, in pixels. */
export const boxes = (page: Page, selector: string) =>
  page.locator(selector).evaluateAll(all =>
    all.map(element => {
      const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
      return { left, right, top, bottom, width, height, text: element.textContent ?? '' };
    }),
  );

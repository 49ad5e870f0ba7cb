/** Long titles, captions and legends, measured where they are drawn. */
import { expect, test } from 'vitest';
import { draw } from '../../kernel-setup/run/draw.mjs';
import { animation, type Figure, figure, heatmap, lines, panels } from '../../src';
import { decay } from '../plot/support';
import { requireChromium } from '../support/browser';
import { boxes, inPageOf, stored } from '../support/drawn';

const long =
  'The excess risk of a two-layer network in the mean-field scaling under noisy gradient descent with a penalty, at ' +
  'every width M from 16 to 4096, beside the limit of infinite width';
const options = { x: 't', y: 'risk', logY: true };
const named = (names: string[]) => Object.fromEntries(names.map((name, i) => [name, decay(0.1 * (i + 1))]));
const eight = named(
  Array.from({ length: 8 }, (_, i) => `a long name of the method number ${i}, with penalty λ = 0.${i}`),
);
const thirty = named(Array.from({ length: 30 }, (_, i) => `m = ${i}`));

const cases: Record<string, { figure: Figure; names: number }> = {
  'a long title and caption': {
    figure: lines(named(['a', 'b']), { ...options, title: long, caption: long }),
    names: 2,
  },
  'eight long names': { figure: lines(eight, { ...options, title: 'Eight' }), names: 8 },
  'thirty names': { figure: lines(thirty, { ...options, title: 'Thirty' }), names: 30 },
  'a name longer than the figure': { figure: lines(named([long + long, 'b']), { ...options, title: 'One' }), names: 2 },
  'a long label': {
    figure: lines(named(['a', 'b']), { ...options, title: 'Label', yLabel: long, xLabel: long }),
    names: 2,
  },
  'an animation of eight long names': {
    figure: animation([1, 2], [lines(eight, { ...options, title: long }), lines(eight, options)], 't = '),
    names: 8,
  },
};

test.each([
  [960, 'wide'],
  [600, 'narrow'],
  [390, 'phone'],
])('at %i pixels every text is inside its figure, and the axes keep their height', async (width, name) => {
  const all = Object.entries(cases);
  await inPageOf(
    all.map(([, { figure }]) => stored(figure)),
    async (page, picture) => {
      await picture(`fit-${name}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      for (const [i, [what, { names }]] of all.entries()) {
        const at = `body > div:nth-of-type(${i + 1})`;
        const [figure] = await boxes(page, at);
        const [axes] = await boxes(page, `${at} .nsewdrag`);
        const legend = await boxes(page, `${at} .legendtext`);
        const texts = await boxes(page, `${at} text:is(.gtitle, .xtitle, .ytitle, .legendtext)`);
        expect(legend, what).toHaveLength(names);
        expect(axes.height, what).toBeGreaterThan(260);
        for (const text of texts) {
          expect(text.left, `${what}: ${text.text}`).toBeGreaterThanOrEqual(figure.left);
          expect(text.right, `${what}: ${text.text}`).toBeLessThanOrEqual(figure.right);
          expect(text.top, `${what}: ${text.text}`).toBeGreaterThanOrEqual(figure.top);
          expect(text.bottom, `${what}: ${text.text}`).toBeLessThanOrEqual(figure.bottom);
          const isAbove = text.bottom <= axes.top + 1 || text.top >= axes.bottom - 1;
          expect(isAbove || text.right <= axes.left + 1 || text.left >= axes.right - 1, `${what}: ${text.text}`).toBe(
            true,
          );
        }
        for (const button of await boxes(page, `${at} .updatemenu-button`))
          for (const rail of await boxes(page, `${at} .slider-rail-rect`))
            expect(button.right <= rail.left || button.bottom <= rail.top, what).toBe(true);
        const [clip] = await boxes(page, `${at} .legend .bg`);
        for (const text of legend) expect(text.bottom, `${what}: ${text.text}`).toBeLessThanOrEqual(clip.bottom + 1);
      }
    },
    width,
  );
});

test('panels scroll in their place on a phone, and their titles wrap', async () => {
  const one = (title: string) => lines(named(['a', 'b']), { ...options, title });
  const figure = panels([one(long), one('b'), one('c')], { title: 'Three' });
  await inPageOf(
    [stored(figure)],
    async (page, picture) => {
      await picture('fit-panels');
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      for (const axes of await boxes(page, '.nsewdrag')) expect(axes.width).toBeGreaterThan(150);
      const [title, next] = await boxes(page, '.annotation-text');
      expect(title.right).toBeLessThan(next.left);
      const [whole] = await boxes(page, '.gtitle');
      expect(whole.bottom).toBeLessThanOrEqual(title.top);
      expect(whole.top).toBeGreaterThan(0);
    },
    390,
  );
});

test('three panels of curves fit in 768 pixels; maps, whose colour bars would meet the next axis, scroll', async () => {
  const curves = lines(named(['a', 'b']), { ...options, title: 'a' });
  const cells = [1, 2].flatMap(d => [1, 2].map(m => ({ d, m, risk: d / m })));
  const map = heatmap(cells, { x: 'd', y: 'm', z: 'risk', title: 'a' });
  const figures = [curves, map].map(one => stored(panels([one, one, one], { title: 'Three' })));
  await inPageOf(
    figures,
    async page => {
      const widths = await page.locator('body > div').evaluateAll(all => all.map(node => node.scrollWidth));
      expect(widths).toEqual([768, 900]);
      const [first, second] = await boxes(page, '.nsewdrag');
      const label = (await boxes(page, '.y2title'))[0];
      expect(label.left).toBeGreaterThan(first.right);
      expect(label.right).toBeLessThan(second.left);
    },
    768,
  );
});

test('titles of panels end within the figure, also of the last one in a row', async () => {
  const one = (title: string) => lines(named(['a', 'b']), { ...options, title });
  await inPageOf([stored(panels([one('a'), one('b '.repeat(200).trim())], { title: 'Two' }))], async page => {
    const [figure] = await boxes(page, 'body > div');
    const [, last] = await boxes(page, '.annotation-text');
    expect(last.right).toBeLessThanOrEqual(figure.right - 4);
  });
});

test('titles of panels in a row begin at one height, whatever their captions take', async () => {
  const one = (title: string, caption?: string) => lines(decay(1), { ...options, title, caption });
  const figure = panels([one('a'), one('b', 'n = 3'), one('c', 'n = 3, '.repeat(20)), one('d')], { title: 'Four' });
  await inPageOf([stored(figure)], async (page, picture) => {
    await picture('fit-heights');
    const tops = (await boxes(page, '.annotation-text tspan.line:first-child')).map(({ top }) => Math.round(top));
    const [whole] = await boxes(page, '.gtitle');
    const axes = await boxes(page, '.nsewdrag');
    const titles = await boxes(page, '.annotation-text');
    expect(tops, 'of titles with lines below').toEqual([tops[0], tops[0], tops[0]]);
    expect(tops[0]).toBeGreaterThanOrEqual(Math.round(whole.bottom));
    for (const [i, title] of titles.entries()) expect(title.bottom).toBeLessThanOrEqual(axes[i].top + 1);
    expect(axes[3].top - titles[3].bottom, 'alone in its row').toBeLessThan(8);
  });
});

test('a change of the width alone keeps what the reader has zoomed into', async () => {
  await inPageOf([stored(cases['a long title and caption'].figure)], async page => {
    const shown = () => page.evaluate(() => (document.querySelector('.js-plotly-plot') as any)._fullLayout.xaxis.range);
    const [{ left, top, width, height }] = await boxes(page, '.nsewdrag');
    await page.mouse.move(left + 0.25 * width, top + 0.3 * height);
    await page.mouse.down();
    await page.mouse.move(left + 0.5 * width, top + 0.7 * height, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => (await shown())[0]).toBeGreaterThan(0.8);
    const zoomed = await shown();
    await page.setViewportSize({ width: 500, height: 800 });
    await expect.poll(async () => (await boxes(page, '.main-svg'))[0].width).toBe(500);
    expect(await shown()).toEqual(zoomed);
  });
});

test('the picture is as high as its texts need', async () => {
  const heights = (
    await draw(
      requireChromium(),
      [cases['eight long names'], cases['thirty names']].map(c => stored(c.figure)),
    )
  ).map(picture =>
    'problem' in picture ? expect.unreachable(picture.problem) : Buffer.from(picture.png, 'base64').readUInt32BE(20),
  );
  expect(heights[0]).toBeGreaterThan(420 + 8 * 17);
  expect(heights[1]).toBeGreaterThan(420 + 4 * 17);
});

test('Plotly data whose layout names no margins have those of the house', async () => {
  const plain = figure([{ x: [1, 2], y: [1, 2] }], { title: { text: 'Plain' } });
  await inPageOf([stored(plain)], async page => {
    const [title] = await boxes(page, '.gtitle');
    const [axes] = await boxes(page, '.nsewdrag');
    expect([Math.round(axes.top), Math.round(axes.height)]).toEqual([46, 420 - 46 - 55]);
    expect(title.top).toBeGreaterThanOrEqual(0);
  });
});

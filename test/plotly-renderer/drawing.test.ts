/** Animations as they play, WebGL's contexts, and names for readers who do not see the figure. */
import { expect, test } from 'vitest';
import { animation, lines, scatter } from '../../src';
import { decay } from '../plot/support';
import { boxes, inPageOf, stored } from '../support/drawn';

const options = { x: 't', y: 'risk' };
const at = (rate: number) => lines(decay(rate), { ...options, title: 'Moving' });

test('an animation opens at its start, plays to its end, and plays again', async () => {
  const times = [0.1, 0.1 + 0.2, 0.7];
  const figure = animation(times, times.map(at), 't = ', { seconds: 0.6 });
  await inPageOf([stored(figure)], async (page, picture) => {
    const label = () => page.locator('.slider-label').first().textContent();
    const seen: string[] = [];
    await page.exposeFunction('seen', (name: string) => seen.push(name));
    await page.evaluate(() => {
      const plot = document.querySelector('.js-plotly-plot') as any;
      plot.on('plotly_animatingframe', ({ name }: { name: string }) => (window as any).seen(name));
    });
    expect(await label()).toBe('t = 0.1');
    const last = () => page.evaluate(() => (document.querySelector('.js-plotly-plot') as any)._fullData[0].y[4]);
    expect(await last()).toBeCloseTo(Math.exp(-0.4), 5);
    const [play, slow, stop] = await page.locator('.updatemenu-button').all();
    expect(await Promise.all([play, slow, stop].map(button => button.textContent()))).toEqual(['▶', '▶ ¼', '❚❚']);
    await play.click();
    await expect.poll(label).toBe('t = 0.7');
    expect(await last()).toBeCloseTo(Math.exp(-2.8), 5);
    await picture('animation');
    for (const button of [play, slow]) {
      seen.length = 0;
      await button.click();
      await expect.poll(() => seen).toEqual(['0.1', '0.3', '0.7']);
    }
  });
});

test('a log axis that is zoomed has ticks of its own, and its list again when all is shown', async () => {
  const figure = lines(decay(1, 12), { ...options, logY: true, yRange: [1e-5, 1] });
  await inPageOf([stored(figure)], async page => {
    const ticks = async () => (await boxes(page, '.ytick text')).map(({ text }) => text);
    const whole = await ticks();
    expect(whole).toHaveLength(6);
    const [{ left, top, width, height }] = await boxes(page, '.nsewdrag');
    await page.mouse.move(left + 0.2 * width, top + 0.43 * height);
    await page.mouse.down();
    await page.mouse.move(left + 0.7 * width, top + 0.57 * height, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => (await ticks()).length).toBeGreaterThan(3);
    expect((await ticks()).every(text => text !== '')).toBe(true);
    expect(await ticks()).not.toEqual(whole);
    await page.waitForTimeout(1000); // Plotly would count a click within 0.3 s of the drag with it
    await page.mouse.dblclick(left + 0.5 * width, top + 0.5 * height);
    await expect.poll(ticks).toEqual(whole);
  });
});

const cloud = Array.from({ length: 10_001 }, (_, i) => ({ x: Math.sin(i), y: Math.cos(i * i) }));
const surface = (i: number) => ({
  data: [
    {
      type: 'surface',
      z: [
        [1, 2 + i],
        [3, 4],
      ],
      showscale: false,
    },
  ],
  layout: { title: { text: `Surface ${i}` }, height: 200 },
});

test('more figures than WebGL has contexts for are all seen, as pictures until the pointer comes', async () => {
  const dots = stored(scatter(cloud, { x: 'x', y: 'y', title: 'Dots' }));
  expect(dots.data[0].type).toBe('scattergl');
  const figures = [dots, dots, ...Array.from({ length: 18 }, (_, i) => surface(i))];
  await inPageOf(figures, async (page, picture) => {
    const lost = () =>
      page
        .locator('canvas')
        .evaluateAll(
          all => all.filter(canvas => (canvas as HTMLCanvasElement).getContext('webgl')?.isContextLost()).length,
        );
    const pictures = page.locator('img[data-still]');
    expect(await page.locator('.js-plotly-plot canvas').count()).toBeLessThanOrEqual(9);
    expect(await pictures.count()).toBe(20 - 9);
    expect(await lost()).toBe(0);
    expect(await pictures.first().getAttribute('alt')).toBe('Dots');
    for (const still of await pictures.all()) {
      const colors = await still.evaluate(async (image: HTMLImageElement) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 200, height: 100 });
        const context = canvas.getContext('2d')!;
        await image.decode();
        context.drawImage(image, 0, 0, 200, 100);
        const { data } = context.getImageData(0, 0, 200, 100);
        return new Set(Array.from({ length: 20_000 }, (_, i) => data.slice(4 * i, 4 * i + 3).join())).size;
      });
      expect(colors, 'a blank picture has one').toBeGreaterThan(20);
    }
    await picture('contexts');
    await pictures.first().hover();
    await expect.poll(() => page.locator('body > div').first().locator('canvas').count()).toBe(3);
    await expect.poll(() => pictures.count()).toBe(20 - 7);
    expect(await lost()).toBe(0);
  });
});

test('every figure has a role and a name', async () => {
  const named = lines(decay(1), { ...options, title: 'For m < n & λ<sub>1</sub>', caption: 'n = 3' });
  await inPageOf([stored(named), { data: [{ y: [1, 2] }] }], async page => {
    const figures = await page.getByRole('figure').all();
    expect(await Promise.all(figures.map(figure => figure.getAttribute('aria-label')))).toEqual([
      'For m < n & λ1; n = 3',
      'figure without a title',
    ]);
    const [title] = await boxes(page, '.gtitle');
    expect(title.text.replaceAll('\u200b', '')).toBe('For m < n & λ1n = 3');
  });
});

import { expect, test } from 'vitest';
import { draw } from '../../kernel-setup/run/draw.mjs';
import { plotlyMime } from '../../src/notebook/stored-results';
import { figure } from '../../src/plot/figure';
import { images } from '../../src/plot/images';
import { lines } from '../../src/plot/lines';
import { ndarray } from '../../src/base/ndarray';
import { requireChromium } from '../support/browser';
import { decay, display } from './support';

const shown = (fig: object) => display(fig)[plotlyMime];

test('a figure of Plotly data is displayed in the house style, unless it names another', () => {
  const layout = { title: { text: 'raw' }, xaxis: { showgrid: false } };
  const fig = figure([{ y: [1, 2] }], layout);
  expect(shown(fig).layout).toMatchObject(layout);
  expect(shown(fig).layout.template.layout.colorway[0]).toBe('#0072B2');
  expect(fig.layout).toBe(layout);
  expect(shown(figure([{ y: [1, 2] }], { template: 'none' })).layout.template).toBe('none');
  expect(shown(lines(decay(1), { x: 't', y: 'risk' })).layout.template).toBe('none');
});

test('as drawn: the colours, the frame and the font of the library; bands as areas; images as pixels', async () => {
  const y = [3, 1, 2];
  const raw = figure(
    [
      { y, name: 'first' },
      { y: [1, 2, 3], name: 'second' },
    ],
    { title: { text: 'raw' } },
  );
  const runs = [1, 2, 3].map(rate => ({ rows: decay(rate) }));
  const bands = lines({ a: runs }, { x: 't', y: 'risk', logY: true, bands: true });
  const colored = images(ndarray([1, 0, 0], [1, 1, 3]), { title: 'red' });
  const pictures = await draw(requireChromium(), [raw, bands, colored].map(shown));
  const [rawSvg, bandsSvg, coloredSvg] = pictures.map(p => ('problem' in p ? expect.unreachable(p.problem) : p.svg));
  for (const color of ['rgb(0, 114, 178)', 'rgb(213, 94, 0)']) expect(rawSvg).toContain(`stroke: ${color}`);
  expect(rawSvg).toMatch(/font-family: system-ui/);
  expect(rawSvg).toMatch(/stroke: rgb\(230, 230, 230\)/);
  expect(bandsSvg).toMatch(/class="js-fill"[^>]*fill: rgb\(0, 114, 178\); fill-opacity: 0\.2/);
  expect(coloredSvg).toMatch(/<image [^>]*href="data:image\/png;base64,/);
});

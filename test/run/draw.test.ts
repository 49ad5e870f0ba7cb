import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { draw, findChromium, noChromium } from '../../kernel-setup/run/draw.mjs';
import { compact } from '../../src/notebook/packed';
import { requireChromium } from '../support/browser';

/** The pictures, of figures that plotly.js draws. */
const drawn = async (...args: Parameters<typeof draw>) =>
  (await draw(...args)).map(picture => ('problem' in picture ? expect.unreachable(picture.problem) : picture));

const trace = { type: 'scatter', mode: 'lines', x: [0, 1], y: [0, 1] };

test('figures become an SVG with their texts and a PNG of their height', async () => {
  const [first, second] = await drawn(requireChromium(), [
    { data: [trace], layout: { title: { text: 'A title' }, height: 300 } },
    {
      data: [trace],
      layout: { height: 500, title: { text: 'first' } },
      frames: [
        { name: '1', data: [trace], layout: { title: { text: 'first' } } },
        { name: '2', data: [trace], layout: { title: { text: 'last' } } },
      ],
    },
  ]);
  expect(first.svg).toMatch(/^<svg .*>A title</s);
  expect(second.svg).toContain('>last<');
  expect(second.svg).toContain('>2, the last of 2 frames<');
  expect(second.svg).toMatch(/^<svg [^>]* role="img" aria-label="last; 2, the last of 2 frames"><title>/);
  const sizes = [first, second]
    .map(({ png }) => Buffer.from(png, 'base64'))
    .map(png => [png.readUInt32BE(16), png.readUInt32BE(20)]);
  expect(sizes).toEqual([
    [900, 300],
    [900, 520],
  ]);
});

test('a picture shows no buttons and no sliders, of figures without frames too', async () => {
  const controls = {
    updatemenus: [{ type: 'buttons', buttons: [{ label: 'a button', method: 'relayout', args: [{}] }] }],
    sliders: [{ currentvalue: { prefix: 'a slider' }, steps: [{ label: 'one', method: 'skip', args: [] }] }],
  };
  const [{ svg }] = await drawn(requireChromium(), [
    { data: [trace], layout: { title: { text: 'shown' }, ...controls } },
  ]);
  expect(svg).toContain('shown');
  expect(svg).not.toMatch(/a button|a slider/);
});

test('the same figure gives the same picture', async () => {
  const figure = { data: [trace], layout: { height: 300 } };
  const [a, b] = await drawn(requireChromium(), [figure, figure]);
  expect(a.png).toBe(b.png);
});

test('packed arrays give the same picture as lists, with gaps, maps, bars and lists of three axes', async () => {
  const count = Array.from({ length: 20 }, (_, i) => i);
  const gaps = count.map(i => (i % 7 === 3 ? null : Math.fround(Math.sin(i))));
  const z = count.map(i => count.map(j => (i === j ? null : Math.fround(Math.cos(i * j)))));
  const customdata = z.map(line => line.map(v => [v ?? 0, 1]));
  const data = [
    { type: 'scatter', mode: 'lines+markers', x: count, y: gaps, marker: { size: count, color: gaps } },
    { type: 'bar', x: count, y: gaps, error_y: { array: count } },
    { type: 'heatmap', z, customdata, texttemplate: '%{z:.1f} %{customdata[1]}' },
    { type: 'violin', y: gaps, points: 'all' },
  ];
  expect(compact(data[2])).toMatchObject({ z: { shape: '20, 20' }, customdata: { shape: '20, 20, 2' } });
  const figures = data.flatMap(trace => [trace, compact(trace)]).map(trace => ({ data: [trace], layout: {} }));
  const pngs = (await drawn(requireChromium(), figures)).map(picture => picture.png);
  for (const i of data.keys()) expect(pngs[2 * i], data[i].type).toBe(pngs[2 * i + 1]);
  expect(new Set(pngs).size).toBe(data.length);
});

test('a figure that plotly.js refuses, or that has no layout, blanks no other', async () => {
  const figure = { data: [trace], layout: { height: 300 } };
  const [a, broken, bare, tall, b] = await draw(requireChromium(), [
    figure,
    { data: [null] },
    { data: [trace] },
    { data: [trace], layout: { height: 1e9 } },
    figure,
  ]);
  expect(broken).toEqual({ problem: expect.stringMatching(/^figure 2: plotly\.js: /) });
  const height = (picture: typeof a) =>
    'problem' in picture ? picture.problem : Buffer.from(picture.png, 'base64').readUInt32BE(20);
  expect([a, bare, tall, b].map(height)).toEqual([300, 420, 420, 300]);
});

test('a browser that hangs as it starts is ended when the run is told to stop', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'widenet-hangs-'));
  const browser = path.join(folder, 'browser');
  writeFileSync(browser, '#!/bin/sh\ntouch "$0.begun"\nwhile :; do sleep 0.1; done\n', { mode: 0o755 });
  try {
    const controller = new AbortController();
    const pictures = draw(browser, [{ data: [trace] }], controller.signal).catch(error => error);
    while (!existsSync(`${browser}.begun`)) await new Promise(resolve => setTimeout(resolve, 20));
    controller.abort();
    expect((await pictures).name).toBe('AbortError');
    const running = spawnSync('pgrep', ['-f', `${browser} `]);
    expect([running.status, String(running.stdout)]).toEqual([1, '']);
    expect((await draw(browser, [], AbortSignal.abort()).catch(error => error)).name).toBe('AbortError');
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 20_000);

test('a browser may be named, and without any the message says how to get one', () => {
  const before = { ...process.env };
  process.env.WIDENET_CHROMIUM = '/some/browser';
  expect(findChromium()).toBe('/some/browser');
  delete process.env.WIDENET_CHROMIUM;
  process.env.PATH = '/nowhere';
  if (process.platform === 'linux') expect(findChromium()).toBeUndefined();
  Object.assign(process.env, before);
  expect(noChromium).toMatch(/sudo apt install chromium.*WIDENET_CHROMIUM/);
});

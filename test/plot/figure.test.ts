import { expect, test } from 'vitest';
import { figure } from '../../src/plot/figure';
import { thinned } from '../../src/plot/thinning';
import { plotlyMime } from '../../src/notebook/stored-results';
import { display } from './support';

test('what is displayed is rounded, what the user holds is not', () => {
  const fig = figure([{ y: [Math.PI, 123456789, NaN, Infinity], z: [[Math.E]] }], {
    title: { text: 'A <b>title</b><br>caption' },
  });
  expect(display(fig)[plotlyMime].data).toEqual([{ y: [3.14159, 123456789, null, null], z: [[2.71828]] }]);
  expect(fig.data[0].y[0]).toBe(Math.PI);
  expect(Object.keys(fig)).toEqual(['data', 'layout']);
});

test('frames hold only what changes, packed where it is long', () => {
  const trace = (y: number) => ({ x: Array(9).fill(0), y: Array(9).fill(y), name: 'a', mode: 'lines' });
  const frames = [1, 2].map(y => ({ name: String(y), data: [trace(y)], layout: { title: { text: `y = ${y}` } } }));
  const shown = display(figure([trace(2)], { title: { text: 'a' } }, frames))[plotlyMime];
  expect(shown.frames[0]).toEqual({
    name: '1',
    data: [{ y: { dtype: 'i1', bdata: 'AQEBAQEBAQEB' } }],
    layout: { title: { text: 'y = 1' } },
  });
  expect(frames[0].data[0].name).toBe('a');
});

test('amendments show', () => {
  const fig = figure([], { title: { text: 'a' } });
  fig.layout.title.text = 'b';
  fig.data.push({ x: [1], y: [2], name: 'added' });
  expect(display(fig)[plotlyMime]).toMatchObject({ layout: { title: { text: 'b' } }, data: [{ name: 'added' }] });
  expect(display(fig)['text/plain']).toBe('Figure: b\n  added: 1 points, last (1, 2)');
});

test.each([
  ['linear', (i: number) => i],
  ['log', (i: number) => 1.001 ** i],
])('a long line on a %s axis keeps its ends and its extremes, in order', (type, place) => {
  const count = 50_000;
  const x = Array.from({ length: count }, (_, i) => place(i));
  const y = x.map((_, i) => Math.sin(i / 50) + (i === 31_415 ? 9 : i === 27_182 ? -9 : 0));
  const thin = thinned({ x, y, mode: 'lines' }, { xaxis: { type } });
  expect(thin.x.length).toBeLessThanOrEqual(2004);
  expect([thin.x[0], thin.x.at(-1)]).toEqual([x[0], x[count - 1]]);
  expect([Math.min(...thin.y), Math.max(...thin.y)]).toEqual([Math.min(...y), Math.max(...y)]);
  const at = thin.x.map((v: number) =>
    type === 'log' ? Math.log(v / x[0]) / Math.log(x[count - 1] / x[0]) : (v - x[0]) / (x[count - 1] - x[0]),
  );
  expect(Math.max(...at.map((v: number, i: number) => (i === 0 ? 0 : v - at[i - 1])))).toBeLessThan(1 / 499);
  expect(thin.x.every((v: number, i: number) => i === 0 || v > thin.x[i - 1])).toBe(true);
});

test('of curves joined into one, with gaps between, each is thinned by itself', () => {
  const curve = Array.from({ length: 5000 }, (_, i) => i);
  const [x, y] = [curve, curve.map(v => (v === 3333 ? 9 : 0))].map(c => [...c, NaN, ...c, NaN]);
  const customdata = x.map((_, i) => (i <= 5000 ? 7 : 8));
  const thin = thinned({ x, y, customdata, mode: 'lines' }, {});
  const half = thin.x.length / 2;
  expect(thin.x.slice(0, half)).toEqual(thin.x.slice(half));
  expect([thin.x[0], thin.x[half - 2], thin.x[half - 1]]).toEqual([0, 4999, NaN]);
  expect(thin.y.filter((v: number) => v === 9).length).toBe(2);
  expect(thin.customdata).toEqual([...Array(half).fill(7), ...Array(half).fill(8)]);
  expect(half).toBeLessThanOrEqual(2005);
});

test('short lines, markers and lines without x stay', () => {
  const long = Array.from({ length: 3000 }, (_, i) => i);
  for (const trace of [
    { x: [1], y: [1], mode: 'lines' },
    { x: long, y: long, mode: 'markers' },
    { y: long, mode: 'lines' },
  ])
    expect(thinned(trace, {})).toBe(trace);
});

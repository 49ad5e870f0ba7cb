import { expect, test } from 'vitest';
import { figure } from '../../src/plot/figure';
import { thinned, thinningNote } from '../../src/plot/thinning';
import { columns } from '../../src/base/rows';
import { lines } from '../../src/plot/lines';
import { unpackAll } from '../../src/notebook/packed';
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

const shown = (fig: object) => unpackAll(display(fig)[plotlyMime]);
const seq = <T>(count: number, of: (i: number) => T) => Array.from({ length: count }, (_, i) => of(i));

test.each([
  ['1 + 1e-7 sin', (i: number) => 1 + 1e-7 * Math.sin(i)],
  ['times since 1970', (i: number) => 1.7e9 + 0.1 * i],
  ['a range far from zero', (i: number) => -1e6 + i / 3],
])('%s is displayed as exactly as its axis shows, whether long or short', (_, value) => {
  for (const count of [200, 6])
    for (const key of ['x', 'y']) {
      const values = seq(count, value);
      const span = Math.max(...values) - Math.min(...values);
      const fig = figure([{ x: seq(count, i => i), y: seq(count, i => i), [key]: values }], {});
      const far = shown(fig).data[0][key].map((v: number, i: number) => Math.abs(v - values[i]));
      expect(Math.max(...far)).toBeLessThan(1e-5 * span);
    }
});

test('numbers are as exact as a narrow range of their axis asks for, linear or log', () => {
  const y = seq(100, i => 1 + i + 1e-7 * Math.sin(i));
  const far = (layout: object) =>
    Math.max(...shown(figure([{ x: y, y }], layout)).data[0].y.map((v: number, i: number) => Math.abs(v - y[i])));
  expect(far({})).toBeGreaterThan(1e-8);
  expect(far({ yaxis: { range: [1, 1 + 1e-6] } })).toBeLessThan(1e-11);
  expect(far({ yaxis: { type: 'log', range: [0, 1e-6] } })).toBeLessThan(1e-11);
  const layout = { xaxis: { range: [1 - 1e-7, 1 + 1e-7] } };
  expect(shown(figure([{ x: y, y }], layout)).layout).toEqual({ xaxis: { range: [0.9999999, 1.0000001] } });
});

test('ordinary numbers stay in single precision', () => {
  const packed = display(figure([{ x: seq(99, i => i / 7), y: seq(99, i => Math.exp(-i / 10)) }], {}))[plotlyMime]
    .data[0];
  expect([packed.x.dtype, packed.y.dtype]).toEqual(['f4', 'f4']);
});

test('a column beside larger ones is exact too', () => {
  const customdata = seq(20, i => [1.7e9 + i / 10, i, 1e12]);
  const [first] = shown(figure([{ y: seq(20, i => i), customdata }], {})).data;
  first.customdata.forEach((row: number[], i: number) => expect(row[0]).toBeCloseTo(customdata[i][0], 5));
});

test('a gap in a long line stays, and so does a spike beside it', () => {
  const x = seq(20_000, i => i);
  const y = x.map(i => (i > 7000 && i < 7003 ? NaN : i === 7003 || i === 11_000 ? 9 : i === 11_001 ? NaN : 0));
  const thin = thinned({ x, y, mode: 'lines' }, {});
  expect(thin.x.length).toBeLessThan(2100);
  const at = (place: number) => thin.y[thin.x.indexOf(place)];
  expect([7000, 7001, 7003, 11_000, 11_001, 11_002].map(at)).toEqual([0, NaN, 9, 9, NaN, 0]);
});

test('a line that is shown in part keeps the points of that part', () => {
  const [x, y] = [seq(100_000, i => i), seq(100_000, i => Math.sin(i))];
  const thin = thinned({ x, y, mode: 'lines' }, { xaxis: { range: [100, 160] } });
  expect(thin.x.filter((v: number) => v >= 100 && v <= 160)).toEqual(seq(61, i => 100 + i));
  expect(thin.x.length).toBeLessThan(2100);
  const log = thinned({ x, y, mode: 'lines' }, { xaxis: { type: 'log', range: [2, 2.2] } });
  expect(log.x.filter((v: number) => v >= 100 && v <= 158)).toEqual(seq(59, i => 100 + i));
});

test('what belongs to points goes with them; lines with error bars or dates are not thinned', () => {
  const long = seq(3000, i => i);
  const text = long.map(String);
  const thin = thinned({ x: long, y: long, text, name: 'a', mode: 'lines' }, {});
  expect([thin.name, thin.text]).toEqual(['a', thin.x.map(String)]);
  const errors = { x: long, y: long, mode: 'lines', error_y: { array: long } };
  const dates = { x: long.map(i => new Date(i * 86_400_000).toISOString()), y: long, mode: 'lines' };
  for (const trace of [errors, dates]) expect(thinned(trace, {})).toBe(trace);
});

test('the title says that a line is thinned, once', () => {
  const long = seq(3000, i => i);
  const raw = figure([{ x: long, y: long, mode: 'lines' }], { title: 'Raw' });
  expect(shown(raw).layout.title).toEqual({ text: 'Raw', subtitle: { text: thinningNote } });
  const { title } = shown(lines(columns({ t: long, risk: long }), { x: 't', y: 'risk' })).layout;
  expect([title.text.split(thinningNote).length, title.subtitle]).toEqual([2, undefined]);
  expect(shown(figure([{ x: [1], y: [1], mode: 'lines' }], { title: 'Raw' })).layout.title).toBe('Raw');
});

test('a value that a log axis has no place for is a gap', () => {
  const [trace] = shown(
    figure([{ x: [0, 1, 2, 3], y: [1, 0, -1, 2] }], { xaxis: { type: 'log' }, yaxis: { type: 'log' } }),
  ).data;
  expect([trace.x, trace.y]).toEqual([
    [null, 1, 2, 3],
    [1, null, null, 2],
  ]);
  expect(shown(figure([{ x: [0], y: [0] }], { yaxis2: { type: 'log' } })).data[0].y).toEqual([0]);
});

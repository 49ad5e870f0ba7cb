import { expect, test } from 'vitest';
import { heatmap } from '../../src/plot/heatmap';

const rows = [
  [1, 10, 0],
  [1, 10, 1],
  [1, 40, 1],
  [4, 10, NaN],
  [4, 10, 0.5],
  [16, 40, 1],
].map(([m, d, z]) => ({ m, d, z }));

test('a cell is the mean of its rows; diverged rows are counted, not averaged; cells without rows are blank', () => {
  const {
    data: [map],
    layout,
  } = heatmap(rows, { x: 'm', y: 'd', z: 'z', title: 'map' });
  expect(map.z).toEqual([
    [0.5, 0.5, null],
    [1, null, 1],
  ]);
  expect(map.customdata[0]).toEqual([
    [1, 10, 2, 0],
    [4, 10, 1, 1],
    [16, 10, 0, 0],
  ]);
  expect(layout.title.text).toContain('1 of 6 runs diverged');
});

test('cells lie around their values, in the logarithm on a log axis', () => {
  const {
    data: [linear],
  } = heatmap(rows, { x: 'm', y: 'd', z: 'z' });
  expect(linear.x).toEqual([-0.5, 2.5, 10, 22]);
  const {
    data: [log],
    layout,
  } = heatmap(rows, { x: 'm', y: 'd', z: 'z', logX: true });
  [0.5, 2, 8, 32].forEach((edge, i) => expect(log.x[i]).toBeCloseTo(edge, 12));
  expect(layout.xaxis.ticktext).toEqual(['1', '4', '16']);
});

test('a view larger than the cells shows theory all over it, and decades as ticks', () => {
  const { data, layout } = heatmap(rows, {
    x: 'm',
    y: 'd',
    z: 'z',
    logX: true,
    logY: true,
    yRange: [1, 1e6],
    theory: { far: () => 1e5 },
  });
  expect(layout.yaxis).toMatchObject({ range: [0, 6], tickvals: [1, 10, 100, 1000, 1e4, 1e5, 1e6] });
  expect(new Set(data[2].y)).toEqual(new Set([1e5]));
});

test('values in the cells take the place of the colour bar, and the caption says what they are', () => {
  const printed = heatmap(rows, { x: 'm', y: 'd', z: 'z', zLabel: 'success' });
  expect([printed.data[0].showscale, printed.data[0].texttemplate]).toEqual([false, '%{z:.2~g}']);
  expect(printed.layout.title.text).toContain('in the cells: success');
  const plain = heatmap(rows, { x: 'm', y: 'd', z: 'z', text: false });
  expect([plain.data[0].showscale, plain.data[0].texttemplate]).toEqual([true, undefined]);
});

test('theory is cut where it leaves the map', () => {
  const { data } = heatmap(rows, { x: 'm', y: 'd', z: 'z', theory: { edge: m => 4 * m } });
  const line = data[2];
  expect(line).toMatchObject({ name: 'edge', line: { color: '#000', dash: 'dash' } });
  line.x.forEach((x: number, i: number) => {
    if (Number.isNaN(line.y[i])) expect(4 * x < -5 || 4 * x > 55).toBe(true);
    else expect([line.y[i], 4 * x >= -5 && 4 * x <= 55]).toEqual([4 * x, true]);
  });
});

test('a map of single rows carries no counts, and many cells no texts', () => {
  const grid = Array.from({ length: 400 }, (_, i) => ({ m: i % 20, d: Math.floor(i / 20), z: i }));
  const {
    data: [map],
  } = heatmap(grid, { x: 'm', y: 'd', z: 'z', square: true });
  expect([map.customdata, map.texttemplate]).toEqual([undefined, undefined]);
});

test('points lie over the map, and a smooth map has no gaps', () => {
  const options = { x: 'm', y: 'd', z: 'z', points: [{ m: 2, d: 20 }], smooth: true };
  const { data, layout } = heatmap(rows, options);
  expect(data[0]).toMatchObject({ zsmooth: 'best', xgap: 0, ygap: 0 });
  expect(data[1]).toMatchObject({ mode: 'markers', x: [2], y: [20] });
  expect(layout.showlegend).toBe(false);
  expect(() => heatmap(rows, { ...options, points: [{ m: 2 }] })).toThrow(/^heatmap: points: no column 'd'/);
});

test('what is no map is refused', () => {
  expect(() => heatmap([{ m: 1, d: 1, z: 1 }], { x: 'm', y: 'd', z: 'z' })).toThrow(
    /^heatmap: column 'm' has 1 value but a map needs at least 2$/,
  );
  expect(() =>
    heatmap(
      rows.map(r => ({ ...r, m: r.m - 1 })),
      { x: 'm', y: 'd', z: 'z', logX: true },
    ),
  ).toThrow(/^heatmap: column 'm' holds 0 but its axis is logarithmic$/);
  expect(() => heatmap([...rows, { m: NaN, d: 10, z: 1 }], { x: 'm', y: 'd', z: 'z' })).toThrow(
    /^heatmap: column 'm' holds NaN but a cell must lie at a finite value$/,
  );
  expect(() => heatmap(rows, { x: 'm', y: 'd', z: 'z', zRange: [1, 0] })).toThrow(/^heatmap: zRange is \[ 1, 0 \]/);
  expect(() => heatmap(rows, { x: 'm', y: 'd', z: 'q' })).toThrow(/^heatmap: no column 'q'/);
});

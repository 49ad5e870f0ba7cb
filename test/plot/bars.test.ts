import { expect, test } from 'vitest';
import { bars, violins } from '../../src/plot/bars';
import { splitTitle } from '../../src/plot/caption';
import { figure } from '../../src/plot/figure';
import { inPageOf, stored } from '../support/drawn';

const rows = [
  ['a', 'x', 1],
  ['a', 'x', 4],
  ['b', 'x', 9],
  ['a', 'y', 2],
  ['b', 'y', NaN],
  ['b', 'y', 8],
].map(([target, kind, error]) => ({ target, kind, error }));

test('bars are means, with a dot a row', () => {
  const { data, layout } = bars(rows, { x: 'target', y: 'error', by: 'kind' });
  expect(data.filter(t => t.type === 'bar').map(t => [t.name, t.x, t.y])).toEqual([
    ['x', ['a', 'b'], [2.5, 9]],
    ['y', ['a', 'b'], [2, 8]],
  ]);
  expect(data.filter(t => t.type === 'box').map(t => t.y)).toEqual([
    [1, 4, 9],
    [2, 8],
  ]);
  expect(layout.title.text).toContain('1 of 6 runs diverged');
  expect(layout.yaxis.range[0]).toBeLessThanOrEqual(0);
});

test('on a log axis the mean is geometric and zero is not shown', () => {
  const { data, layout } = bars(rows, { x: 'target', y: 'error', by: 'kind', logY: true });
  expect(data[0].y[0]).toBeCloseTo(2, 14);
  expect(layout.yaxis.type).toBe('log');
  const withZero = bars([...rows, { target: 'a', kind: 'x', error: 0 }], { x: 'target', y: 'error', logY: true });
  expect(withZero.layout.title.text).toContain('1 value ≤ 0 cannot be shown on the log axis');
});

test('a theory is a level across the figure, in the legend', () => {
  const { layout } = bars(rows, { x: 'target', y: 'error', theory: { floor: 3 } });
  expect(layout.shapes).toMatchObject([
    { name: 'floor', y0: 3, y1: 3, showlegend: true, line: { color: '#000', dash: 'dash' } },
  ]);
  expect(layout.showlegend).toBe(true);
});

test('violins hold every finite row', () => {
  const { data } = violins(rows, { x: 'target', y: 'error' });
  expect(data).toMatchObject([{ type: 'violin', x: ['a', 'a', 'b', 'a', 'b'], y: [1, 4, 9, 2, 8] }]);
});

test('a bar that is missing is named', () => {
  const caption = (logY: boolean, by?: string) =>
    splitTitle(bars([...rows, zero], { x: 'target', y: 'error', by, logY }).layout.title.text).caption;
  const zero = { target: 'c', kind: 'x', error: 0 };
  expect(caption(true)).toMatch(/1 value ≤ 0 cannot be shown on the log axis; no geometric mean, so no bar: c$/);
  expect(caption(true, 'kind')).toMatch(/so no bar: c \(x\)$/);
  expect(caption(false, 'kind')).not.toContain('no bar');
  const lost = bars([...rows, { target: 'd', kind: 'y', error: NaN }], { x: 'target', y: 'error' });
  expect(lost.layout.title.text).toContain('no mean, so no bar: d<');
});

test('a zero has no dot on a log axis, neither beside bars nor in boxes of Plotly data', async () => {
  const some = [0, -1, 1, 2].map((error, i) => ({ target: i > 1 ? 'a' : 'b', error }));
  const box = (type: string) =>
    figure([{ type, y: [0, 1, 2], [type === 'box' ? 'boxpoints' : 'points']: 'all' }], {
      title: { text: type },
      yaxis: { type: 'log' },
    });
  const all = [bars(some, { x: 'target', y: 'error', logY: true }), box('box'), box('violin')];
  await inPageOf(all.map(stored), async page => {
    for (const i of all.keys())
      expect(await page.locator(`body > div:nth-of-type(${i + 1}) path.point`).count()).toBe(2);
  });
});

test('violins on a log axis are densities of the logarithm, with ticks in the unit of the data', () => {
  const few = [1e-4, 1e-2, 1, 0, -1].map(error => ({ target: 'a', error }));
  const { data, layout } = violins(few, { x: 'target', y: 'error', logY: true, theory: { floor: 0.1 } });
  expect(data[0]).toMatchObject({ x: ['a', 'a', 'a'], y: [-4, -2, 0], customdata: [1e-4, 1e-2, 1], hoveron: 'points' });
  expect([layout.yaxis.type, layout.yaxis.tickvals]).toEqual([undefined, [-4, -3, -2, -1, 0]]);
  expect(layout.yaxis.ticktext.slice(0, 2)).toEqual(['10<sup>−4</sup>', '10<sup>−3</sup>']);
  expect(layout.shapes[0]).toMatchObject({ y0: -1, y1: -1 });
  expect(layout.yaxis.range).toEqual([-4.12, 0.12]);
  expect(layout.title.text).toContain('2 values ≤ 0 cannot be shown on the log axis');
});

test('missing columns and nothing to draw are refused', () => {
  expect(() => bars(rows, { x: 'aim', y: 'error' })).toThrow(
    /^bars: no column 'aim'; columns are target, kind, error$/,
  );
  expect(() => violins([], { x: 'a', y: 'b' })).toThrow(/^violins: nothing to draw: no rows$/);
  expect(() => bars([{ a: 1, b: -1 }], { x: 'a', y: 'b', logY: true })).toThrow(
    /^bars: no positive finite value in column 'b'$/,
  );
});

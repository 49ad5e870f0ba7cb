import { expect, test } from 'vitest';
import { bars, violins } from '../../src/plot/bars';

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

test('missing columns and nothing to draw are refused', () => {
  expect(() => bars(rows, { x: 'aim', y: 'error' })).toThrow(
    /^bars: no column 'aim'; columns are target, kind, error$/,
  );
  expect(() => violins([], { x: 'a', y: 'b' })).toThrow(/^violins: nothing to draw: no rows$/);
  expect(() => bars([{ a: 1, b: -1 }], { x: 'a', y: 'b', logY: true })).toThrow(
    /^bars: no positive finite value in column 'b'$/,
  );
});

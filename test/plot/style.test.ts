import { expect, test } from 'vitest';
import { axis, extent, frame, palette } from '../../src/plot/style';

test('names with rising numbers get an ordered scale, others distinct colours', () => {
  const ordered = Object.values(palette(['m = 32', 'm = 128', 'm = 512']));
  const light = (hex: string) => [1, 3, 5].reduce((sum, i) => sum + parseInt(hex.slice(i, i + 2), 16), 0);
  expect(ordered.map(light)).toEqual([...ordered].map(light).sort((a, b) => a - b));
  expect(palette(['mean-field', 'NTK'])).toEqual({ 'mean-field': '#0072B2', NTK: '#D55E00' });
  expect(
    new Set(Object.values(palette(['lambda = 1e-1', 'lambda = 1e-2', 'lambda = 1e-3', 'lambda = 1e-4']))).size,
  ).toBe(4);
  expect(palette(['m = 1', 'm = 3', 'm = 2'])['m = 1']).toBe('#0072B2');
});

test('too many unordered names, and a name twice, are refused', () => {
  expect(() => palette('abcdefghi'.split(''))).toThrow(/^palette: 9 names but 8 distinct colours/);
  expect(() => palette(['a', 'a'])).toThrow(/^palette: names are a, a; each may come once$/);
});

test('a log axis has about a tick a decade, and at most 9', () => {
  const ticks = (low: number, high: number) => axis('risk', true, [low, high]).dtick;
  expect(axis('risk', true, [1, 10]).ticktext).toEqual(['1', '2', '5', '10']);
  expect(axis('risk', true, [2.5e-5, 4.5e-5]).ticktext).toEqual(['3·10<sup>-5</sup>', '4·10<sup>-5</sup>']);
  expect(axis('risk', true, [1e-6, 1e-5]).ticktext).toEqual([
    '10<sup>-6</sup>',
    '2·10<sup>-6</sup>',
    '5·10<sup>-6</sup>',
    '10<sup>-5</sup>',
  ]);
  expect(ticks(1e-3, 1)).toBe(1);
  expect(ticks(1e-20, 1)).toBe(3);
  expect(axis('m', true, [64, 4096], [64, 4096])).toMatchObject({ tickvals: [64, 4096], ticktext: ['64', '4096'] });
});

test('a range has room, also around a single value', () => {
  expect(axis('y', false, [0, 100]).range).toEqual([-3, 103]);
  expect(axis('y', false, [5, 5]).range).toEqual([4.5, 5.5]);
  expect(axis('y', false, [0, 0]).range).toEqual([-1, 1]);
});

test('an extent leaves out what an axis cannot show', () => {
  expect(extent([3, NaN, -1, Infinity], false)).toEqual([-1, 3]);
  expect(extent([3, 0, -1], true)).toEqual([3, 3]);
  expect(extent([0, NaN], true)).toBeUndefined();
});

test('a legend of long names goes below the figure', () => {
  expect(frame('t', '', ['short']).legend.orientation).toBeUndefined();
  expect(frame('t', '', ['a name of more than 22 letters']).legend.orientation).toBe('h');
  expect(frame('t', '', []).showlegend).toBe(false);
});

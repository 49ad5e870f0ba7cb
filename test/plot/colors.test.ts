import { expect, test } from 'vitest';
import { lines } from '../../src/plot/lines';
import { palette } from '../../src/plot/colors';

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

test('colours that are given for all names need no palette, and are #rrggbb', () => {
  const names = 'abcdefghi'.split('');
  const draw = (colors: Record<string, string>) =>
    lines(Object.fromEntries(names.map((name, y) => [name, [{ t: 0, y }]])), { x: 't', y: 'y', colors });
  const given = Object.fromEntries(names.map((name, i) => [name, `#00000${i}`]));
  expect(draw(given).data.flatMap(t => t.line?.color ?? [])).toEqual(Object.values(given));
  expect(() => draw({ a: '#000000' })).toThrow(/^palette: 9 names but 8 distinct colours/);
  expect(() => draw({ ...given, b: 'red' })).toThrow(/^lines: colors gives 'b' the colour red but .* #rrggbb$/);
});

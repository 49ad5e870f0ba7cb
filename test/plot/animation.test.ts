import { expect, test } from 'vitest';
import { animation } from '../../src/plot/animation';
import { lines } from '../../src/plot/lines';
import { decay } from './support';

const fig = (title: string, rate = 1) =>
  lines({ slow: decay(rate), fast: decay(2 * rate) }, { x: 't', y: 'risk', title });

test('an animation has a frame a figure, and axes that hold them all', () => {
  const { data, frames, layout } = animation([1, 2], [fig('a', 1), fig('b', -1)], 'rate ');
  expect(frames!.map(f => [f.name, f.data.length, f.layout.title.text])).toEqual([
    ['1', 2, 'a'],
    ['2', 2, 'b'],
  ]);
  expect([data, layout.title.text, layout.sliders[0].active]).toEqual([fig('b', -1).data, 'b', 1]);
  expect(layout.yaxis.range[0]).toBeLessThanOrEqual(Math.exp(-8));
  expect(layout.yaxis.range[1]).toBeGreaterThanOrEqual(Math.exp(8));
  expect(layout.sliders[0].steps.map((s: any) => s.args[0][0])).toEqual(['1', '2']);
});

test('figures that do not fit together are refused', () => {
  expect(() => animation([1, 2], [fig('a')], 't')).toThrow(/^animation: 2 values but 1 figures$/);
  expect(() => animation([1, 2], [fig('a'), lines(decay(1), { x: 't', y: 'risk' })], 't')).toThrow(
    /^animation: figure 1 has traces scatter but figure 0 has scatter,scatter$/,
  );
});

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
  const [last] = animation([1, 2], [fig('b', -1), fig('a', 1)], 'rate ').layout.yaxis.range.slice(1);
  expect(last).toBeGreaterThanOrEqual(Math.exp(8));
  expect(layout.sliders[0].steps.map((s: any) => s.args[0][0])).toEqual(['1', '2']);
});

test('figures that do not fit together are refused', () => {
  expect(() => animation([1, 2], [fig('a')], 't')).toThrow(/^animation: 2 values but 1 figures$/);
  expect(() => animation(['1', 1], [fig('a'), fig('b')], 't')).toThrow(/^animation: the value 1 comes twice/);
  expect(() => animation([1, 2], [fig('a'), lines(decay(1), { x: 't', y: 'risk' })], 't')).toThrow(
    /^animation: figure 1 has traces scatter but figure 0 has scatter,scatter$/,
  );
});

test('a film of few frames plays for 6 seconds, one of many at 120 ms a frame', () => {
  const durationOf = (count: number) => {
    const values = Array.from({ length: count }, (_, i) => i);
    const { layout } = animation(
      values,
      values.map(() => fig('a')),
      't',
    );
    return layout.updatemenus[0].buttons[0].args[1].frame.duration;
  };
  expect([durationOf(12), durationOf(60)]).toEqual([500, 120]);
});

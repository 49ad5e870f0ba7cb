import { expect, test } from 'vitest';
import { plotlyMime } from '../../src/notebook/stored-results';
import { animation } from '../../src/plot/animation';
import { splitTitle } from '../../src/plot/caption';
import type { Figure } from '../../src/plot/figure';
import { heatmap } from '../../src/plot/heatmap';
import { lines, scatter } from '../../src/plot/lines';
import { panels } from '../../src/plot/panels';
import { decay, display } from './support';

const fig = (title: string, rate = 1) =>
  lines({ slow: decay(rate), fast: decay(2 * rate) }, { x: 't', y: 'risk', title });

test('an animation has a frame a figure, and axes that hold them all', () => {
  const { data, frames, layout } = animation([1, 2], [fig('a', 1), fig('b', -1)], 'rate ');
  expect(frames!.map(f => [f.name, f.data.length, f.layout.title.text])).toEqual([
    ['1', 2, 'a'],
    ['2', 2, 'b'],
  ]);
  expect([data, layout.title.text, layout.sliders[0].active]).toEqual([fig('a', 1).data, 'a', 0]);
  expect(layout.yaxis.range[0]).toBeLessThanOrEqual(Math.exp(-8));
  expect(layout.yaxis.range[1]).toBeGreaterThanOrEqual(Math.exp(8));
  const [last] = animation([1, 2], [fig('b', -1), fig('a', 1)], 'rate ').layout.yaxis.range.slice(1);
  expect(last).toBeGreaterThanOrEqual(Math.exp(8));
  expect(layout.sliders[0].steps.map((s: any) => s.args[0][0])).toEqual(['1', '2']);
});

const playing = (figure: Figure) => figure.layout.updatemenus[0].buttons.map((b: any) => b.args[1].frame.duration);

test('it takes 4 seconds at least, or what is asked for', () => {
  const few = [1, 2].map(rate => fig('a', rate));
  expect(playing(animation([1, 2], few, 't'))).toEqual([2000, 8000, 0]);
  expect(playing(animation([1, 2], few, 't', { seconds: 1 }))).toEqual([500, 2000, 0]);
  const many = Array.from({ length: 100 }, (_, i) => i);
  expect(
    playing(
      animation(
        many,
        many.map(() => few[0]),
        't',
      ),
    )[0],
  ).toBe(120);
});

test('numbers are shown with as many digits as tell them apart', () => {
  const names = (...values: number[]) =>
    animation(
      values,
      values.map(() => fig('a')),
      't',
    ).frames!.map(f => f.name);
  expect(names(0.1, 0.1 + 0.2, 1 / 3, 2e-7)).toEqual(['0.1', '0.3', '0.333333', '2e-7']);
  expect(names(1000.0001, 1000.0002, 1234567)).toEqual(['1000.0001', '1000.0002', '1234567']);
});

test('frames of more than 2 MB are thinned: the first and the last stay, and the caption says how many', () => {
  const cloud = (k: number) => Array.from({ length: 5000 }, (_, i) => ({ x: Math.sin(i) + k, y: Math.cos(i * i + k) }));
  const figures = Array.from({ length: 100 }, (_, k) => scatter(cloud(k), { x: 'x', y: 'y', title: 'Cloud' }));
  const thin = animation([...figures.keys()], figures, 't = ');
  expect(thin.frames!.slice(0, 3).map(f => f.name)).toEqual(['0', '3', '6']);
  expect(thin.frames!.at(-1)!.name).toBe('99');
  expect(thin.layout.sliders[0].steps).toHaveLength(34);
  for (const { title } of [thin.layout, ...thin.frames!.map(f => f.layout)])
    expect(splitTitle(title.text).caption).toBe('34 of 100 frames');
  const bytes = JSON.stringify(display(thin)[plotlyMime].frames).length;
  expect(bytes).toBeGreaterThan(1e6);
  expect(bytes).toBeLessThan(2e6);
});

test('an axis has the ticks of the frame that shows most of it', () => {
  const risk = (rate: number) => lines(decay(rate), { x: 't', y: 'risk', logY: true });
  const [few, many] = [0.1, 4].map(risk);
  for (const figures of [
    [few, many],
    [many, few],
  ]) {
    const { yaxis } = animation([1, 2], figures, 't').layout;
    expect(yaxis.tickvals).toEqual(many.layout.yaxis.tickvals);
    expect(yaxis.dtick).toBe(many.layout.yaxis.dtick);
  }
  expect(few.layout.yaxis.tickvals).not.toEqual(many.layout.yaxis.tickvals);
});

test('figures that do not fit together are refused', () => {
  expect(() => animation([1, 2], [fig('a')], 't')).toThrow(/^animation: 2 values but 1 figures$/);
  expect(() => animation([1], [fig('a')], 't', { seconds: 0 })).toThrow(/^animation: seconds is 0 but must be .* > 0$/);
  expect(() => animation(['1', 1], [fig('a'), fig('b')], 't')).toThrow(/^animation: the value 1 comes twice/);
  expect(() => animation([1, 2], [fig('a'), lines(decay(1), { x: 't', y: 'risk' })], 't')).toThrow(
    /^animation: figure 1 has traces scatter but figure 0 has scatter,scatter$/,
  );
});

test('a colour means the same in all frames, for each map of a frame', () => {
  const map = (factor: number) =>
    heatmap(
      [1, 2, 3, 4].map(i => ({ m: i % 2, d: i >> 1, z: factor * i })),
      { x: 'm', y: 'd', z: 'z', title: 'z' },
    );
  const both = (k: number) => panels([map(k), map(10 * k)], { title: 'both' });
  const { data, frames } = animation([1, 2], [both(1), both(2)], 'k = ');
  for (const traces of [data, ...frames!.map(frame => frame.data)]) {
    const maps = traces.filter((t: any) => t.type === 'heatmap');
    expect(maps.map((t: any) => [t.zmin, t.zmax])).toEqual([
      [1, 8],
      [10, 80],
    ]);
  }
  const colorOf = (traces: any[]) => traces.find(t => t.textfont).textfont.color.flat();
  expect(colorOf(frames![0].data)).not.toContain('#222');
  expect(colorOf(frames![1].data)).toContain('#222');
});

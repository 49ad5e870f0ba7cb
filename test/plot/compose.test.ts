import { expect, test } from 'vitest';
import { animation, panels } from '../../src/plot/compose';
import { heatmap } from '../../src/plot/heatmap';
import { lines } from '../../src/plot/lines';
import { decay } from './support';

const fig = (title: string, rate = 1) =>
  lines({ slow: decay(rate), fast: decay(2 * rate) }, { x: 't', y: 'risk', title });

test('panels have their own axes, which do not overlap, and one legend', () => {
  const { data, layout } = panels(
    ['a', 'b', 'c'].map(t => fig(t)),
    { title: 'all', columns: 2 },
  );
  expect(data.map(t => [t.xaxis, t.yaxis, t.showlegend])).toEqual([
    ['x', 'y', true],
    ['x', 'y', true],
    ['x2', 'y2', false],
    ['x2', 'y2', false],
    ['x3', 'y3', false],
    ['x3', 'y3', false],
  ]);
  expect(layout.xaxis.domain[1]).toBeLessThan(layout.xaxis2.domain[0]);
  expect(layout.yaxis3.domain[1]).toBeLessThan(layout.yaxis.domain[0]);
  expect(layout.annotations.map((a: any) => a.text)).toEqual(['a', 'b', 'c']);
  expect(layout.title.text).toBe('all');
});

test('what panels say in their captions is not lost', () => {
  const runs = (...status: string[]) =>
    lines(
      status.map(s => ({ rows: decay(1), status: s })),
      { x: 't', y: 'risk', title: 'a' },
    );
  const same = panels([runs('done', 'done'), runs('done', 'done')], { title: 'all', caption: 'n = 3' });
  expect(same.layout.title.text).toContain('n = 3; thin: 2 seeds, thick: mean');
  expect(same.layout.annotations[0].text).toBe('a');
  const unlike = panels([runs('done', 'done'), runs('done', 'diverged')], { title: 'all' });
  expect(unlike.layout.title.text).toBe('all');
  expect(unlike.layout.annotations[1].text).toContain('1 of 2 runs of risk diverged');
});

test('lines and notes of a figure stay on its panel', () => {
  const marked = () => {
    const f = fig('a');
    f.layout.shapes = [{ type: 'line', x0: 1, x1: 1, yref: 'paper', y0: 0, y1: 1 }];
    f.layout.annotations = [{ text: 'here', xref: 'x', x: 1, yref: 'y', y: 0.5 }];
    return f;
  };
  const { layout } = panels([marked(), marked()], { title: 'all' });
  expect(layout.shapes.map((s: any) => [s.xref, s.yref])).toEqual([
    ['x', 'y domain'],
    ['x2', 'y2 domain'],
  ]);
  expect(layout.annotations.filter((a: any) => a.text === 'here').map((a: any) => [a.xref, a.yref])).toEqual([
    ['x', 'y'],
    ['x2', 'y2'],
  ]);
});

test('maps of one range share one colour bar a row, others have their own', () => {
  const map = (zRange?: [number, number]) =>
    heatmap(
      [1, 2, 3, 4].map(i => ({ m: i % 2, d: i >> 1, z: i })),
      { x: 'm', y: 'd', z: 'z', zRange, text: false },
    );
  expect(panels([map([0, 4]), map([0, 4])], { title: 'same' }).data.map(t => t.showscale)).toEqual([false, true]);
  expect(panels([map(), map()], { title: 'own' }).data.map(t => t.showscale)).toEqual([true, true]);
});

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

test('what does not fit together is refused', () => {
  expect(() => panels([], { title: 'none' })).toThrow(/^panels: no figures$/);
  expect(() => panels([animation([1], [fig('a')], 't')], { title: 'x' })).toThrow(
    /^panels: animated figures cannot be panels$/,
  );
  expect(() => animation([1, 2], [fig('a')], 't')).toThrow(/^animation: 2 values but 1 figures$/);
  expect(() => animation([1, 2], [fig('a'), lines(decay(1), { x: 't', y: 'risk' })], 't')).toThrow(
    /^animation: figure 1 has traces scatter but figure 0 has scatter,scatter$/,
  );
});

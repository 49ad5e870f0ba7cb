import { expect, test } from 'vitest';
import { animation } from '../../src/plot/animation';
import { bars } from '../../src/plot/bars';
import { heatmap } from '../../src/plot/heatmap';
import { lines } from '../../src/plot/lines';
import { panels } from '../../src/plot/panels';
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
  expect(unlike.layout.title.text).toContain('thin: 2 seeds, thick: mean');
  expect(unlike.layout.annotations[0].text).toBe('a');
  expect(unlike.layout.annotations[1].text).toContain('1 of 2 runs of risk diverged');
  const texts = (notes: string[]) => notes.map(note => note.replace(/<[^>]*>/g, '|'));
  const noted = (...captions: string[]) =>
    panels(
      captions.map(caption => lines(decay(1), { x: 't', y: 'risk', title: 'a', caption })),
      { title: 'all' },
    ).layout;
  const some = noted('n = 3; thin: seeds; late', 'thin: seeds; n = 3', 'n = 3; early');
  expect(texts([some.title.text, ...some.annotations.map((a: any) => a.text)])).toEqual([
    'all||n = 3|',
    'a||thin: seeds; late|',
    'a||thin: seeds|',
    'a||early|',
  ]);
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

test('the panels keep the ranges and the ticks that were given', () => {
  const options = { x: 't', y: 'risk', logY: true, xRange: [0, 2], yRange: [0.01, 1], yTicks: [0.1, 1] } as const;
  const { layout } = panels([lines(decay(1), options), lines(decay(2), options)], { title: 'all' });
  for (const name of ['', '2']) {
    expect(layout[`xaxis${name}`].range).toEqual([0, 2]);
    expect(layout[`yaxis${name}`]).toMatchObject({ range: [-2, 0], tickvals: [0.1, 1] });
  }
});

test('bars beside curves stay grouped', () => {
  const bar = bars(decay(1), { x: 't', y: 'risk' });
  expect(panels([fig('a'), bar], { title: 'all' }).layout).toMatchObject({ barmode: 'group', boxmode: 'group' });
});

test('maps of one range share one colour bar a row, others have their own', () => {
  const map = (zRange?: [number, number]) =>
    heatmap(
      [1, 2, 3, 4].map(i => ({ m: i % 2, d: i >> 1, z: i })),
      { x: 'm', y: 'd', z: 'z', zRange, text: false },
    );
  expect(panels([map([0, 4]), map([0, 4])], { title: 'same' }).data.map(t => t.showscale)).toEqual([false, true]);
  expect(panels([map(), map()], { title: 'own' }).data.map(t => t.showscale)).toEqual([true, true]);
  const beside = panels([map([0, 4]), map([0, 4]), fig('a')], { title: 'beside curves' });
  expect(beside.data.filter(t => t.type === 'heatmap').map(t => t.showscale)).toEqual([false, true]);
  expect(beside.layout.xaxis3.domain[0]).toBeGreaterThan(beside.layout.xaxis2.domain[1] + 0.15);
});

test('on one scale, a colour means the same in all maps, and one bar a row says what', () => {
  const map = (factor: number, more: object = {}) =>
    heatmap(
      [1, 2, 3, 4].map(i => ({ m: i % 2, d: i >> 1, z: i === 4 && factor === 1 ? NaN : factor * i })),
      { x: 'm', y: 'd', z: 'z', text: false, ...more },
    );
  const { data } = panels([map(1), map(3)], { title: 'one', oneScale: true });
  expect(data.map(t => [t.zmin, t.zmax, t.showscale])).toEqual([
    [1, 12, false],
    [1, 12, true],
  ]);
  const texts = panels([map(1, { text: true }), map(3, { text: true })], { title: 'texts', oneScale: true });
  const colors = texts.data.flatMap(t => t.textfont?.color ?? []);
  expect(colors).toEqual([...Array(5).fill('#fff'), '#222', '#222']);
  const wider = panels([map(1, { zRange: [0, 2] }), map(3), fig('a')], { title: 'wider', oneScale: true });
  expect(wider.data.filter(t => t.type === 'heatmap').map(t => [t.zmin, t.zmax])).toEqual([
    [0, 12],
    [0, 12],
  ]);
  expect(() => panels([map(1), fig('a')], { title: 'x', oneScale: true })).toThrow(
    /^panels: oneScale is for two maps or more, but there is 1$/,
  );
  expect(() => panels([map(1), map(3, { zLabel: 'risk' })], { title: 'x', oneScale: true })).toThrow(
    /^panels: oneScale, but the maps show different things: z, risk$/,
  );
});

test('what does not fit together is refused', () => {
  expect(() => panels([], { title: 'none' })).toThrow(/^panels: no figures$/);
  expect(() => panels([fig('a'), panels([fig('a'), fig('b')], { title: 'x' })], { title: 'x' })).toThrow(
    /^panels: figure 1 already has panels; list its figures one by one$/,
  );
  expect(() => panels([animation([1], [fig('a')], 't')], { title: 'x' })).toThrow(
    /^panels: animated figures cannot be panels$/,
  );
});

import { expect, test } from 'vitest';
import { lines, scatter } from '../../src/plot/lines';
import { splitTitle } from '../../src/plot/caption';
import { thinningNote } from '../../src/plot/thinning';
import { decay } from './support';

const options = { x: 't', y: 'risk', logY: true } as const;

test('one curve is one trace, with the data as they are', () => {
  const { data, layout } = lines(decay(1), options);
  expect(data).toMatchObject([{ x: [0, 1, 2, 3, 4], y: decay(1).map(r => r.risk), mode: 'lines' }]);
  expect(layout).toMatchObject({
    showlegend: false,
    xaxis: { title: { text: 'time t' } },
    yaxis: { title: { text: 'risk' }, type: 'log' },
    title: { text: 'risk against time t' },
  });
});

test('seeds are one thin trace with gaps, in the colour of their thick mean, which alone is in the legend', () => {
  const { data } = lines(
    {
      a: [
        { rows: decay(1), seed: 5 },
        { rows: decay(3), seed: 7 },
      ],
      b: decay(1),
    },
    { ...options, colors: { a: '#ff0000' } },
  );
  expect(data.map(t => [t.name, t.line.color, t.line.width, t.showlegend])).toEqual([
    ['a', 'rgba(255,0,0,0.35)', 1, false],
    ['a', '#ff0000', 2.5, undefined],
    ['b', '#D55E00', 2, undefined],
  ]);
  expect(data[0]).toMatchObject({
    x: [0, 1, 2, 3, 4, NaN, 0, 1, 2, 3, 4, NaN],
    y: [...decay(1).map(r => r.risk), NaN, ...decay(3).map(r => r.risk), NaN],
    customdata: [5, 5, 5, 5, 5, 5, 7, 7, 7, 7, 7, 7],
    hovertemplate: expect.stringContaining('a, seed %{customdata}'),
  });
  data[1].y.forEach((v: number, t: number) => expect(v).toBeCloseTo(Math.exp(-2 * t), 14));
});

test('seeds that diverged are a trace of their own, which says so', () => {
  const runs = ['done', 'diverged', 'done'].map((status, seed) => ({ rows: decay(1), status, seed }));
  const { data } = lines({ a: runs }, options);
  expect(data.map(t => [...new Set(t.customdata ?? [])])).toEqual([[0, 2], [1], []]);
  expect(data.map(t => /\(diverged\)/.test(t.hovertemplate))).toEqual([false, true, false]);
});

test('theory is black and dashed: a formula, a constant, rows', () => {
  const { data } = lines(decay(1), {
    ...options,
    theory: { formula: t => Math.exp(-t), floor: 0.5, stored: decay(2) },
  });
  expect(data.slice(1).map(t => [t.name, t.line.color, t.line.dash])).toEqual([
    ['formula', '#000', 'dash'],
    ['floor', '#000', 'dot'],
    ['stored', '#000', 'dashdot'],
  ]);
  const [, formula, floor, stored] = data;
  expect([formula.x[0], formula.x.at(-1), formula.x.length]).toEqual([0, 4, 201]);
  expect(formula.y[100]).toBeCloseTo(Math.exp(-2), 14);
  expect(new Set(floor.y)).toEqual(new Set([0.5]));
  expect(stored.y).toEqual(decay(2).map(r => r.risk));
});

test('a formula on a log x axis is sampled evenly in the logarithm', () => {
  const { data } = lines(
    [
      { m: 1, v: 1 },
      { m: 100, v: 1 },
    ],
    { x: 'm', y: 'v', logX: true, theory: { f: m => m } },
  );
  expect(data[1].x[100]).toBeCloseTo(10, 12);
});

test('a theory far from the data does not flatten it', () => {
  const steep = lines(decay(1), { ...options, theory: { steep: t => Math.exp(-50 * t) } }).layout.yaxis.range;
  expect(steep[0]).toBeGreaterThan(Math.log10(Math.exp(-4)) - 1.2);
  const high = lines(decay(1), { x: 't', y: 'risk', theory: { high: 1e6 } }).layout.yaxis.range;
  expect(high[1]).toBeLessThan(1.4);
});

test('few values on a log x axis are its ticks', () => {
  const { layout } = lines(
    [64, 256, 1024].map(m => ({ m, v: 1 })),
    { x: 'm', y: 'v', logX: true },
  );
  expect(layout.xaxis.ticktext).toEqual(['64', '256', '1024']);
});

test('scatter has dots alone', () => {
  expect(scatter(decay(1), options).data).toMatchObject([{ mode: 'markers', marker: { size: 7 } }]);
  expect(scatter(decay(1), options).data[0].line).toBeUndefined();
  expect(() => scatter(decay(1), { ...options, markers: false } as any)).toThrow(/^scatter: markers is no option/);
});

test('theory of several seeds is one curve each, under one name in one style', () => {
  const { data } = lines(decay(1), { ...options, theory: { floor: [0.1, 0.2], bound: 1 } });
  expect(data.slice(1).map(t => [t.name, t.y[0], t.line.dash, t.showlegend])).toEqual([
    ['floor', 0.1, 'dash', undefined],
    ['floor', 0.2, 'dash', false],
    ['bound', 1, 'dot', undefined],
  ]);
  const runs = [1, 2].map(rate => ({ rows: decay(rate) }));
  expect(
    lines(decay(1), { ...options, theory: { runs } })
      .data.slice(1)
      .map(t => t.y),
  ).toEqual(runs.map(r => r.rows.map(row => row.risk)));
});

test('published values are open circles in the colour of their curve, with one entry in the legend', () => {
  const published = { b: [{ t: 1, risk: 30 }], a: [{ t: 9, risk: 0.1 }] };
  const { data, layout } = lines({ a: decay(1), b: decay(2) }, { x: 't', y: 'risk', published });
  expect(data.slice(2)).toMatchObject([
    { x: [1], y: [30], marker: { color: data[1].line.color, symbol: 'circle-open' }, showlegend: false },
    { x: [9], y: [0.1], marker: { color: data[0].line.color }, showlegend: false },
    { name: 'published', x: [NaN], marker: { color: '#444', symbol: 'circle-open' } },
  ]);
  expect(data[4].showlegend).toBeUndefined();
  expect(layout.xaxis.range[1]).toBeGreaterThan(9);
  expect(layout.yaxis.range[1]).toBeGreaterThan(30);
  expect(() => lines(decay(1), { ...options, published: { a: [{ t: 1 }] } })).toThrow(
    /^lines: published 'a': no column 'risk'; columns are t$/,
  );
});

test('the curves of theory in one figure have line styles that are not alike', () => {
  const theory = Object.fromEntries([1, 2, 3, 4, 5].map(k => [`bound ${k}`, k]));
  const styles = lines(decay(1), { ...options, theory })
    .data.slice(1)
    .map(t => t.line.dash);
  expect(new Set(styles).size).toBe(5);
  // Dashes without dots differ by more than half in their length: plotly.js draws 'dash' as 9 pixels for this width.
  const lengths = styles
    .filter(dash => dash === 'dash' || /^\d+px,\d+px$/.test(dash))
    .map(dash => parseInt(dash, 10) || 9);
  expect(Math.max(...lengths) / Math.min(...lengths)).toBeGreaterThan(1.5);
  expect(styles).not.toContain('longdash');
});

test('dots on the frame are drawn whole', () => {
  const given = { ...options, xRange: [0, 4] as const };
  const published = { risk: [{ t: 4, risk: 1 }] };
  const { data } = lines(decay(1), { ...given, markers: true, published });
  expect(data.filter(t => t.marker && t.showlegend !== undefined).map(t => t.cliponaxis)).toEqual([false]);
  expect([data[0].cliponaxis, scatter(decay(1), given).data[0].cliponaxis]).toEqual([false, false]);
});

test('a mark on the x axis is a grey line with its text, on a log axis too', () => {
  const draw = (n: number) => lines(decay(1).slice(1), { ...options, logX: true, xMarks: { 'd = n': n } });
  const { shapes, xaxis } = draw(100).layout;
  expect(shapes).toMatchObject([{ x0: 100, x1: 100, y0: 0, y1: 1, yref: 'paper', label: { text: ' d = n' } }]);
  expect(xaxis.range[1]).toBeGreaterThan(2);
  expect(() => draw(0)).toThrow(/^lines: xMarks 'd = n' is 0 but must be positive, on a log axis$/);
  expect(() => draw(NaN)).toThrow(/^lines: xMarks 'd = n' is NaN but must be/);
});

test('an axis without a value to show is refused', () => {
  expect(() => lines([{ t: 0, risk: 0 }], options)).toThrow(
    /^lines: no positive finite value in column 'risk' for the y axis$/,
  );
  expect(() => lines([{ t: NaN, risk: 1 }], options)).toThrow(/^lines: no finite value in column 't' for the x axis$/);
});

test('a point without neighbours is a dot: a single row, rows between gaps, theory too', () => {
  const nan = [0, 1, 2, 3, 4].map(t => ({ t, risk: t % 2 ? NaN : 1 }));
  const { data } = lines({ a: [{ t: 1, risk: 2 }], nan }, { x: 't', y: 'risk', theory: { one: [{ t: 3, risk: 3 }] } });
  expect(data.map(t => [t.name, t.mode, t.showlegend])).toEqual([
    ['a', 'lines', undefined],
    ['a', 'markers', false],
    ['nan', 'lines', undefined],
    ['nan', 'markers', false],
    ['one', 'lines', undefined],
    ['one', 'markers', false],
  ]);
  const dots = data.filter(t => t.mode === 'markers');
  expect(dots.map(t => [t.x, t.y, t.marker.color])).toEqual([
    [[1], [2], '#0072B2'],
    [[0, 2, 4], [1, 1, 1], '#D55E00'],
    [[3], [3], '#000'],
  ]);
  expect(lines(decay(1), options).data.length).toBe(1);
  expect(
    lines(
      [1, 0, 1].map((risk, t) => ({ t, risk })),
      options,
    ).data[1],
  ).toMatchObject({ x: [0, 2], y: [1, 1] });
});

test('rows in which a column was not recorded are no points of its curve; NaN is one', () => {
  const rows = Array.from({ length: 21 }, (_, t) => (t % 10 === 0 ? { t, risk: t } : { t }));
  const { data, layout } = lines(rows, { x: 't', y: 'risk' });
  expect(data).toMatchObject([{ x: [0, 10, 20], y: [0, 10, 20] }]);
  expect(layout.title.text).not.toContain('left out');
});

test('the caption says what was left out, thinned or ended', () => {
  const caption = (drawable: Parameters<typeof lines>[0], more = {}) =>
    splitTitle(lines(drawable, { x: 't', y: 'risk', ...more }).layout.title.text).caption.replace(/<.*?>/g, '');
  const gaps = [1, NaN, 2, Infinity].map((risk, t) => ({ t, risk }));
  expect(caption(gaps)).toBe('2 points are not finite and left out');
  expect(caption(decay(1), { logX: true })).toBe('1 value of time t ≤ 0 cannot be shown on the log axis');
  const runs = [5, 3, 5].map((count, seed) => ({ rows: decay(1, count), seed, status: 'done' }));
  expect(caption(runs)).toBe('thin: 3 seeds, thick: mean; mean ends at 2, as 1 of 3 seeds stops before the others');
  expect(caption({ a: runs, b: decay(1) })).toContain('mean of a ends at 2, as 1 of 3 seeds');
  const every = (stride: number) => ({ rows: decay(1).filter((_, t) => t % stride === 0) });
  expect(caption([every(1), every(2)])).toBe(
    'thin: 2 seeds, thick: mean; mean at the 3 of 5 points that all seeds have',
  );
  expect(caption({ a: [every(1), every(2)], b: [every(2), every(1)] })).toMatch(
    /mean; means at the points that all seeds have$/,
  );
  expect(caption({ a: runs, b: runs })).toMatch(/mean; a mean ends where its first seed does$/);
  expect(caption([runs[0], { ...runs[1], status: 'diverged' }, runs[2]])).toBe(
    'thin: 3 seeds, thick: mean; 1 of 3 runs of risk diverged',
  );
  expect(caption(decay(1e-3, 3000))).toBe(thinningNote);
});

import { expect, test } from 'vitest';
import { animation } from '../../src/plot/animation';
import { bars } from '../../src/plot/bars';
import { figure, type Figure } from '../../src/plot/figure';
import { heatmap } from '../../src/plot/heatmap';
import { lines, type LinesOptions } from '../../src/plot/lines';
import { panels } from '../../src/plot/panels';
import { rays } from '../../src/plot/rays';
import { decay } from './support';

const curves = (names: string[], more: Partial<LinesOptions> = {}) =>
  lines(Object.fromEntries(names.map((name, i) => [name, decay(1 + i)])), { x: 't', y: 'risk', ...more });
const colors = ({ data }: Pick<Figure, 'data'>) => data.map(t => [t.name, t.line?.color ?? t.marker.color]);
const [blue, orange, green] = ['#0072B2', '#D55E00', '#009E73'];

test('a name has one colour in all panels, and no two names share one', () => {
  const both = panels([curves(['student', 'teacher']), curves(['teacher', 'oracle'])], { title: 'all' });
  expect(colors(both)).toEqual([
    ['student', blue],
    ['teacher', orange],
    ['teacher', orange],
    ['oracle', green],
  ]);
});

test('thin lines of seeds and published values follow their curve, theory stays black', () => {
  const runs = { oracle: [{ rows: decay(1) }, { rows: decay(2) }] };
  const seeds = lines(runs, { x: 't', y: 'risk', theory: { bound: 1 }, published: { oracle: [{ t: 1, risk: 1 }] } });
  const both = panels([curves(['student', 'teacher']), seeds], { title: 'all' });
  expect(colors(both).slice(2)).toEqual([
    ['oracle', 'rgba(0,158,115,0.35)'],
    ['oracle', green],
    ['published', green],
    ['published', '#444'],
    ['bound', '#000'],
  ]);
});

test('bars and rays follow', () => {
  const rows = [{ a: 1, b: 1, risk: 2, net: 'teacher' }];
  const bar = bars([...rows, { ...rows[0], net: 'oracle' }], { x: 'a', y: 'risk', by: 'net' });
  const ray = rays({ oracle: rows }, { x: 'a', y: 'b' });
  const { data } = panels([curves(['student', 'teacher']), bar, ray], { title: 'all' });
  expect(data.filter(t => t.type === 'bar').map(t => [t.name, t.marker.color, t.marker.line.color])).toEqual([
    ['teacher', 'rgba(213,94,0,0.45)', orange],
    ['oracle', 'rgba(0,158,115,0.45)', green],
  ]);
  expect(data.filter(t => t.type === 'box').map(t => [t.marker.color, t.line.color])).toEqual([
    [orange, 'rgba(0,0,0,0)'],
    [green, 'rgba(0,0,0,0)'],
  ]);
  expect(data.at(-1)!.marker.color).toBe('rgba(0,158,115,0.6)');
});

test('chosen colours stay, in all panels; two for one name are refused', () => {
  const [red, pink] = ['#ff0000', '#ff00ff'];
  const chosen = curves(['teacher'], { colors: { teacher: red } });
  expect(colors(panels([curves(['student', 'teacher']), chosen], { title: 'all' }))).toEqual([
    ['student', blue],
    ['teacher', red],
    ['teacher', red],
  ]);
  const other = curves(['teacher'], { colors: { teacher: pink } });
  expect(() => panels([chosen, other], { title: 'all' })).toThrow(
    /^panels: figure 1 gives 'teacher' the colour #ff00ff but an earlier one gives it #ff0000$/,
  );
});

test('numbered names keep the ordered scale, over all panels', () => {
  const own = colors(curves(['m = 8', 'm = 32', 'm = 64', 'm = 128']));
  const both = panels([curves(['m = 8', 'm = 32', 'm = 128']), curves(['m = 32', 'm = 64', 'm = 128'])], {
    title: 'all',
  });
  expect(Object.fromEntries(colors(both))).toEqual(Object.fromEntries(own));
});

test('figures that do not disagree keep their colours', () => {
  const alone = [curves(['risk']), curves(['norm'])];
  expect(colors(panels(alone, { title: 'no legend' }))).toEqual([
    ['risk', blue],
    ['norm', blue],
  ]);
  const raw = figure([{ x: [0], y: [0], marker: { color: [1], colorscale: 'Viridis' }, name: 'a' }], {
    title: { text: '' },
    xaxis: {},
    yaxis: {},
  });
  expect(panels([raw, curves(['a', 'b'])], { title: 'all' }).data[0].marker).toEqual(raw.data[0].marker);
});

test('theory over a map stays black on white', () => {
  const rows = [0, 1, 2, 3].map(i => ({ t: i % 2, risk: i >> 1, z: i }));
  const map = heatmap(rows, { x: 't', y: 'risk', z: 'z', theory: { a: 0.5, b: 0.4 } });
  const { data } = panels([map, curves(['student', 'teacher']), curves(['teacher'])], { title: 'all' });
  expect(colors({ data: data.slice(1, 5) }).map(([, color]) => color)).toEqual([
    'rgba(255,255,255,0.75)',
    '#000',
    'rgba(255,255,255,0.75)',
    '#000',
  ]);
});

test('the frames of an animation too', () => {
  const frames = animation([0, 1], [curves(['student', 'teacher']), curves(['teacher', 'oracle'])], 't = ').frames!;
  expect(frames.flatMap(frame => colors(frame as Figure))).toEqual([
    ['student', blue],
    ['teacher', orange],
    ['teacher', orange],
    ['oracle', green],
  ]);
});

test('a theory has one dash in all panels, and no two theories share one', () => {
  const theory = (...names: string[]) => curves(['net'], { theory: Object.fromEntries(names.map(name => [name, 1])) });
  const level = bars([{ a: 1, risk: 2 }], { x: 'a', y: 'risk', theory: { level: 1 } });
  const dashes = ({ data, layout }: Figure) =>
    [...data, ...(layout.shapes ?? [])].filter(t => t.line?.dash).map(t => [t.name, t.line.dash]);
  expect(dashes(panels([theory('rate'), theory('bound', 'rate'), level], { title: 'all' }))).toEqual([
    ['rate', 'dash'],
    ['bound', 'dot'],
    ['rate', 'dash'],
    ['level', 'dashdot'],
  ]);
  const own = { name: 'own', x: [1], y: [1], line: { color: '#000', dash: 'longdash' } };
  const chosen = figure([own], { title: { text: '' }, xaxis: {}, yaxis: {} });
  expect(dashes(panels([theory('rate'), chosen], { title: 'all' }))).toEqual([
    ['rate', 'dash'],
    ['own', 'longdash'],
  ]);
});

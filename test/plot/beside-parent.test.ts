import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { claim, verdicts } from '../../src/notebook/claims';
import { besideParent, type Comparison } from '../../src/plot/beside-parent';
import { type Figure, figure } from '../../src/plot/figure';
import { heatmap } from '../../src/plot/heatmap';
import { lines } from '../../src/plot/lines';
import { panels } from '../../src/plot/panels';
import { titleOf } from '../../src/notebook/stored-results';
import { shownBy } from '../support/shown';
import { newPlace } from '../../src/notebook/show';
import { session } from '../../src/notebook/session';

const display = (value: object) => (value as any)[Symbol.for('Jupyter.display')]();
const run = (rate: number) => ({ rows: [0, 1, 2].map(t => ({ t, risk: Math.exp(-rate * t) })) });
const risk = (rate: number) =>
  lines({ own: [run(rate), run(2 * rate)] }, { x: 't', y: 'risk', title: 'Risk', theory: { bound: 1 } });
const map = (z: number) =>
  heatmap(
    [0, 1, 2, 3].map(i => ({ a: i % 2, b: i >> 1, z: z + i })),
    { x: 'a', y: 'b', z: 'z', title: 'Map' },
  );
const rate = (measured: number) =>
  shownBy(() => claim({ id: 'rate', statement: 'it falls', measured, expect: { above: 1 }, source: 'own' }));
const forget = () => {
  session().claims.clear();
  session().figures = [];
};

let folder: string;
let parent: string;

beforeAll(() => {
  forget();
  folder = mkdtempSync(path.join(tmpdir(), 'widenet-parent-'));
  parent = path.join(folder, 'parent.ipynb');
  const shown = [...rate(2), display(risk(1)), display(map(0))];
  const cells = shown.map(data => ({ cell_type: 'code', outputs: [{ data }] }));
  writeFileSync(parent, JSON.stringify({ cells, nbformat: 4 }));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(forget);

test('claims of both stand side by side, figures of one title lie on each other', () => {
  display(risk(0.3));
  display(lines(run(1), { x: 't', y: 'risk', title: 'New' }));
  rate(0.5);
  const [table, figure] = besideParent(parent) as [Comparison, Figure];
  expect(display(table)['text/plain']).toMatch(
    /it falls +holds: 2 +fails: 0\.5\nfigures without a counterpart in the parent: New/,
  );
  expect(figure.data.map(t => [t.name, t.line.color])).toEqual([
    ['parent: own', '#999'],
    ['own', 'rgba(0,114,178,0.35)'],
    ['own', '#0072B2'],
    ['bound', '#000'],
  ]);
  figure.data[0].y.forEach((v: number, t: number) => expect(v).toBeCloseTo((Math.exp(-t) + Math.exp(-2 * t)) / 2, 5));
  expect(figure.layout.showlegend).toBe(true);
  const [own, parents, both] = [risk(0.3), risk(1), figure].map(f => f.layout.yaxis.range[0]);
  expect(parents).toBeLessThan(own);
  expect(both).toBeCloseTo(parents, 5);
});

test("in every panel the parent's curves are drawn, their names once in the legend, and captions of both are kept", () => {
  const one = (rate: number, title: string) =>
    lines(
      { own: [run(rate), run(2 * rate)], other: run(rate) },
      {
        x: 't',
        y: 'risk',
        title,
        caption: `rate ${rate}`,
      },
    );
  const many = (rate: number) => panels([one(rate, 'left'), one(rate, 'right')], { title: 'Many' });
  const file = path.join(folder, 'panels.ipynb');
  const outputs = [many(1), one(1, 'Bare')].map(f => ({ data: display(f) }));
  writeFileSync(file, JSON.stringify({ cells: [{ cell_type: 'code', outputs }], nbformat: 4 }));
  forget();
  display(many(3));
  display(one(1, 'Bare'));
  const [, figure, same] = besideParent(file) as [Comparison, Figure, Figure];
  const grey = figure.data.filter(t => t.name?.startsWith('parent'));
  expect(grey.map(t => t.line.color)).toEqual(['#606060', '#c0c0c0', '#606060', '#c0c0c0']);
  expect(grey[0].hovertemplate).toMatch(/^<b>parent: own/);
  expect(grey.map(t => [t.name, t.xaxis, t.showlegend])).toEqual([
    ['parent: own', 'x', true],
    ['parent: other', 'x', true],
    ['parent: own', 'x2', false],
    ['parent: other', 'x2', false],
  ]);
  expect(grey[2].y[1]).toBeCloseTo((Math.exp(-1) + Math.exp(-2)) / 2, 5);
  expect(figure.layout.title.text).toMatch(
    /^Many: fork on parent \(grey\)<br><span[^>]*>rate 3; thin: 2 seeds, thick: mean; parent: rate 1; thin: [^<]*<\/span>$/,
  );
  expect(same.layout.title.text).toMatch(/^Bare: fork[^<]*<br><span[^>]*>rate 1; thin: 2 seeds, thick: mean<\/span>$/);
});

/** A parent of these outputs, in a file; then the session is as at the start of a fork. */
function stored(name: string, ...outputs: object[]): string {
  const file = path.join(folder, `${name}.ipynb`);
  const cells = [{ cell_type: 'code', outputs: outputs.map(data => ({ data })) }];
  writeFileSync(file, JSON.stringify({ cells, nbformat: 4 }));
  forget();
  return file;
}

test('parameters and seeds that differ are named: below the table, and beside the curves of the parent', () => {
  const settings = { firstSeed: 101, m: 32, steps: 9 };
  Object.assign(session(), { profile: 'full', settings });
  const seeded = (...all: number[]) =>
    lines(
      all.map(seed => ({ ...run(seed / 100), seed })),
      { x: 't', y: 'risk', title: 'Seeds' },
    );
  const bare = () => lines([{ x: 0, y: 1 }], { x: 'x', y: 'y', title: 'Bare' });
  const shown = [verdicts(), risk(1), seeded(101, 102, 103), bare()].map(display);
  const file = stored('settings', ...rate(2), ...shown);
  Object.assign(session(), { profile: 'quick', settings: { ...settings, firstSeed: 103, rows: [1, 2] } });
  display(risk(2));
  display(seeded(103, 105));
  display(bare());
  const [table, figure, seeds, noted] = besideParent(file) as [Comparison, Figure, Figure, Figure];
  const space = ({ layout }: Figure) => [layout.title.pad.b, layout.margin.t];
  expect(space(noted), 'room for a caption where there was none').toEqual([30, 66]);
  expect(space(figure)).toEqual(space(risk(2)));
  expect(table.settings).toEqual([
    { name: 'profile', parent: 'full', fork: 'quick' },
    { name: 'firstSeed', parent: 101, fork: 103 },
    { name: 'rows', parent: undefined, fork: [1, 2] },
  ]);
  expect(display(table)['text/plain']).toContain(
    'parameters that differ: profile = quick (parent: full); firstSeed = 103 (parent: 101); rows = [1, 2] (parent: none)',
  );
  expect(figure.layout.title.text).toMatch(/; parent: profile = full, firstSeed = 101, rows = none<\/span>$/);
  expect(seeds.layout.title.text).toContain('rows = none, seeds 101 to 103 (fork: 103, 105); thin: 3 seeds');
  Object.assign(session(), { profile: 'full', settings });
  const [same, plain] = besideParent(file) as [Comparison, Figure];
  expect([same.settings, plain.layout.title.text.includes('parent:')]).toEqual([[], false]);
  Object.assign(session(), { profile: 'quick', settings: {} });
});

test("the parent's theory is drawn where it is another curve, once where it is the same or sampled elsewhere", () => {
  const predicted = (end: number, rate: number, logY = true, floor = 1e-6) =>
    lines(
      [0, 1, end].map(t => ({ t, risk: Math.exp(-t) })),
      { x: 't', y: 'risk', logY, title: 'T', theory: { bound: t => 2 * Math.exp(-rate * t), floor } },
    );
  const namesOf = (file: string) =>
    (besideParent(file)[1] as Figure).data.map(t => [t.name, t.line.color, t.line.dash]);
  const own = [
    ['parent: risk', '#999', undefined],
    ['risk', '#0072B2', undefined],
    ['bound', '#000', 'dash'],
    ['floor', '#000', 'dot'],
  ];
  for (const logY of [true, false]) {
    const file = stored('theory', display(predicted(3, 1, logY)));
    display(predicted(2, 1, logY));
    expect(namesOf(file)).toEqual(own);
    forget();
    display(predicted(2, 1.1, logY));
    expect(namesOf(file)).toEqual([own[0], ['parent: bound', '#999', 'dash'], ...own.slice(1)]);
    forget();
    display(predicted(3, 1, logY, 1e-7));
    const lower = logY ? [['parent: floor', '#999', 'dot']] : [];
    expect(namesOf(file), 'as the axis shows it').toEqual([own[0], ...lower, ...own.slice(1)]);
  }
});

test('of more names than there are shades, the parent has one entry in the legend', () => {
  const names = ['m = 1', 'm = 2', 'm = 4', 'm = 8', 'm = 16'];
  const many = (count: number, from = 0) =>
    lines(Object.fromEntries(names.slice(from, count).map((name, i) => [name, run(i)])), {
      x: 't',
      y: 'risk',
      title: `of ${count}`,
    });
  const file = stored('many', display(many(4)), display(many(5)));
  display(many(4));
  display(many(5));
  const [four, five] = besideParent(file)
    .slice(1)
    .map(f => (f as Figure).data.filter(t => t.name.startsWith('parent')));
  expect(four.map(t => [t.name, t.showlegend])).toEqual(names.slice(0, 4).map(name => [`parent: ${name}`, true]));
  const all = 'parent: dark to light in this order';
  expect(five.map(t => [t.name, t.legendgroup, t.showlegend])).toEqual(names.map((_, i) => [all, all, i === 0]));
  expect(new Set(five.map(t => t.line.color)).size).toBe(5);
  forget();
  display(figure(many(5, 2).data, many(5).layout));
  const [, { data }] = besideParent(file) as [Comparison, Figure];
  expect(data[0].name).toBe('parent: m = 1 (dark) to m = 16 (light)');
});

test('a figure with other panels than the parent stands beside it, and bands of the parent are not drawn', () => {
  const banded = (rate: number) =>
    lines({ own: [run(rate), run(2 * rate)] }, { x: 't', y: 'risk', title: 'Banded', bands: true });
  const some = (count: number) =>
    panels(
      Array.from({ length: count }, () => risk(count)),
      { title: 'Some' },
    );
  const file = path.join(folder, 'others.ipynb');
  const outputs = [banded(1), some(2)].map(f => ({ data: display(f) }));
  writeFileSync(file, JSON.stringify({ cells: [{ cell_type: 'code', outputs }], nbformat: 4 }));
  forget();
  display(banded(3));
  display(some(3));
  const [, band, ...others] = besideParent(file) as [Comparison, ...Figure[]];
  expect(band.data.filter(t => t.name.startsWith('parent')).map(t => [t.name, t.fill])).toEqual([
    ['parent: own', undefined],
  ]);
  expect(others.map(titleOf)).toEqual(['Some: parent', 'Some: fork']);
});

test('maps stand beside each other, the parent first', () => {
  display(map(10));
  const [, figure] = besideParent(parent) as [Comparison, Figure];
  expect(figure.data.filter(t => t.z).map(t => t.z.flat())).toEqual([
    [0, 1, 2, 3],
    [10, 11, 12, 13],
  ]);
  expect(figure.layout.annotations.map((a: any) => a.text)).toEqual(['parent', 'fork']);
});

test("of three figures with one title, each stands beside the parent's of its place", () => {
  const cells = [1, 2, 3].map(rate => ({ cell_type: 'code', outputs: [{ data: display(risk(rate)) }] }));
  const file = path.join(folder, 'three.ipynb');
  writeFileSync(file, JSON.stringify({ cells, nbformat: 4 }));
  forget();
  [4, 5, 6, 7].forEach(rate => display(risk(rate)));
  const [{ alone }, ...figures] = besideParent(file) as [Comparison, ...Figure[]];
  expect(figures.map(titleOf)).toEqual(['', ' (2)', ' (3)'].map(number => `Risk${number}: fork on parent (grey)`));
  const mean = (rate: number) => (Math.exp(-rate) + Math.exp(-2 * rate)) / 2;
  figures.forEach((f, i) => expect(f.data[0].y[1]).toBeCloseTo(mean(i + 1), 5));
  figures.forEach((f, i) => expect(f.data[2].y[1]).toBeCloseTo(mean(i + 4), 5));
  expect(alone).toEqual(['Risk (4)']);
});

test('a cell that runs again replaces its figures, one figure shown twice is one', () => {
  const executions = globalThis as any;
  const execution = Symbol.for('widenet.execution');
  const before = executions[execution];
  const run = (id: string | undefined, ...figures: object[]) => {
    executions[execution] = { id };
    figures.forEach(display);
  };
  const titles = () => session().figures.map(({ title, figure }) => [title, figure.data[0].y[0]]);
  const at = (title: string, y: number) => lines([{ x: 0, y }], { x: 'x', y: 'y', title });
  run('a', at('one', 1), at('one', 2));
  run('b', at('one', 3));
  run('a', at('one', 4), at('new', 5));
  expect(titles()).toEqual([
    ['one', 4],
    ['new', 5],
    ['one', 3],
  ]);
  const twice = at('two', 6);
  run(undefined, twice, twice);
  run(undefined, at('two', 7));
  expect(titles().slice(3)).toEqual([['two', 7]]);
  const place = newPlace();
  [8, 9].forEach(y => shownBy(() => place.show(at('live', y))));
  expect(titles().slice(4)).toEqual([['live', 9]]);
  vi.stubEnv('WIDENET_BATCH', '1');
  run(undefined, at('live', 10));
  expect(titles().slice(4)).toEqual([
    ['live', 9],
    ['live', 10],
  ]);
  vi.unstubAllEnvs();
  executions[execution] = before;
});

test('published values of the parent are not drawn again', () => {
  const figure = lines({ a: run(1).rows }, { x: 't', y: 'risk', title: 'P', published: { a: [{ t: 1, risk: 1 }] } });
  const file = path.join(folder, 'published.ipynb');
  writeFileSync(
    file,
    JSON.stringify({ cells: [{ cell_type: 'code', outputs: [{ data: display(figure) }] }], nbformat: 4 }),
  );
  const [, overlaid] = besideParent(file) as [Comparison, Figure];
  expect(overlaid.data.map(t => t.name)).toEqual(['parent: a', 'a', 'published', 'published']);
});

test('maps with theory are not drawn on each other, nor are panels put into panels', () => {
  const edged = (z: number) =>
    heatmap(
      [0, 1, 2, 3].map(i => ({ a: i % 2, b: i >> 1, z: z + i })),
      { x: 'a', y: 'b', z: 'z', title: 'Edged', theory: { edge: a => a } },
    );
  const both = (z: number) => panels([edged(z), risk(z + 1)], { title: 'Both' });
  const cells = [edged(0), both(0)].map(value => ({ cell_type: 'code', outputs: [{ data: display(value) }] }));
  const file = path.join(folder, 'maps.ipynb');
  writeFileSync(file, JSON.stringify({ cells, nbformat: 4 }));
  forget();
  [edged(5), both(5)].forEach(display);
  const [, ...figures] = besideParent(file) as [Comparison, ...Figure[]];
  expect(figures.map(f => titleOf(f))).toEqual(['Edged: parent and fork', 'Both: parent', 'Both: fork']);
  const maps = figures.map(f => f.data.filter(t => t.type === 'heatmap').map(t => t.z[0][0]));
  expect(maps).toEqual([[0, 5], [0], [5]]);
});

test('a claim that one of them does not make is shown as such', () => {
  const [table] = besideParent(parent) as [Comparison];
  expect(table.rows).toMatchObject([{ id: 'rate', parent: { verdict: 'holds' }, fork: undefined }]);
  expect(display(table)['text/html']).toContain('<td style="text-align:left">-</td>');
});

test('a parent that is missing, damaged or never executed is refused', () => {
  const file = path.join(folder, 'other.ipynb');
  expect(() => besideParent(file)).toThrow(
    /^besideParent: cannot read .*other\.ipynb \(ENOENT\); the path is relative to this notebook$/,
  );
  writeFileSync(file, '{');
  expect(() => besideParent(file)).toThrow(/^besideParent: .*other\.ipynb: is not a notebook/);
  writeFileSync(file, JSON.stringify({ cells: [], nbformat: 4 }));
  expect(() => besideParent(file)).toThrow(
    /^besideParent: .*other\.ipynb holds no results; execute and save it first$/,
  );
});

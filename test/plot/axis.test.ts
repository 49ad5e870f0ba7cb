import { expect, test } from 'vitest';
import { axis } from '../../src/plot/axis';
import { bars } from '../../src/plot/bars';
import { heatmap } from '../../src/plot/heatmap';
import { lines, scatter } from '../../src/plot/lines';
import { extent, type Range } from '../../src/plot/range';
import { rays } from '../../src/plot/rays';
import { decay } from './support';

const log = (all: Range, at?: number[]) => axis('y', 'risk', { logY: true }, all, at);
const linear = (all: Range) => axis('y', 'risk', {}, all);

test('a log axis has about a tick a decade, and at most 9', () => {
  const values = (low: number, high: number) => log([low, high]).tickvals;
  expect(values(1e-3, 1)).toEqual([1e-3, 1e-2, 0.1, 1]);
  expect(values(1e-20, 1)).toEqual([1e-18, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1]);
  expect(log([1e-3, 1]).minor).toMatchObject({ dtick: 'D1' });
  expect(log([1e-20, 1]).minor).toBeUndefined();
  expect(log([64, 4096], [64, 4096])).toMatchObject({ tickvals: [64, 4096], ticktext: ['64', '4096'] });
});

test.each<[number, number, string[]]>([
  [1, 10, ['1', '2', '5', '10']],
  [2.5e-5, 4.5e-5, ['3·10<sup>−5</sup>', '4·10<sup>−5</sup>']],
  [1.15, 1.85, ['1.2', '1.4', '1.6', '1.8']],
  [0.61, 0.68, ['0.62', '0.64', '0.66', '0.68']],
  [1.000001, 1.000002, ['1.000001', '1.0000012', '1.0000014', '1.0000016', '1.0000018', '1.000002']],
  [9.7, 10.4, ['9.8', '10', '10.2', '10.4']],
  [3.1e-7, 3.9e-7, ['3.2·10<sup>−7</sup>', '3.4·10<sup>−7</sup>', '3.6·10<sup>−7</sup>', '3.8·10<sup>−7</sup>']],
])('a log axis from %d to %d has ticks', (low, high, texts) => expect(log([low, high]).ticktext).toEqual(texts));

test('the ticks of an axis are in one style, with true minus signs', () => {
  const texts = (values: number[], options: object = {}) => axis('x', 't', { xTicks: values, ...options }).ticktext;
  expect(log([1e-6, 1e-5]).ticktext).toEqual([
    '10<sup>−6</sup>',
    '2·10<sup>−6</sup>',
    '5·10<sup>−6</sup>',
    '10<sup>−5</sup>',
  ]);
  expect(log([0.1, 100]).ticktext).toEqual(['0.1', '1', '10', '100']);
  expect(log([1e-5, 100]).ticktext.slice(0, 4)).toEqual([5, 4, 3, 2].map(k => `10<sup>−${k}</sup>`));
  expect(log([1e-5, 100]).ticktext.slice(4)).toEqual(['10<sup>−1</sup>', '1', '10', '10<sup>2</sup>']);
  expect(texts([-4, -0.5, 0, 3])).toEqual(['−4', '−0.5', '0', '3']);
  expect(texts([-1e6, 0, 2e6])).toEqual(['−10<sup>6</sup>', '0', '2·10<sup>6</sup>']);
  expect(texts([64, 1024, 131072])).toEqual(['64', '1024', '131072']);
  expect(texts([1, 1000, 1e6])).toEqual(['1', '10<sup>3</sup>', '10<sup>6</sup>']);
});

test('a range has room, also around a single value', () => {
  expect(linear([0, 100]).range).toEqual([-3, 103]);
  expect(linear([5, 5]).range).toEqual([4.5, 5.5]);
  expect(linear([0, 0]).range).toEqual([-1, 1]);
});

test('an extent leaves out what an axis cannot show', () => {
  expect(extent([3, NaN, -1, Infinity], false)).toEqual([-1, 3]);
  expect(extent([3, 0, -1], true)).toEqual([3, 3]);
  expect(extent([0, NaN], true)).toBeUndefined();
});

test('a given range is shown as it is, on a log axis as the powers of ten that Plotly wants', () => {
  const { layout } = lines(decay(1), { x: 't', y: 'risk', logY: true, xRange: [0, 2], yRange: [1e-3, 10] });
  expect(layout.xaxis.range).toEqual([0, 2]);
  expect(layout.yaxis).toMatchObject({ type: 'log', range: [-3, 1] });
});

test('given ticks are the only ones, as values or by their text', () => {
  const options = { x: 't', y: 'risk', logY: true, xTicks: { half: 2, '0': 0, π: Math.PI }, yTicks: [1, 1e-4] };
  const { xaxis, yaxis } = lines(decay(1), options).layout;
  const at = ({ tickvals, ticktext }: any) =>
    Object.fromEntries(tickvals.map((v: number, i: number) => [ticktext[i], v]));
  expect(at(xaxis)).toEqual({ half: 2, 0: 0, π: Math.PI });
  expect(at(yaxis)).toEqual({ 1: 1, '10<sup>−4</sup>': 1e-4 });
  expect([yaxis.tickmode, yaxis.dtick, yaxis.minor]).toEqual(['array', undefined, undefined]);
});

test('a formula is drawn over the range that is shown', () => {
  const { data } = lines(decay(1), { x: 't', y: 'risk', xRange: [-1, 9], theory: { f: t => Math.exp(-t) } });
  expect([data[1].x[0], data[1].x.at(-1)]).toEqual([-1, 9]);
});

test('all figures take them', () => {
  const [yRange, yTicks]: [Range, number[]] = [
    [0, 3],
    [0, 1, 2],
  ];
  const rows = decay(1).map(row => ({ ...row, z: 1 }));
  const figures = [
    scatter(rows, { x: 't', y: 'risk', yRange, yTicks }),
    bars(rows, { x: 't', y: 'risk', yRange, yTicks }),
    heatmap(rows, { x: 't', y: 'risk', z: 'z', yRange, yTicks }),
    rays(rows, { x: 't', y: 'risk', yRange, yTicks }),
  ];
  for (const { layout } of figures) expect(layout.yaxis).toMatchObject({ range: yRange, tickvals: yTicks });
});

test('a range or a tick that an axis cannot show is refused by its name', () => {
  const draw = (options: object) => () => scatter(decay(1), { x: 't', y: 'risk', ...options });
  const notRange = 'but must be two finite numbers, the lower one first$';
  expect(draw({ xRange: [2, 1] })).toThrow(new RegExp(`^scatter: xRange is \\[ 2, 1 \\] ${notRange}`));
  expect(draw({ yRange: [1, 1] })).toThrow(new RegExp(`^scatter: yRange is \\[ 1, 1 \\] ${notRange}`));
  expect(draw({ yRange: [NaN, 1] })).toThrow(new RegExp(`^scatter: yRange is \\[ NaN, 1 \\] ${notRange}`));
  expect(draw({ yRange: [0, 1, 2] })).toThrow(new RegExp(`^scatter: yRange is \\[ 0, 1, 2 \\] ${notRange}`));
  expect(draw({ yRange: 3 })).toThrow(new RegExp(`^scatter: yRange is 3 ${notRange}`));
  expect(draw({ yRange: [0, 1], logY: true })).toThrow(
    /^scatter: yRange is \[ 0, 1 \] but both ends must be > 0 on a log axis$/,
  );
  expect(draw({ xTicks: [0, Infinity] })).toThrow(/^scatter: xTicks is \[ 0, Infinity \] but must be finite numbers/);
  expect(draw({ xTicks: { zero: 0 }, logX: true })).toThrow(
    /^scatter: xTicks is \{ zero: 0 \} but ticks must be > 0 on a log axis$/,
  );
  expect(() => bars(decay(1), { x: 't', y: 'risk', xRange: [0, 1] } as any)).toThrow(/^bars: xRange is no option/);
});

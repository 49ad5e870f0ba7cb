import { expect, test } from 'vitest';
import { lines } from '../../src/plot/lines';

const run = (values: readonly number[], status = 'done') => ({
  rows: values.map((risk, t) => ({ t, risk })),
  status,
});
const band = (runs: ReturnType<typeof run>[], logY = false) =>
  lines({ a: runs }, { x: 't', y: 'risk', bands: true, logY });
const captionOf = ({ layout }: ReturnType<typeof lines>) => /color:#666">(.*)<\/span>/.exec(layout.title.text)?.[1];

test('the band is one sample standard deviation of the seeds below and above their mean', () => {
  const figure = band([run([1, 5]), run([2, 5]), run([3, 5])]);
  const [area, mean, ...others] = figure.data;
  expect([area.x, area.y, area.fill]).toEqual([[0, 1, 1, 0, NaN], [1, 5, 5, 3, NaN], 'toself']);
  expect([mean.x, mean.y, others]).toEqual([[0, 1], [2, 5], []]);
  expect(captionOf(figure)).toBe('mean of 3 seeds, band: one standard deviation');
});

test('on a log axis it is a factor: that of the logarithms', () => {
  const figure = band([run([1, 10]), run([100, 10])], true);
  const factor = Math.exp(Math.log(100) / Math.SQRT2);
  const [low, , , high] = figure.data[0].y;
  expect(low * factor).toBeCloseTo(10, 10);
  expect(high / factor).toBeCloseTo(10, 10);
  expect(figure.data[1].y[0]).toBeCloseTo(10, 10);
  expect(captionOf(figure)).toBe('geometric mean of 2 seeds, band: a factor of one geometric standard deviation');
});

test('a run that diverged is in neither, and stays a thin line', () => {
  const figure = band([run([1, 2]), run([3, 2]), run([50, 90], 'diverged')]);
  expect(figure.data.map(t => [t.fill, t.line.width])).toEqual([
    ['toself', 0],
    [undefined, 1],
    [undefined, 2.5],
  ]);
  expect(figure.data[0].y).toEqual([2 - Math.SQRT2, 2, 2, 2 + Math.SQRT2, NaN]);
  expect(captionOf(figure)).toMatch(/; 1 of 3 runs of a diverged$/);
});

test('where a value has no logarithm the band has a gap', () => {
  const { x } = band([run([1, 0, 4, 4]), run([2, 1, 5, 5])], true).data[0];
  expect(x).toEqual([0, 0, NaN, 2, 3, 3, 2, NaN]);
});

test('the axis holds the band and not the lines that it stands for', () => {
  const [low, high] = band([run([0, 1]), run([4, 1])]).layout.yaxis.range;
  const [wide, narrow] = [2 + 2 * Math.SQRT2, 4];
  expect(high).toBeGreaterThan(wide);
  expect(high).toBeLessThan(wide + 0.3);
  expect(low).toBeLessThan(2 - 2 * Math.SQRT2);
  const one = lines({ a: [...Array(9).fill(run([2, 1])), run([narrow, 1])] }, { x: 't', y: 'risk', bands: true });
  expect(one.layout.yaxis.range[1]).toBeLessThan(3);
});

test('one seed is a line, as without bands', () => {
  const one = { x: 't', y: 'risk' };
  expect(lines({ a: [run([1, 2])] }, { ...one, bands: true }).data).toEqual(lines({ a: [run([1, 2])] }, one).data);
});

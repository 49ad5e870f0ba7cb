import { expect, test } from 'vitest';
import { lines } from '../../src/plot/lines';
import { decay } from './support';

const widths = (drawable: Parameters<typeof lines>[0], more: object = {}) =>
  lines(drawable, { x: 't', y: 'risk', ...more }).data.map(t => [t.name, t.line.color, t.line.width, t.marker?.size]);

const moved = (by: (risk: number) => number) => decay(1).map((row, t) => ({ ...row, risk: by(Math.exp(-t)) }));
const times = (factor: number) => moved(risk => factor * risk);

test('a curve under another one is wide and pale, its dots too; the one on top is as it is alone', () => {
  expect(widths({ a: decay(1), b: times(1.005) }, { markers: true })).toEqual([
    ['a', 'rgba(0,114,178,0.4)', 7, 11],
    ['b', '#D55E00', 2, 5],
  ]);
});

test('curves count as one above the other by the height that the axis gives them', () => {
  const wide = (drawable: Parameters<typeof lines>[0], more: object = {}) =>
    widths(drawable, more).map(([, , width]) => width);
  const far = { a: decay(1), b: times(1.03) };
  expect(wide(far)).toEqual([2, 2]);
  expect(wide(far, { yRange: [-9, 9] })).toEqual([7, 2]);
  expect(wide({ a: decay(1), b: times(1.02) }, { logY: true })).toEqual([7, 2]);
  expect(wide({ a: decay(1), b: moved(risk => risk + 0.004) })).toEqual([7, 2]);
  expect(wide({ a: decay(1), b: moved(risk => risk + 0.004) }, { logY: true })).toEqual([2, 2]);
});

test('a curve that goes on where the other ends is not under it; the mean of seeds may be', () => {
  const runs = [1, 2].map(seed => ({ seed, rows: decay(1) }));
  expect(widths({ a: decay(1), b: decay(1).slice(0, 3) }).map(([, , width]) => width)).toEqual([2, 2]);
  expect(widths({ a: decay(1).slice(0, 3), b: decay(1) }).map(([, , width]) => width)).toEqual([7, 2]);
  expect(widths({ a: runs, b: decay(1) }).map(([, , width]) => width)).toEqual([1, 7, 2]);
});

import { expect, test } from 'vitest';
import { lines, scatter } from '../../src/plot/lines';
import { decay } from './support';

const widths = (drawable: Parameters<typeof lines>[0], more: object = {}) =>
  lines(drawable, { x: 't', y: 'risk', ...more }).data.map(t => [t.name, t.line.color, t.line.width, t.marker?.size]);

const moved = (by: (risk: number, t: number) => number) =>
  decay(1).map((row, t) => ({ ...row, risk: by(Math.exp(-t), t) }));
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

test('a curve that several others cover between them is under them', () => {
  const drawable = {
    a: decay(1),
    b: moved((risk, t) => (t < 2 ? risk : 0)),
    c: moved((risk, t) => (t < 2 ? 0 : risk)),
  };
  expect(widths(drawable).map(([, , width]) => width)).toEqual([7, 2, 2]);
  const apart = moved((risk, t) => (t === 3 ? 0.5 : t < 2 ? 0 : risk));
  expect(widths({ ...drawable, c: apart }).map(([, , width]) => width)).toEqual([2, 2, 2]);
});

const dots = (drawable: Parameters<typeof scatter>[0], more: object = {}) =>
  scatter(drawable, { x: 't', y: 'risk', ...more }).data.map(({ marker }) => [marker.size, marker.opacity]);

test('a dot under dots of later names is wider by each of them, and pale; the others of its name are as they are', () => {
  const at = (...risks: number[]) => risks.map((risk, t) => ({ t, risk }));
  expect(dots({ a: at(0, 1, 2, 3), b: at(9, 1, 2, 0), c: at(9, 5, 2, 7) })).toEqual([
    [
      [7, 12, 17, 7],
      [1, 0.4, 0.4, 1],
    ],
    [
      [12, 7, 12, 7],
      [0.4, 1, 0.4, 1],
    ],
    [7, undefined],
  ]);
});

test('dots count as one above the other by the places that the axes give them', () => {
  const at = (t: number, risk: number) => [
    { t: 1, risk: 1 },
    { t, risk },
    { t: 100, risk: 100 },
  ];
  const middle = (drawable: Parameters<typeof scatter>[0], more: object = {}) => [dots(drawable, more)[0][0]].flat()[1];
  const beside = { a: at(50, 50), b: at(50.2, 50.5) };
  expect(middle(beside)).toBe(12);
  expect(middle(beside, { xRange: [49, 51] })).toBe(7);
  expect(middle(beside, { yRange: [49, 51] })).toBe(7);
  expect(middle({ a: at(2, 50), b: at(2.1, 50) })).toBe(12);
  expect(middle({ a: at(2, 50), b: at(2.1, 50) }, { logX: true })).toBe(7);
});

test('a cloud of dots is in one size: many sizes would look like a quantity', () => {
  const cloud = (n: number) => Array.from({ length: n }, (_, t) => ({ t, risk: t % 7 }));
  expect(dots({ a: cloud(50), b: cloud(50) })[0][0]).toEqual(Array(50).fill(12));
  expect(dots({ a: cloud(51), b: cloud(51) })[0]).toEqual([7, undefined]);
});

test('a curve whose x differ in their last bits is under the other one', () => {
  const beside = decay(1).map((row, t) => ({ ...row, t: t * (1 + 1e-15) }));
  expect(widths({ a: decay(1), b: beside }).map(([, , width]) => width)).toEqual([7, 2]);
});

import { expect, test } from 'vitest';
import { lines } from '../../src/plot/lines';
import { panels } from '../../src/plot/panels';
import { rays } from '../../src/plot/rays';
import { boxes, inPageOf, stored } from '../support/drawn';
import { decay } from './support';

const rows = [
  { a: 1, b: 0, mass: 1 },
  { a: 0, b: 0.5, mass: 4 },
];

const diameters = ({ marker }: any) => marker.size.map((size: number) => size / marker.sizeref);

test('dots have areas proportional to the weight, over all groups, and rays from the origin', () => {
  const { data, layout } = rays({ one: [rows[0]], two: [rows[1]] }, { x: 'a', y: 'b', area: 'mass' });
  const [circle, rayOne, dotOne, , dotTwo] = data;
  circle.x.forEach((x: number, i: number) => expect(Math.hypot(x, circle.y[i])).toBeCloseTo(1, 12));
  expect(rayOne.x).toEqual([0, 1, NaN]);
  expect(diameters(dotTwo)[0] ** 2 / diameters(dotOne)[0] ** 2).toBeCloseTo(4, 12);
  expect(layout.yaxis.scaleanchor).toBe('x');
});

test('without weights all dots are equal', () => {
  const { data } = rays(rows, { x: 'a', y: 'b' });
  expect(diameters(data[2])).toEqual([22, 22]);
});

test('a negative weight is refused', () => {
  expect(() => rays([{ a: 1, b: 0, mass: -1 }], { x: 'a', y: 'b', area: 'mass' })).toThrow(
    /^rays: column 'mass' holds -1 but an area must be >= 0$/,
  );
});

test('with one `largest`, equal weights have equal areas in two figures', () => {
  const [few, many] = [rows.slice(0, 1), rows].map(drawn => rays(drawn, { x: 'a', y: 'b', area: 'mass', largest: 16 }));
  expect([...diameters(few.data[2]), diameters(many.data[2])[0]].map(d => d.toFixed(6))).toEqual([
    '5.500000',
    '5.500000',
  ]);
  expect(() => rays(rows, { x: 'a', y: 'b', area: 'mass', largest: 0 })).toThrow(/^rays: largest is 0 but must be/);
});

test('the circle and the dots on it keep clear of the frame', async () => {
  const corner = { a: Math.SQRT1_2, b: Math.SQRT1_2, mass: 1 };
  await inPageOf([stored(rays([...rows, corner], { x: 'a', y: 'b', area: 'mass' }))], async page => {
    const [frame] = await boxes(page, '.nsewdrag');
    const drawn = await boxes(page, '.scatterlayer .js-line, .scatterlayer .points path');
    expect(drawn.length).toBeGreaterThan(3);
    for (const { left, right, top, bottom } of drawn) {
      expect(Math.min(left - frame.left, top - frame.top)).toBeGreaterThan(0);
      expect(Math.min(frame.right - right, frame.bottom - bottom)).toBeGreaterThan(0);
    }
  });
});

test('the legend shows dots that can be seen, also of small weights and beside curves', async () => {
  const small = Array.from({ length: 100 }, (_, i) => ({ a: i, b: 1, mass: i === 0 ? 1 : 1e-4 }));
  const dots = rays({ up: small, down: small, none: [] }, { x: 'a', y: 'b', area: 'mass' });
  await inPageOf([stored(panels([dots, lines(decay(1), { x: 't', y: 'risk' })], { title: 'Both' }))], async page => {
    const shown = await boxes(page, '.legendpoints path');
    expect(shown.map(({ width }) => Math.round(width))).toEqual([10, 10]);
  });
});

import { expect, test } from 'vitest';
import { rays } from '../../src/plot/rays';

const rows = [
  { a: 1, b: 0, mass: 1 },
  { a: 0, b: 0.5, mass: 4 },
];

test('dots have areas proportional to the weight, over all groups, and rays from the origin', () => {
  const { data, layout } = rays({ one: [rows[0]], two: [rows[1]] }, { x: 'a', y: 'b', area: 'mass' });
  const [circle, rayOne, dotOne, , dotTwo] = data;
  circle.x.forEach((x: number, i: number) => expect(Math.hypot(x, circle.y[i])).toBeCloseTo(1, 12));
  expect(rayOne.x).toEqual([0, 1, NaN]);
  expect(dotTwo.marker.size[0] ** 2 / dotOne.marker.size[0] ** 2).toBeCloseTo(4, 12);
  expect(layout.yaxis.scaleanchor).toBe('x');
});

test('without weights all dots are equal', () => {
  const { data } = rays(rows, { x: 'a', y: 'b' });
  expect(data[2].marker.size).toEqual([22, 22]);
});

test('a negative weight is refused', () => {
  expect(() => rays([{ a: 1, b: 0, mass: -1 }], { x: 'a', y: 'b', area: 'mass' })).toThrow(
    /^rays: column 'mass' holds -1 but an area must be >= 0$/,
  );
});

test('with one `largest`, equal weights have equal areas in two figures', () => {
  const [few, many] = [rows.slice(0, 1), rows].map(drawn => rays(drawn, { x: 'a', y: 'b', area: 'mass', largest: 16 }));
  expect([few.data[2].marker.size[0], many.data[2].marker.size[0]]).toEqual([5.5, 5.5]);
  expect(() => rays(rows, { x: 'a', y: 'b', area: 'mass', largest: 0 })).toThrow(/^rays: largest is 0 but must be/);
});

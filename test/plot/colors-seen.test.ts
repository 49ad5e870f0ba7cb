/** The distinct colours as a reader with deuteranopia or protanopia sees them. */
import { expect, test } from 'vitest';
import { palette } from '../../src/plot/colors';

/** Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB. */
const kinds: Record<string, number[][]> = {
  'all cones': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
};
const toXyz = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
];
const times = (matrix: number[][], v: number[]) => matrix.map(row => row.reduce((sum, a, i) => sum + a * v[i], 0));
const linear = (hex: string) =>
  [1, 3, 5]
    .map(i => parseInt(hex.slice(i, i + 2), 16) / 255)
    .map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));

/** CIELAB of a colour as it is seen. */
function lab(hex: string, kind: string): number[] {
  const seen = times(kinds[kind], linear(hex)).map(v => Math.min(1, Math.max(0, v)));
  const [x, y, z] = times(toXyz, seen)
    .map((v, i) => v / [0.95047, 1, 1.08883][i])
    .map(v => (v > 0.008856 ? Math.cbrt(v) : 7.787 * v + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** The least distance (CIE 1976) between two of these colours. */
function closest(colors: string[], kind: string): number {
  const seen = colors.map(hex => lab(hex, kind));
  const distances = seen.flatMap((a, i) => seen.slice(0, i).map(b => Math.hypot(...a.map((v, k) => v - b[k]))));
  return Math.min(...distances);
}

const shown = Object.values(palette('abcdefgh'.split('')));

test.each(Object.keys(kinds))(
  'with %s, all eight and the black of theory are as far apart as the six of Okabe and Ito',
  kind => {
    const six = closest(['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'], kind);
    expect(six).toBeGreaterThan(17);
    expect(closest([...shown, '#000000'], kind)).toBeGreaterThanOrEqual(six);
  },
);

test('a grey and a green would be taken for each other', () => {
  expect(closest(['#009E73', '#7F7F7F'], 'deuteranopia')).toBeLessThan(10);
});

test('each can be seen on white: its contrast is 2 or more', () => {
  for (const hex of shown) expect(1.05 / (times(toXyz, linear(hex))[1] + 0.05)).toBeGreaterThan(2);
});

import { expect, test } from 'vitest';
import { ndarray } from '../../src/base/ndarray';
import { tf } from '../../src/base/tfjs';
import { images } from '../../src/plot/images';

const title = 'pixels';
const shown = (values: number[], shape: number[], options: object = {}) =>
  images(ndarray(values, shape), { title, ...options });
const count = (n: number) => Array.from({ length: n }, (_, i) => i / n);

test('a grey image has its values, the first row at the top, square pixels and no axes', () => {
  const { data, layout } = shown([0, 0.5, 1, 0.25, 0, 1], [2, 3]);
  expect(data).toMatchObject([
    {
      type: 'heatmap',
      z: [
        [0, 0.5, 1],
        [0.25, 0, 1],
      ],
      zmin: 0,
      zmax: 1,
      showscale: false,
    },
  ]);
  expect(data[0].colorscale).toEqual([
    [0, '#000'],
    [1, '#fff'],
  ]);
  expect(layout.yaxis).toMatchObject({ autorange: 'reversed', scaleanchor: 'x', visible: false });
  expect(layout.title.text).toContain('black: 0, white: 1');
});

test('colours are red, green and blue as bytes', () => {
  const { data } = shown([1, 0, 0, 0, 1, 0.5], [1, 2, 3]);
  expect(data).toMatchObject([
    {
      type: 'image',
      z: [
        [
          [255, 0, 0],
          [0, 255, 128],
        ],
      ],
    },
  ]);
  const bytes = images(tf.tensor3d([[[255, 0, 7]]], [1, 1, 3], 'int32'), { title });
  expect(bytes.data[0].z).toEqual([[[255, 0, 7]]]);
});

test('a batch is a grid, row by row, with white between', () => {
  const values = count(12);
  // Image k of [6, 2, 1] has the values 2k and 2k + 1.
  const [z] = shown(values, [6, 2, 1, 1], { columns: 3 }).data.map(trace => trace.z);
  expect(z).toEqual([
    [values[0], null, values[2], null, values[4]],
    [values[1], null, values[3], null, values[5]],
    [null, null, null, null, null],
    [values[6], null, values[8], null, values[10]],
    [values[7], null, values[9], null, values[11]],
  ]);
  const colored = shown(count(2 * 3), [2, 1, 1, 3], { columns: 2 }).data[0];
  expect(colored.z[0][1]).toEqual([255, 255, 255]);
  expect(shown(count(5), [5, 1, 1]).data[0].z.length).toBe(3);
});

test.each([
  [
    [0, 1],
    [0, 1],
  ],
  [
    [0, 0.2],
    [0, 1],
  ],
  [
    [0, 2],
    [0, 255],
  ],
  [
    [255, 1],
    [0, 255],
  ],
])('the range of %j is %j', (values, [zmin, zmax]) => {
  expect(shown(values, [1, 2]).data[0]).toMatchObject({ zmin, zmax });
});

test('values that have no usual range need one, and what lies beyond it is black or white', () => {
  for (const values of [
    [-1, 1],
    [0, 1.5],
    [0, 256],
  ])
    expect(() => shown(values, [1, 2])).toThrow(/^images: values lie in \[.*\]; say by range which of them is black/);
  expect(shown([-1, 1], [1, 2], { range: [-1, 1] }).layout.title.text).toContain('black: -1, white: 1');
  expect(shown([-1, 0, 3], [1, 1, 3], { range: [0, 2] }).data[0].z).toEqual([[[0, 0, 255]]]);
});

test('what is no image is refused', () => {
  expect(() => shown([1, 1], [2])).toThrow(/^images: shape is \[2\] but must be \[h, w\], \[h, w, 3\], or a batch/);
  expect(() => shown(count(4), [1, 1, 1, 4])).toThrow(/^images: shape is \[1,1,1,4\] but must be/);
  expect(() => shown([], [0, 3])).toThrow(/^images: shape \[0,3\] holds 0 values but must hold 1 to 4 million$/);
  expect(() => shown([0, NaN], [1, 2])).toThrow(/^images: value 1 is NaN but must be finite$/);
});

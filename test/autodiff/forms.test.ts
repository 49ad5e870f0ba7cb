import { expect, test } from 'vitest';
import { tf } from 'widenet';

/**
 * The derivative of each form of an operation, its options included, against differences of the operation itself: what
 * an option does forwards it must do backwards. derivatives.test.ts has the numbers; this has the forms.
 */
type Form = (...x: any[]) => tf.Tensor;
/** A name, the form, and the shapes of its arguments. */
type Row = [name: string, form: Form, ...shapes: number[][]];
const image = [1, 5, 6, 2];
const volume = [1, 4, 4, 4, 2];
const int = (...values: number[]) => tf.tensor1d(values, 'int32');

const explicit: [number, number][] = [
  [0, 0],
  [1, 0],
  [2, 1],
  [0, 0],
];
const paddings = ['same', 'valid', explicit] as const;
const strides = [1, 2, [2, 1], [1, 2]] as const;
const windows = paddings.flatMap((pad: any) =>
  strides.flatMap((stride: any) => {
    const tag = `pad ${JSON.stringify(pad)}, strides ${JSON.stringify(stride)}`;
    const rows: Row[] = [[`conv2d, ${tag}`, (x, f) => tf.conv2d(x, f, stride, pad), image, [3, 2, 2, 3]]];
    if (typeof stride === 'number')
      rows.push([`depthwiseConv2d, ${tag}`, (x, f) => tf.depthwiseConv2d(x, f, stride, pad), image, [3, 2, 2, 2]]);
    if (pad !== explicit)
      rows.push(
        [`maxPool, ${tag}`, x => tf.maxPool(x, [3, 2], stride, pad), image],
        [`avgPool, ${tag}`, x => tf.avgPool(x, [3, 2], stride, pad), image],
      );
    return rows;
  }),
);
const deep = (['same', 'valid'] as const).flatMap(pad =>
  ([1, [2, 1, 2]] as any[]).flatMap((stride): Row[] => [
    [`conv3d, ${pad}, ${stride}`, (x, f) => tf.conv3d(x, f, stride, pad), volume, [2, 3, 2, 2, 2]],
    [`maxPool3d, ${pad}, ${stride}`, x => tf.maxPool3d(x, [2, 3, 2], stride, pad), volume],
    [`avgPool3d, ${pad}, ${stride}`, x => tf.avgPool3d(x, [2, 3, 2], stride, pad), volume],
  ]),
);
const resizings = (['resizeBilinear', 'resizeNearestNeighbor'] as const).flatMap(name =>
  (
    [
      [false, false],
      [true, false],
      [false, true],
    ] as const
  ).flatMap(([corners, half]) =>
    (
      [
        [7, 4],
        [3, 9],
        [5, 6],
        [1, 1],
      ] as [number, number][]
    ).map(
      (size): Row => [
        `${name} to ${size}, alignCorners ${corners}, halfPixelCenters ${half}`,
        x => tf.image[name](x, size, corners, half),
        image,
      ],
    ),
  ),
);
const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const;
const fused = activations.flatMap((activation): Row[] => [
  [
    `fused.matMul, ${activation}`,
    (a, b, bias) => tf.fused.matMul({ a, b, bias, activation, transposeA: true, leakyreluAlpha: 0.3 }),
    [3, 4],
    [3, 5],
    [5],
  ],
  [
    `fused.conv2d, ${activation}`,
    (x, filter, bias) =>
      tf.fused.conv2d({ x, filter, bias, strides: [1, 2], pad: 'valid', activation, leakyreluAlpha: 0.3 }),
    image,
    [2, 3, 2, 3],
    [3],
  ],
  [
    `fused.depthwiseConv2d, ${activation}`,
    (x, filter, bias) =>
      tf.fused.depthwiseConv2d({ x, filter, bias, strides: 2, pad: 'same', activation, leakyreluAlpha: 0.3 }),
    image,
    [2, 3, 2, 2],
    [4],
  ],
]);
const others: Row[] = [
  ['matMul of batches', (a, b) => tf.matMul(a, b, true, true), [2, 1, 3, 4], [3, 5, 3]],
  ['conv1d', (x, f) => tf.conv1d(x, f, 2, 'same'), [2, 7, 2], [3, 2, 3]],
  ['conv2dTranspose', (x, f) => tf.conv2dTranspose(x, f, [1, 7, 6, 3], [2, 1], 'same'), [1, 4, 6, 2], [3, 2, 3, 2]],
  ['conv3dTranspose', (x, f) => tf.conv3dTranspose(x, f, [1, 4, 4, 4, 3], 2, 'same'), [1, 2, 2, 2, 2], [2, 2, 2, 3, 2]],
  ['separableConv2d', (x, d, p) => tf.separableConv2d(x, d, p, 2, 'valid'), image, [3, 2, 2, 2], [1, 1, 4, 3]],
  ['dilation2d', (x, f) => tf.dilation2d(x, f, [1, 2], 'same', [2, 1]), image, [2, 3, 2]],
  ['localResponseNormalization', x => tf.localResponseNormalization(x, 1, 1, 0.5, 0.75), [1, 2, 3, 4]],
  ['batchNorm', (x, m, o, s) => tf.batchNorm(x, m, tf.tensor1d([0.5, 2]), o, s, 0.1), image, [2], [2], [2]],
  [
    'pad',
    x =>
      tf.pad(
        x,
        [
          [1, 0],
          [0, 3],
        ],
        2,
      ),
    [3, 4],
  ],
  [
    'mirrorPad, reflect',
    x =>
      tf.mirrorPad(
        x,
        [
          [2, 1],
          [0, 3],
        ],
        'reflect',
      ),
    [3, 4],
  ],
  [
    'mirrorPad, symmetric',
    x =>
      tf.mirrorPad(
        x,
        [
          [3, 1],
          [0, 4],
        ],
        'symmetric',
      ),
    [3, 4],
  ],
  ['gather, batchDims -1', x => tf.gather(x, int(1, 0, 1, 2, 0, 0).reshape([2, 3]), 1, -1), [2, 3, 2]],
  ['gather of one', x => tf.gather(x, tf.scalar(1, 'int32'), 1), [2, 3]],
  ['gatherND of one', x => tf.gatherND(x, int(1, 2)), [2, 3, 2]],
  ['gatherND in two axes', x => tf.gatherND(x, int(1, 0, 1, 1).reshape([1, 2, 2])), [2, 3, 2]],
  ['scatterND', x => tf.scatterND(int(1, 3, 1).reshape([3, 1]), x, [4, 2]), [3, 2]],
  [
    'stridedSlice, shrink and new axes',
    x => tf.stridedSlice(x, [1, 0, 3], [2, 0, -5], [1, 1, -2], 0, 4, 0, 2, 1),
    [3, 4, 5],
  ],
  ['stridedSlice, ellipsis', x => tf.stridedSlice(x, [0, 1], [0, 4], [1, 2], 1, 0, 1), [2, 3, 5]],
  ['slice, to the end', x => tf.slice(x, [1, 2], [-1, -1]), [3, 4]],
  ['concat, axis -1', (a, b) => tf.concat([a, b, a], -1), [2, 3], [2, 1]],
  ['split, unequal', x => tf.split(x, [1, -1, 2], 1)[1], [2, 6]],
  ['unstack', x => tf.unstack(x, -2)[1], [2, 3, 2]],
  ['tile', x => tf.tile(x, [1, 3, 2]), [2, 1, 3]],
  ['reverse', x => tf.reverse(x, [0, -1]), [2, 3, 2]],
  ['depthToSpace', x => tf.depthToSpace(x, 2), [2, 2, 3, 8]],
  [
    'spaceToBatchND with paddings',
    x =>
      tf.spaceToBatchND(
        x,
        [2, 3],
        [
          [1, 0],
          [2, 1],
        ],
      ),
    [1, 3, 3, 2],
  ],
  [
    'batchToSpaceND with crops',
    x =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [1, 0],
          [0, 1],
        ],
      ),
    [4, 2, 2, 2],
  ],
  ['cumsum, exclusive and reversed', x => tf.cumsum(x, 1, true, true), [2, 3, 2]],
  ['cumprod, exclusive and reversed', x => tf.cumprod(x, -1, true, true), [2, 3]],
  ['topk, unsorted', x => tf.topk(x, 2, false).values, [3, 4]],
  ['max of two axes, kept', x => tf.max(x, [0, -1], true), [2, 3, 2]],
  ['prod of two axes', x => tf.prod(x, [0, 2]), [2, 3, 2]],
  ['mean of an axis, kept', x => tf.mean(x, -2, true), [2, 3, 2]],
  ['logSumExp', x => tf.logSumExp(x, [0, 1], true), [2, 3, 2]],
  ['moments', x => tf.moments(x, [0, 1], true).variance, [2, 3, 2]],
  ['norm, Frobenius', x => tf.norm(x, 'fro', [0, 1]), [2, 3, 2]],
  ['logSoftmax of axis 0', x => tf.logSoftmax(x.transpose()).transpose(), [3, 2]],
  ['prelu, broadcast', (x, a) => tf.prelu(x, a), image, [2]],
  ['where, broadcast', (a, b) => tf.where(tf.tensor1d([1, 0, 1], 'bool'), a, b), [2, 3], [1]],
  ['einsum, a letter twice', (a, b) => tf.einsum('iij,k...->ikj...', a, b), [2, 2, 3], [2, 2]],
  ['unsortedSegmentSum', x => tf.unsortedSegmentSum(x, int(1, -1, 0, 1), 3), [4, 2]],
  ['sparseToDense', (v, d) => tf.sparseToDense(int(0, 1, 2, 0).reshape([2, 2]), v, [3, 2], d), [2], []],
  ['image.flipLeftRight', x => tf.image.flipLeftRight(x), image],
  ['image.rgbToGrayscale', x => tf.image.rgbToGrayscale(x), [2, 3, 3]],
  ['signal.frame', x => tf.signal.frame(x, 4, 2), [10]],
  ['dropout of nothing', x => tf.dropout(x, 0), [3]],
  ['addN', (a, b) => tf.addN([a, b, a]), [2, 3], [2, 3]],
  ['multinomial logits unused', x => x.mul(tf.oneHot(x.argMax(1), 3)), [2, 3]],
];

/** Values from -1.3 to 1.3 in a mixed order, as far apart as they can be: no difference crosses a tie or a kink. */
const valued = (shape: number[], salt: number) => {
  const count = shape.reduce((a, b) => a * b, 1);
  const keys = Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * salt));
  const sorted = [...keys].sort((a, b) => a - b);
  return tf.tensor(
    keys.map(key => (2.6 * (sorted.indexOf(key) + 0.4)) / count - 1.3),
    shape,
  );
};

/** Forms whose derivative is refused by the name of the operation. */
const isRefused = (name: string) => /^(conv2d|depthwiseConv2d), pad \[/.test(name);

test.each([...windows, ...deep, ...resizings, ...fused, ...others])('%s', (name, f, ...shapes) => {
  tf.tidy(() => {
    const x = shapes.map(valued);
    const weight = valued((f(...x) as tf.Tensor).shape, 7);
    const value = (...x: tf.Tensor[]) =>
      f(...x)
        .mul(weight)
        .sum() as tf.Scalar;
    if (isRefused(name)) {
      expect(() => tf.grads(value)(x)).toThrow(/^gradient: op \w+/);
      return;
    }
    const gradients = tf.grads(value)(x);
    gradients.forEach((gradient, i) => {
      const direction = valued(shapes[i], 3 + i);
      const at = (h: number) => value(...x.map((t, k) => (k === i ? t.add(direction.mul(h)) : t))).arraySync();
      const difference = (at(1e-3) - at(-1e-3)) / 2e-3;
      const found = gradient.mul(direction).sum().arraySync() as number;
      const size = gradient.mul(direction).abs().sum().arraySync() as number;
      expect(Math.abs(found - difference), `argument ${i}: ${found} against ${difference}`).toBeLessThan(
        0.01 * size + 0.02,
      );
    });
  });
});

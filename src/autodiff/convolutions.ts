/** Derivatives of resizings, and second ones of convolutions and pools: of the kernels that compute the first ones. */
import { tf } from '../base/tfjs';
import { type Gradient, kernel, linear, zeros } from './gradient';
import { nativeOp } from './native-op';

/** Gradients of the two gradients of a convolution: of the one in its input, and of the one in its filter. */
function ofConvolution(forward: string, version: '' | 'V2', extra: object): Record<string, Gradient> {
  const [input, filter] = [`${forward}BackpropInput${version}`, `${forward}BackpropFilter${version}`];
  return {
    [input]: {
      inputsToSave: ['dy', 'filter'],
      gradFunc: (ddx, [dy, f], { inputShape: _, ...attributes }) => ({
        dy: () => kernel(forward, { x: ddx, filter: f }, { ...extra, ...attributes }),
        filter: () => kernel(filter, { x: ddx, dy }, { ...attributes, filterShape: f.shape }),
      }),
    },
    [filter]: {
      inputsToSave: ['x', 'dy'],
      gradFunc: (ddf, [x, dy], { filterShape: _, ...attributes }) => ({
        x: () => kernel(input, { dy, filter: ddf }, { ...attributes, inputShape: x.shape }),
        dy: () => kernel(forward, { x, filter: ddf }, { ...extra, ...attributes }),
      }),
    },
  };
}

/** The gradient of avgPool is linear in dy; its transpose is the pool. */
const ofAverage = (forward: string): Gradient => ({
  inputsToSave: ['input'],
  gradFunc: (ddx, [input], attributes) => ({ dy: () => kernel(forward, { x: ddx }, attributes), input: zeros(input) }),
});

/** For each entry of y = maxPool(x), the entry of ddx where x has its (first) largest value in the window. */
function ofFirstLargest(ddx: tf.Tensor, x: tf.Tensor4D, y: tf.Tensor, attributes: any): tf.Tensor {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const pool = tf.backend_util.computePool2DInfo(x.shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { top, bottom, left, right } = pool.padInfo;
  const [n, height, width, channels] = y.shape;
  const none: [number, number] = [0, 0];
  const windows = (t: tf.Tensor, fill: number) => {
    const padded = tf.pad(t, [none, [top, bottom], [left, right], none], fill);
    return (i: number, j: number) =>
      tf.stridedSlice(
        padded,
        [0, i, j, 0],
        [n, i + (height - 1) * pool.strideHeight + 1, j + (width - 1) * pool.strideWidth + 1, channels],
        [1, pool.strideHeight, pool.strideWidth, 1],
      );
  };
  const [candidate, value] = [windows(x, -Infinity), windows(ddx, 0)];
  let picked = tf.zerosLike(y);
  let open = tf.onesLike(y);
  for (let i = 0; i < pool.filterHeight; i++) {
    for (let j = 0; j < pool.filterWidth; j++) {
      const here = tf.equal(candidate(i, j), y).cast('float32').mul(open);
      picked = picked.add(here.mul(value(i, j)));
      open = open.sub(here);
    }
  }
  return picked;
}

/** The gradient of maxPool is linear in dy; its transpose picks from ddx the entries that the pool picked from x. */
const ofLargest: Gradient = {
  inputsToSave: ['dy', 'input', 'output'],
  gradFunc: (ddx, [dy, input, output], attributes) => ({
    dy: () => ofFirstLargest(ddx, input, output, attributes),
    input: zeros(input),
    output: zeros(dy),
  }),
};

/**
 * A resizing is linear; its transpose is TensorFlow's own, by an operation that TensorFlow.js calls without
 * half_pixel_centers.
 */
const ofResizing = (
  forward: string,
  transpose: (dy: tf.Tensor, images: tf.Tensor, places: Places) => tf.Tensor,
): Gradient => ({
  inputsToSave: ['images'],
  gradFunc: (dy, [images], { alignCorners, halfPixelCenters }) => ({
    images: () => {
      const back = (dy: tf.Tensor) =>
        transpose(dy, images, { align_corners: alignCorners, half_pixel_centers: halfPixelCenters });
      const again = (images: tf.Tensor) =>
        kernel(forward, { images }, { alignCorners, halfPixelCenters, size: dy.shape.slice(1, 3) });
      return linear(back, again)(dy);
    },
  }),
});
type Places = { align_corners: boolean; half_pixel_centers: boolean };

export const convolutions: Record<string, Gradient> = {
  ...ofConvolution('Conv2D', '', { dilations: 1 }),
  ...ofConvolution('Conv3D', 'V2', { dilations: [1, 1, 1], dataFormat: 'NDHWC' }),
  ...ofConvolution('DepthwiseConv2dNative', '', {}),
  AvgPoolGrad: ofAverage('AvgPool'),
  AvgPool3DGrad: ofAverage('AvgPool3D'),
  MaxPoolGrad: ofLargest,
  ResizeBilinear: ofResizing(
    'ResizeBilinear',
    (dy, images, places) => nativeOp('ResizeBilinearGrad', [dy, images], places)[0],
  ),
  ResizeNearestNeighbor: ofResizing(
    'ResizeNearestNeighbor',
    (dy, images, places) =>
      nativeOp('ResizeNearestNeighborGrad', [dy, tf.tensor1d(images.shape.slice(1, 3), 'int32')], places)[0],
  ),
};

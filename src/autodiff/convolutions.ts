/** Derivatives of the kernels that are gradients of convolutions, pools and resizings: what a second derivative goes through. */
import { type NativeBackend, tf } from '../tfjs';
import { type Gradient, kernel, linear } from './gradient';

/** Gradients of a convolution's own two gradients: with respect to its input, and to its filter. */
function ofConvolution(names: { forward: string; input: string; filter: string }, extra: object): Record<string, Gradient> {
  const { forward, input, filter } = names;
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

/** An average pool's gradient is linear in dy; its transpose is the pool. */
const ofAverage = (forward: string): Gradient => ({
  inputsToSave: ['input'],
  gradFunc: (ddx, [input], attributes) => ({ dy: () => kernel(forward, { x: ddx }, attributes), input: () => tf.zeros(input.shape) }),
});

/** As of an average pool: a largest pool picks the same entries of ddx as it picked of x. */
const ofLargest: Gradient = {
  inputsToSave: ['dy', 'input', 'output'],
  gradFunc: (ddx, [dy, input, output], attributes) => {
    const backend = tf.backend() as NativeBackend, { TF_ATTR_TYPE, TF_ATTR_INT, TF_ATTR_STRING, TF_FLOAT } = backend.binding;
    const info = tf.backend_util.computePool2DInfo(input.shape, attributes.filterSize, attributes.strides, 1, attributes.pad, attributes.dimRoundingMode);
    const given = [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
      { name: 'ksize', type: TF_ATTR_INT, value: [1, info.filterHeight, info.filterWidth, 1] },
      { name: 'strides', type: TF_ATTR_INT, value: [1, info.strideHeight, info.strideWidth, 1] },
      { name: 'padding', type: TF_ATTR_STRING, value: info.padInfo.type }, { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' }];
    const pick = (x: tf.Tensor) => backend.executeSingleOutput('MaxPoolGradGrad', given, [input, output, x]);
    const place = (y: tf.Tensor) => kernel('MaxPoolGrad', { dy: y, input, output }, attributes);
    return { dy: () => linear(pick, place)(ddx), input: () => tf.zeros(input.shape), output: () => tf.zeros(dy.shape) };
  },
};

/** A resizing's gradient is linear in dy; its transpose is the resizing. */
const ofResizing = (forward: string): Gradient => ({
  inputsToSave: ['images', 'dy'],
  gradFunc: (ddx, [images, dy], attributes) => ({
    dy: () => kernel(forward, { images: ddx }, { ...attributes, size: dy.shape.slice(1, 3) }),
    images: () => tf.zeros(images.shape),
  }),
});

export const convolutions: Record<string, Gradient> = {
  ...ofConvolution({ forward: 'Conv2D', input: 'Conv2DBackpropInput', filter: 'Conv2DBackpropFilter' }, { dilations: 1 }),
  ...ofConvolution({ forward: 'Conv3D', input: 'Conv3DBackpropInputV2', filter: 'Conv3DBackpropFilterV2' }, { dilations: [1, 1, 1], dataFormat: 'NDHWC' }),
  ...ofConvolution({ forward: 'DepthwiseConv2dNative', input: 'DepthwiseConv2dNativeBackpropInput', filter: 'DepthwiseConv2dNativeBackpropFilter' }, {}),
  AvgPoolGrad: ofAverage('AvgPool'),
  AvgPool3DGrad: ofAverage('AvgPool3D'),
  MaxPoolGrad: ofLargest,
  ResizeBilinearGrad: ofResizing('ResizeBilinear'),
  ResizeNearestNeighborGrad: ofResizing('ResizeNearestNeighbor'),
};

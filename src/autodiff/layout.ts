/** Derivatives of operations that move entries by a rule: pad, tile, slice, split, stack, sort. */
import { tf } from '../base/tfjs';
import { padAxis, sliceAxis } from './axes';
import { type Gradient, kernel, linear, ofInput } from './gradient';
import { nativeOp } from './native-op';

/** d mirrorPad / d x along one axis: what was padded is turned back onto the entries that it mirrors. */
function ofMirror(dy: tf.Tensor, axis: number, n: number, [before, after]: [number, number], skip: number): tf.Tensor {
  const back = (from: number, count: number, at: number) =>
    padAxis(sliceAxis(dy, axis, from, count).reverse(axis), axis, at, n - at - count);
  let dx = sliceAxis(dy, axis, before, n);
  if (before > 0) dx = dx.add(back(0, before, skip));
  if (after > 0) dx = dx.add(back(before + n, after, n - skip - after));
  return dx;
}

/** d topk / d x: each value's derivative at its index. */
const ofTopK = (dy: tf.Tensor, x: tf.Tensor, indices: tf.Tensor) =>
  tf
    .oneHot(indices as tf.Tensor1D, x.shape[x.rank - 1])
    .cast('float32')
    .mul(dy.expandDims(-1))
    .sum(-2);

/** d stridedSlice / d x: TensorFlow's own transpose of it, which pads with zeros and is differentiated by the slice. */
function ofStridedSlice(dy: tf.Tensor, x: tf.Tensor, attributes: Record<string, any>): tf.Tensor {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
  const masks = {
    begin_mask: beginMask,
    end_mask: endMask,
    ellipsis_mask: ellipsisMask,
    new_axis_mask: newAxisMask,
    shrink_axis_mask: shrinkAxisMask,
  };
  const places = [x.shape, begin, end, strides];
  const pad = (dy: tf.Tensor) => {
    const inputs = [...places.map(list => tf.tensor1d(list, 'int32')), dy];
    return nativeOp('StridedSliceGrad', inputs, { Index: 'int32', ...masks })[0];
  };
  return linear(pad, x => kernel('StridedSlice', { x }, attributes))(dy);
}

function ofDepthToSpace(dy: tf.Tensor, x: tf.Tensor, block: number, dataFormat: string): tf.Tensor {
  if (dataFormat !== 'NHWC') throw new Error(`dataFormat is '${dataFormat}' but only 'NHWC' has a derivative`);
  const [n, h, w, c] = x.shape;
  return dy
    .reshape([n, h, block, w, block, c / block ** 2])
    .transpose([0, 1, 3, 2, 4, 5])
    .reshape([n, h, w, c]);
}

export const layout: Record<string, Gradient> = {
  MirrorPad: ofInput((dy, x, { paddings, mode }) =>
    x.shape.reduce((dx, n, axis) => ofMirror(dx, axis, n, paddings[axis], mode === 'reflect' ? 1 : 0), dy),
  ),
  Tile: ofInput((dy, x, { reps }) =>
    dy.reshape(x.shape.flatMap((n, i) => [reps[i], n])).sum(x.shape.map((_, i) => 2 * i)),
  ),
  StridedSlice: ofInput(ofStridedSlice),
  SplitV: { gradFunc: (dy, _, { axis }) => ({ x: () => tf.concat([dy].flat(), axis) }) },
  Unpack: { gradFunc: (dy, _, { axis }) => ({ value: () => tf.stack([dy].flat(), axis) }) },
  TopK: {
    inputsToSave: ['x'],
    outputsToSave: [false, true],
    gradFunc: ([dy], [x, indices]) => ({ x: () => ofTopK(dy, x, indices) }),
  },
  Diag: ofInput((dy, x) => dy.reshape([x.size, x.size]).mul(tf.eye(x.size)).sum(1).reshape(x.shape)),
  DepthToSpace: ofInput((dy, x, { blockSize, dataFormat }) => ofDepthToSpace(dy, x, blockSize, dataFormat)),
  FlipLeftRight: { gradFunc: dy => ({ image: () => tf.image.flipLeftRight(dy) }) },
};

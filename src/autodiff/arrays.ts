/** Derivatives of operations that move entries: gather, scatter, pad, tile, slice, split, sort, and einsum. */
import { type NativeBackend, tf } from '../base/tfjs';
import { size } from '../base/ndarray';
import { type Gradient, except, linear, only, unbroadcast } from './gradient';

/**
 * d gather / d x. Shapes: x [...batch, ...outer, n, ...inner], indices [...batch, ...picks],
 * dy [...batch, ...outer, ...picks, ...inner]; rows of dy are summed into the batch's n segments.
 */
function ofGather(dy: tf.Tensor, x: tf.Tensor, indices: tf.Tensor, axis: number, batchDims: number): tf.Tensor {
  const batch = x.shape.slice(0, batchDims),
    outer = x.shape.slice(batchDims, axis),
    inner = x.shape.slice(axis + 1);
  const n = x.shape[axis],
    batches = size(batch),
    picks = size(indices.shape.slice(batchDims));
  const rows = dy
    .reshape([batches, size(outer), picks, size(inner)])
    .transpose([0, 2, 1, 3])
    .reshape([batches * picks, size(outer) * size(inner)]);
  const flat = indices.reshape([batches, picks]);
  const offsets = tf.range(0, batches, 1, 'int32').mul(tf.scalar(n, 'int32')).reshape([batches, 1]);
  const segments = (batches === 1 ? flat : flat.add(offsets)).reshape([batches * picks]);
  const sums = tf.unsortedSegmentSum(rows, segments as tf.Tensor1D, batches * n);
  return sums
    .reshape([batches, n, size(outer), size(inner)])
    .transpose([0, 2, 1, 3])
    .reshape(x.shape);
}

/** d mirrorPad / d x along one axis: what was padded is turned back onto the entries that it mirrors. */
function ofMirror(dy: tf.Tensor, axis: number, n: number, [before, after]: [number, number], skip: number): tf.Tensor {
  const part = (from: number, count: number) =>
    dy.slice(
      dy.shape.map((_, i) => (i === axis ? from : 0)),
      dy.shape.map((m, i) => (i === axis ? count : m)),
    );
  const back = (from: number, count: number, at: number) =>
    part(from, count)
      .reverse(axis)
      .pad(dy.shape.map((_, i): [number, number] => (i === axis ? [at, n - at - count] : [0, 0])));
  let dx = part(before, n);
  if (before > 0) dx = dx.add(back(0, before, skip));
  if (after > 0) dx = dx.add(back(before + n, after, n - skip - after));
  return dx;
}

/** d topk / d x: each value's derivative at its index. */
const ofTopK = (dy: tf.Tensor, indices: tf.Tensor, x: tf.Tensor) =>
  tf
    .oneHot(indices as tf.Tensor1D, x.shape[x.rank - 1])
    .cast('float32')
    .mul(dy.expandDims(-1))
    .sum(-2);

/** StridedSlice as TensorFlow has it, and its transpose, which pads with zeros. */
function slicing(x: tf.Tensor, { begin, end, strides, ...masks }: Record<string, any>) {
  const backend = tf.backend() as NativeBackend,
    { TF_ATTR_TYPE, TF_ATTR_INT, TF_FLOAT, TF_INT32 } = backend.binding;
  const named = {
    begin_mask: 'beginMask',
    end_mask: 'endMask',
    ellipsis_mask: 'ellipsisMask',
    new_axis_mask: 'newAxisMask',
    shrink_axis_mask: 'shrinkAxisMask',
  };
  const attributes = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'Index', type: TF_ATTR_TYPE, value: TF_INT32 },
    ...Object.entries(named).map(([name, mask]) => ({ name, type: TF_ATTR_INT, value: masks[mask] })),
  ];
  const int = (values: number[]) => tf.tensor1d(values, 'int32');
  return {
    slice: (x: tf.Tensor) =>
      tf.stridedSlice(
        x,
        begin,
        end,
        strides,
        masks.beginMask,
        masks.endMask,
        masks.ellipsisMask,
        masks.newAxisMask,
        masks.shrinkAxisMask,
      ),
    pad: (dy: tf.Tensor) =>
      backend.executeSingleOutput('StridedSliceGrad', attributes, [
        int(x.shape),
        int(begin),
        int(end),
        int(strides),
        dy,
      ]),
  };
}

/**
 * d einsum / d one operand: the other operand with dy, by the same letters; a letter that is in neither is
 * broadcast.
 */
function ofEinsum(dy: tf.Tensor, operands: tf.Tensor[], equation: string, which: number): tf.Tensor {
  const [terms, result] = equation.replace(/\s/g, '').split('->'),
    letters = terms.split(',');
  if (
    result === undefined ||
    operands.length > 2 ||
    /\./.test(equation) ||
    [...letters, result].some(term => new Set(term).size < term.length)
  )
    throw new Error(
      `the derivative of einsum('${equation}') needs one or two operands, '->', and no letter twice in a term`,
    );
  const mine = letters[which],
    others = letters.filter((_, i) => i !== which);
  const found = [...mine]
    .filter(letter => result.includes(letter) || others.some(term => term.includes(letter)))
    .join('');
  const product = tf.einsum(
    `${[result, ...others].join(',')}->${found}`,
    dy,
    ...operands.filter((_, i) => i !== which),
  );
  const x = operands[which];
  return tf.broadcastTo(product.reshape(x.shape.map((n, i) => (found.includes(mine[i]) ? n : 1))), x.shape);
}

/** Indices of sparseToDense as scatterND has them. */
const listed = (indices: tf.Tensor) => (indices.rank === 2 ? indices : indices.reshape([-1, 1]));

const spread = (dy: tf.Tensor, block: number, [n, h, w, c]: number[]) =>
  dy
    .reshape([n, h, block, w, block, c / block ** 2])
    .transpose([0, 1, 3, 2, 4, 5])
    .reshape([n, h, w, c]);

export const arrays: Record<string, Gradient> = {
  GatherV2: {
    inputsToSave: ['x', 'indices'],
    gradFunc: (dy, [x, indices], { axis, batchDims }) => ({
      x: () =>
        ofGather(
          dy,
          x,
          indices,
          tf.util.parseAxisParam(axis, x.shape)[0],
          batchDims < 0 ? batchDims + indices.rank : batchDims,
        ),
      indices: () => tf.zeros(indices.shape),
    }),
  },
  UnsortedSegmentSum: {
    inputsToSave: ['segmentIds'],
    gradFunc: (dy, [ids]) => ({
      x: () => {
        const picked = tf.gather(dy, ids.maximum(tf.scalar(0, 'int32')));
        const outside = tf
          .less(ids, tf.scalar(0, 'int32'))
          .reshape([...ids.shape, ...Array(picked.rank - ids.rank).fill(1)]);
        return except(outside, picked);
      },
      segmentIds: () => tf.zeros(ids.shape),
    }),
  },
  GatherNd: {
    inputsToSave: ['params', 'indices'],
    gradFunc: (dy, [x, indices]) => ({
      params: () => tf.scatterND(indices, dy, x.shape),
      indices: () => tf.zeros(indices.shape),
    }),
  },
  ScatterNd: {
    inputsToSave: ['indices'],
    gradFunc: (dy, [indices]) => ({ indices: () => tf.zeros(indices.shape), updates: () => tf.gatherND(dy, indices) }),
  },
  TensorScatterUpdate: {
    inputsToSave: ['indices', 'updates'],
    gradFunc: (dy, [indices, updates]) => ({
      tensor: () => tf.tensorScatterUpdate(dy, indices, tf.zeros(updates.shape)),
      indices: () => tf.zeros(indices.shape),
      updates: () => tf.gatherND(dy, indices),
    }),
  },
  SparseToDense: {
    inputsToSave: ['sparseIndices', 'sparseValues'],
    gradFunc: (dy, [indices, values]) => {
      const picked = () => tf.gatherND(dy, listed(indices));
      return {
        sparseIndices: () => tf.zeros(indices.shape),
        sparseValues: () => unbroadcast(picked(), values.shape),
        defaultValue: () => dy.sum().sub(picked().sum()),
      };
    },
  },
  Bincount: {
    inputsToSave: ['x', 'weights'],
    gradFunc: (dy, [x, weights], { size }) => ({
      x: () => tf.zeros(x.shape),
      weights: () =>
        only(tf.less(x, tf.scalar(size, 'int32')), tf.gather(dy, x.minimum(tf.scalar(size - 1, 'int32')))).reshape(
          weights.shape,
        ),
    }),
  },

  MirrorPad: {
    inputsToSave: ['x'],
    gradFunc: (dy, [x], { paddings, mode }) => ({
      x: () =>
        x.shape.reduce(
          (dx: tf.Tensor, n: number, axis: number) => ofMirror(dx, axis, n, paddings[axis], mode === 'reflect' ? 1 : 0),
          dy,
        ),
    }),
  },
  Tile: {
    inputsToSave: ['x'],
    gradFunc: (dy, [x], { reps }) => ({
      x: () =>
        dy
          .reshape(x.shape.flatMap((n: number, i: number) => [reps[i], n]))
          .sum(x.shape.map((_: number, i: number) => 2 * i)),
    }),
  },
  StridedSlice: {
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attributes) => {
      const { slice, pad } = slicing(x, attributes);
      return { x: () => linear(pad, slice)(dy) };
    },
  },
  SplitV: { gradFunc: (dy, _, { axis }) => ({ x: () => tf.concat([dy].flat(), axis) }) },
  Unpack: { gradFunc: (dy, _, { axis }) => ({ value: () => tf.stack([dy].flat(), axis) }) },
  TopK: {
    inputsToSave: ['x'],
    outputsToSave: [false, true],
    gradFunc: ([dy], [x, indices]) => ({ x: () => ofTopK(dy, indices, x) }),
  },
  Diag: {
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => dy.reshape([x.size, x.size]).mul(tf.eye(x.size)).sum(1).reshape(x.shape) }),
  },
  DepthToSpace: {
    inputsToSave: ['x'],
    gradFunc: (dy, [x], { blockSize, dataFormat }) => ({
      x: () => {
        if (dataFormat !== 'NHWC') throw new Error(`dataFormat is '${dataFormat}' but only 'NHWC' has a derivative`);
        return spread(dy, blockSize, x.shape);
      },
    }),
  },
  FlipLeftRight: { gradFunc: dy => ({ image: () => tf.image.flipLeftRight(dy) }) },
  Einsum: {
    saveAllInputs: true,
    gradFunc: (dy, operands, { equation }) =>
      Object.fromEntries(operands.map((_, i) => [i, () => ofEinsum(dy, operands, equation, i)])),
  },
};

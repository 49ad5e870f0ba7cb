/** Derivatives of operations that read or write the entries that an integer tensor names. */
import { size } from '../base/ndarray';
import { tf } from '../base/tfjs';
import { type Gradient, except, only, unbroadcast, zeros } from './gradient';

/**
 * d gather / d x. Shapes: x [...batch, ...outer, n, ...inner], indices [...batch, ...picks],
 * dy [...batch, ...outer, ...picks, ...inner]; rows of dy are summed into the batch's n segments.
 */
function ofGather(dy: tf.Tensor, x: tf.Tensor, indices: tf.Tensor, axis: number, batchDims: number): tf.Tensor {
  const batches = size(x.shape.slice(0, batchDims));
  const outer = size(x.shape.slice(batchDims, axis));
  const n = x.shape[axis];
  const inner = size(x.shape.slice(axis + 1));
  const picks = size(indices.shape.slice(batchDims));
  const rows = dy
    .reshape([batches, outer, picks, inner])
    .transpose([0, 2, 1, 3])
    .reshape([batches * picks, outer * inner]);
  const flat = indices.reshape([batches, picks]);
  const offsets = tf.range(0, batches, 1, 'int32').mul(tf.scalar(n, 'int32')).reshape([batches, 1]);
  const segments = (batches === 1 ? flat : flat.add(offsets)).reshape([batches * picks]);
  const sums = tf.unsortedSegmentSum(rows, segments as tf.Tensor1D, batches * n);
  return sums.reshape([batches, n, outer, inner]).transpose([0, 2, 1, 3]).reshape(x.shape);
}

/** d unsortedSegmentSum / d x: the derivative of each row's segment, and 0 for rows in none. */
function ofSegmentSum(dy: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  const picked = tf.gather(dy, ids.maximum(tf.scalar(0, 'int32')));
  const outside = tf.less(ids, tf.scalar(0, 'int32'));
  return except(outside.reshape([...ids.shape, ...Array(picked.rank - ids.rank).fill(1)]), picked);
}

/** The indices of sparseToDense in the form that scatterND takes. */
const listed = (indices: tf.Tensor) => (indices.rank === 2 ? indices : indices.reshape([-1, 1]));

/** d gatherND / d x: each derivative is added at its index. One index alone is a list of one for scatterND. */
function ofGatherNd(dy: tf.Tensor, x: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  const depth = indices.shape[indices.rank - 1];
  return tf.scatterND(indices.reshape([-1, depth]), dy.reshape([-1, ...x.shape.slice(depth)]), x.shape);
}

export const indexing: Record<string, Gradient> = {
  GatherV2: {
    inputsToSave: ['x', 'indices'],
    gradFunc: (dy, [x, indices], { axis, batchDims }) => {
      const batches = batchDims < 0 ? batchDims + indices.rank : batchDims;
      const [along] = tf.util.parseAxisParam(axis, x.shape);
      return { x: () => ofGather(dy, x, indices, along, batches), indices: zeros(indices) };
    },
  },
  UnsortedSegmentSum: {
    inputsToSave: ['segmentIds'],
    gradFunc: (dy, [ids]) => ({ x: () => ofSegmentSum(dy, ids), segmentIds: zeros(ids) }),
  },
  GatherNd: {
    inputsToSave: ['params', 'indices'],
    gradFunc: (dy, [x, indices]) => ({ params: () => ofGatherNd(dy, x, indices), indices: zeros(indices) }),
  },
  ScatterNd: {
    inputsToSave: ['indices'],
    gradFunc: (dy, [indices]) => ({ indices: zeros(indices), updates: () => tf.gatherND(dy, indices) }),
  },
  TensorScatterUpdate: {
    inputsToSave: ['indices', 'updates'],
    gradFunc: (dy, [indices, updates]) => ({
      tensor: () => tf.tensorScatterUpdate(dy, indices, tf.zeros(updates.shape)),
      indices: zeros(indices),
      updates: () => tf.gatherND(dy, indices),
    }),
  },
  SparseToDense: {
    inputsToSave: ['sparseIndices', 'sparseValues'],
    gradFunc: (dy, [indices, values]) => {
      const picked = () => tf.gatherND(dy, listed(indices));
      return {
        sparseIndices: zeros(indices),
        sparseValues: () => unbroadcast(picked(), values.shape),
        defaultValue: () => dy.sum().sub(picked().sum()),
      };
    },
  },
  Bincount: {
    inputsToSave: ['x', 'weights'],
    gradFunc: (dy, [x, weights], { size }) => {
      const counted = tf.less(x, tf.scalar(size, 'int32'));
      const picked = () => tf.gather(dy, x.minimum(tf.scalar(size - 1, 'int32')));
      return { x: zeros(x), weights: () => only(counted, picked()).reshape(weights.shape) };
    },
  },
};

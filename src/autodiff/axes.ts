/** Operations along one axis of a tensor. */
import type { tf } from '../base/tfjs';

/** x with this many zeros before and after its entries along `axis`. */
export const padAxis = (x: tf.Tensor, axis: number, before: number, after: number) =>
  x.pad(x.shape.map((_, i): [number, number] => (i === axis ? [before, after] : [0, 0])));

/** The `count` entries of x that start at `from` along `axis`. */
export const sliceAxis = (x: tf.Tensor, axis: number, from: number, count: number) =>
  x.slice(
    x.shape.map((_, i) => (i === axis ? from : 0)),
    x.shape.map((n, i) => (i === axis ? count : n)),
  );

/** x with its last two axes swapped: the transpose of each matrix of a batch. */
export const swapLastAxes = (x: tf.Tensor) => x.transpose([...Array(x.rank - 2).keys(), x.rank - 1, x.rank - 2]);

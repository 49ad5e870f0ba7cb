/** A loop over flat lists of tensors: what all loops inside steps are made of. */
import type { tf } from '../../autodiff/tf';

export interface Loop {
  /** What it is called in messages. */
  name: string;
  count: number;
  /** Whether it ends as soon as its first carry, a bool, is false; more than `count` iterations are then refused. */
  conditional: boolean;
  /** Whether i falls from count - 1 to 0. */
  reverse: boolean;
  /** One iteration. `x` are entries i of what the loop is given; entry i of what the loop gives is `y`. */
  body(i: tf.Scalar, carry: tf.Tensor[], x: tf.Tensor[]): { carry: tf.Tensor[]; y: tf.Tensor[] };
}

export interface Given {
  carry: tf.Tensor[];
  xs: tf.Tensor[];
}

export interface Looped {
  carry: tf.Tensor[];
  ys: tf.Tensor[];
  /** Of a traced loop: what its body reads of what was made before. */
  reads?: tf.Tensor[];
}

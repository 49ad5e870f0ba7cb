/** What the functions of linear algebra share: checks of their arguments, and products in their gradients. */
import { tf } from '../autodiff/tf';
import { fail } from '../base/check';
import { isTraced } from '../compile/trace/recording';

export function checkMatrix(where: string, name: string, a: tf.Tensor): void {
  if (a.rank < 2) fail(where, `${name} is [${a.shape}] but must have at least two axes`);
  if (a.dtype !== 'float32') fail(where, `${name} is ${a.dtype} but must be float32`);
}

export function checkSquare(where: string, name: string, a: tf.Tensor): void {
  checkMatrix(where, name, a);
  const [rows, columns] = a.shape.slice(-2);
  if (rows !== columns) fail(where, `${name} is [${a.shape}] but its last two axes must be equal`);
}

/** Refuses a matrix without entries and, outside compiled steps, where values are known, one that is not finite. */
export function checkFinite(where: string, a: tf.Tensor): void {
  if (a.size === 0) fail(where, `a is [${a.shape}] but must have at least one entry`);
  if (isTraced(a)) return;
  const values = a.dataSync();
  const at = values.findIndex(value => !Number.isFinite(value));
  if (at >= 0) fail(where, `a holds ${values[at]} at entry ${at}; it must be finite`);
}

export function checkFiniteSquare(where: string, a: tf.Tensor): void {
  checkSquare(where, 'a', a);
  checkFinite(where, a);
}

export const outer = (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, false, true);

/** The gradient for the lower triangle alone, of a symmetric one for both: twice it below the diagonal, 0 above. */
export function lowerGradient(symmetric: tf.Tensor): tf.Tensor {
  const indices = tf.tensor1d([...Array(symmetric.shape[symmetric.rank - 1]).keys()]);
  return symmetric.mul(indices.expandDims(1).sub(indices).sign().add(1));
}

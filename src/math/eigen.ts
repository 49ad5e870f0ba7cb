/** Eigenvalues of symmetric matrices, in double: the small ones of a Gram matrix of deficient rank need every digit. */
import { fail, squareShape } from '../base/check';
import { compile } from '../compile/compile';
import { refusedInside } from '../compile/trace/inside';
import { eigvalsh } from './spectra';
import { ndarray, type NdArray } from '../base/ndarray';
import type { tf } from '../autodiff/tf';

const solve = compile((_: { values: tf.Tensor }, { A }: { A: tf.Tensor }) => ({ values: eigvalsh(A) }), {
  dtype: 'float64',
});

/**
 * All eigenvalues of a symmetric matrix A [n, n], ascending, by the native runtime's solver in double precision;
 * absolute error of a few ulps of the largest. Inside a step there is `linalg.eigvalsh`. Errors: a matrix that is not
 * square, not finite, or not symmetric to 1e-6 of its largest entry.
 *
 * @example
 * await eigenvalues(ndarray([2, 1, 1, 2], [2, 2])) // -> [1.00, 3.00]
 */
export async function eigenvalues(A: NdArray): Promise<Float64Array> {
  const refused = refusedInside('eigenvalues');
  if (refused) return refused;
  const n = squareShape('eigenvalues', 'A', A.shape);
  if (n === 0) fail('eigenvalues', 'A is [0,0] but must have at least one entry');
  const a = A.values;
  let largest = 0;
  for (const x of a) {
    if (!Number.isFinite(x)) fail('eigenvalues', `A has an entry that is ${x} but must be finite`);
    largest = Math.max(largest, Math.abs(x));
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++)
      if (Math.abs(a[i * n + j] - a[j * n + i]) > 1e-6 * largest)
        fail('eigenvalues', `A[${i},${j}] is ${a[i * n + j]} but A[${j},${i}] is ${a[j * n + i]}; A must be symmetric`);
  const { values } = await solve({ values: ndarray(new Float64Array(n)) }, { data: { A } });
  return values.values as Float64Array;
}

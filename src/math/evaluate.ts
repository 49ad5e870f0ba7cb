/** One evaluation of a TensorFlow.js expression on host arrays. */
import { tf } from '../autodiff/tf';
import { atOnce, fail } from '../base/check';
import type { NdArray } from '../base/ndarray';
import { fromTensor } from '../base/tensors';
import { flatten, singleTensor, unflatten, type Mapped } from '../compile/tree';

/** The inputs, with tensors in the place of their leaves. */
type Given<I extends readonly unknown[]> = { [K in keyof I]: Mapped<I[K], tf.Tensor<any>> };

/**
 * f(...inputs) computed once, as a host array. An input is a host array, a number, a tensor, or a plain object of these
 * (a network, data), and f gets the same with tensors in their place, so the functions of a model can be called as they
 * are. In single precision: doubles are rounded once, to nearest. Tensors made on the way are disposed.
 * Errors: an input that is none of these, or holds a double beyond float32; a result that is no tensor.
 *
 * @example
 * evaluate(x => tf.relu(x).sum(), ndarray([-1, 2, 3])) // -> 5
 */
export function evaluate<I extends readonly unknown[]>(f: (...tensors: Given<I>) => tf.Tensor, ...inputs: I): NdArray {
  const given = inputs.map((input, i) => flatten('evaluate', `input ${i + 1}`, input));
  let result: NdArray | undefined;
  tf.tidy(() => {
    const tensors = given.map(({ structure, leaves }) =>
      unflatten(
        structure,
        leaves.map(leaf => singleTensor('evaluate', leaf)),
      ),
    );
    const returned: unknown = atOnce('evaluate', 'f', 'a tensor', f(...(tensors as unknown as Given<I>)));
    if (!(returned instanceof tf.Tensor)) fail('evaluate', `f returned ${typeof returned} but must return a tensor`);
    result = fromTensor(returned);
  });
  return result!;
}

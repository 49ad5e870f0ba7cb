/** Operations of the runtime that TensorFlow.js has no name for. */
import { type NativeBackend, tf } from '../base/tfjs';

/**
 * Runs an operation on float32 tensors and gives its results. An attribute is a flag, a whole number, or the type
 * 'int32' of a further type attribute.
 */
export function nativeOp(
  name: string,
  inputs: tf.Tensor[],
  attributes: Record<string, boolean | number | 'int32'> = {},
  outputs = 1,
): tf.Tensor[] {
  const backend = tf.backend() as NativeBackend;
  const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_ATTR_INT, TF_FLOAT, TF_INT32 } = backend.binding;
  const given = Object.entries(attributes).map(([name, value]) => {
    if (value === 'int32') return { name, type: TF_ATTR_TYPE, value: TF_INT32 };
    return { name, type: typeof value === 'boolean' ? TF_ATTR_BOOL : TF_ATTR_INT, value };
  });
  const all = [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }, ...given];
  return backend.executeMultipleOutputs(name, all, inputs, outputs);
}

/**
 * Linear algebra on tensors that works inside training steps: every function is one or a few ops of the native runtime
 * (so the compiler of steps sees them) and has a gradient. Leading axes are batches.
 */
import { fail, wholeNumber } from './check';
import { type NativeAttribute, nativeOps, tf } from './tf';

const flag = (name: string, value: boolean): NativeAttribute => ({ name, value });
const transpose = (a: tf.Tensor) => tf.matMul(a, tf.eye(a.shape[a.rank - 1]), true);

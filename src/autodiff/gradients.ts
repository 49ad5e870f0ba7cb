/** Gradients that take the place of TensorFlow.js's own, or that it has not: registered by the kernel's name. */
import { tf } from '../base/tfjs';
import { arrays } from './arrays';
import { conventions } from './conventions';
import { convolutions } from './convolutions';
import type { Gradient } from './gradient';
import { reductions } from './reductions';

/**
 * Gradients of TensorFlow.js that are wrong beyond mending: complex numbers have none here, and are refused by name.
 */
const none = ['ComplexAbs'];

export function registerGradients(): void {
  const all: Record<string, Gradient> = { ...conventions, ...reductions, ...arrays, ...convolutions };
  for (const [kernelName, gradient] of Object.entries(all))
    tf.registerGradient({ kernelName, ...gradient } as tf.GradConfig);
  for (const name of none) if (tf.getGradient(name)) tf.unregisterGradient(name);
}

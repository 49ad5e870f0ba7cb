/** The one import of TensorFlow.js. */
import './environment';
import * as tf from '@tensorflow/tfjs-node';

export { tf };
export type { NodeJSKernelBackend as NativeBackend } from '@tensorflow/tfjs-node/dist/nodejs_kernel_backend';

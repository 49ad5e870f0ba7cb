/** The one import of TensorFlow.js. */
import './environment';
import * as tf from '@tensorflow/tfjs-node';

export { tf };

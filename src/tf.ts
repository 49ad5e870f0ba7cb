/** TensorFlow.js as everything above sees it: its autodiff mended before the first gradient is taken. */
import { registerGradients } from './autodiff/gradients';
import { replaceLosses } from './autodiff/losses';
import { mendTape } from './autodiff/tape';

mendTape();
registerGradients();
replaceLosses();

export { type NativeBackend, messages, tf } from './tfjs';

/** TensorFlow.js as everything above sees it: its autodiff mended before the first gradient is taken. */
import { registerGradients } from './gradients';
import { replaceLosses } from './losses';
import { mendTape } from './tape';

mendTape();
registerGradients();
replaceLosses();

export { type NativeBackend, messages, tf } from '../base/tfjs';

/** TensorFlow.js as the rest of the library sees it: with its derivatives corrected. */
import { tf } from '../base/tfjs';
import { convolutions } from './convolutions';
import { elementwise, replacePrelu } from './elementwise';
import { indexing } from './indexing';
import { layout } from './layout';
import { replaceLosses } from './losses';
import { reductions } from './reductions';
import { replaceTransforms } from './spectral';
import { mendTape } from './tape';

mendTape();
const gradients = { ...elementwise, ...reductions, ...indexing, ...layout, ...convolutions };
for (const [kernelName, gradient] of Object.entries(gradients))
  tf.registerGradient({ kernelName, ...gradient } as tf.GradConfig);
// The gradient of complex abs is wrong, and no other complex operation has one: it is refused by name instead.
if (tf.getGradient('ComplexAbs')) tf.unregisterGradient('ComplexAbs');
replaceLosses();
replacePrelu();
replaceTransforms();

export { type NativeBackend, messages, tf } from '../base/tfjs';

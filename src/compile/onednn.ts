/**
 * Convolutions of graph mode by oneDNN, which takes 0.15 to 1.4 times as long (median 0.7) for them and their gradients
 * as TensorFlow itself. It has to be asked by name: the switch TF_ENABLE_ONEDNN_OPTS does not reach the functions that
 * a loop calls. It prepares each call anew, which costs most of the time of small ones.
 */
import { size } from '../base/ndarray';
import { AT, DT, native, type Attribute } from './native';
import type { Operation } from './operation';

/** The entries of an argument from which on oneDNN is asked. */
const leastEntries = 8192;

/** What stands for an operation in the graph of graph mode: oneDNN's own, where this build of the runtime has it. */
export function graphForm({ type, attributes, shapes }: Pick<Operation, 'type' | 'attributes' | 'shapes'>) {
  const asIs = { type, attributes: [...attributes] };
  if (!/^Conv[23]D/.test(type) || !shapes.some(shape => size(shape) >= leastEntries)) return asIs;
  const value = (name: string) => attributes.find(attribute => attribute.name === name)?.value;
  const own = `_MklNative${type}`;
  if (value('T') !== DT.float || value('padding') === 'EXPLICIT' || native.kernelsOf(own).length === 0) return asIs;
  const label: Attribute = { name: '_kernel', type: AT.string, value: 'MklNameChangeOp' };
  return { type: own, attributes: [...attributes, label] };
}

/**
 * Sums and means over the first axes of an array, as gradients of biases and batch normalisation take them, added up by
 * the addon (kernel-setup/addon/sum.cc): XLA joins such a sum with what makes its terms, and then goes through them
 * column by column, which takes up to 10 times as long.
 */
import { size } from '../../base/ndarray';
import { DT } from '../native';
import type { Constants, Operation } from '../operation';
import { piecesOf, type CustomCall } from './custom-call';

/** The entries, and the rows, from which on the addon adds them up; the entries of one piece. */
const leastEntries = 16384;
const leastRows = 64;
const pieceEntries = 131072;

/** The call that computes such a sum or mean of floats; undefined for another operation. */
export function columnSumCall(operation: Operation, constants: Constants): CustomCall | undefined {
  const { type, attributes, inputs, shapes, outputs } = operation;
  if (type !== 'Sum' && type !== 'Mean') return undefined;
  const dtype = attributes.find(({ name }) => name === 'T')?.value as number;
  const axes = constants.get(inputs[1] as number);
  const result = outputs[0].shape;
  if (axes === undefined || result === undefined || (dtype !== DT.float && dtype !== DT.double)) return undefined;
  const [x] = shapes;
  const reduced = new Set(Array.from(axes, axis => (axis < 0 ? axis + x.length : axis)));
  const areFirst = [...reduced].every(axis => axis < reduced.size);
  const columns = size(x.slice(reduced.size));
  const rows = size(x) / columns;
  if (!areFirst || size(x) < leastEntries || columns < 2 || rows < leastRows) return undefined;
  const pieces = piecesOf(size(x), pieceEntries);
  return {
    target: 'column_sum',
    config: { rows, pieces, mean: type === 'Mean' },
    dtype,
    inputs: [inputs[0] as number],
    shapes: [x],
    results: [result],
  };
}

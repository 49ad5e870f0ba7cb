/** x + s (a b) or x - s (a b), with a number s or without, as gradient descent makes it. */
import { isSameShape } from '../../base/check';
import { size } from '../../base/ndarray';
import type { Operation } from '../operation';
import type { Joined, Made } from './made';

const isProduct = ({ calls }: Made, index: number | undefined): index is number =>
  index !== undefined && calls.get(index)?.target === 'product';

/** The product in the result of operation `index`, a b or s (a b), and which of its inputs is s. */
function scaledProduct(made: Made, index: number | undefined): { product: number; s: number[] } | undefined {
  if (isProduct(made, index)) return { product: index, s: [] };
  const operation = made.operations[index ?? -1];
  if (operation?.type !== 'Mul') return undefined;
  const s = operation.shapes.findIndex(
    (shape, i) => size(shape) === 1 && isProduct(made, made.maker(operation, 1 - i)),
  );
  return s < 0 ? undefined : { product: made.maker(operation, 1 - s)!, s: [s] };
}

/** The call that does a sum or difference in the memory of its input x, if the other input is such a product. */
function updateOf(made: Made, operation: Operation, x: number): Joined | undefined {
  const index = made.maker(operation, 1 - x);
  const found = scaledProduct(made, index);
  if (!found) return undefined;
  const call = made.calls.get(found.product)!;
  const { inputs, shapes } = made.operations[index!];
  if (![operation.shapes[x], operation.outputs[0].shape!].every(shape => isSameShape(shape, call.results[0])))
    return undefined;
  return {
    product: found.product,
    call: {
      ...call,
      target: 'update',
      inPlace: call.inputs.length,
      config: { ...call.config, sign: operation.type === 'Sub' ? -1 : 1, scaled: found.s.length > 0 },
      inputs: [...call.inputs, operation.inputs[x] as number, ...found.s.map(i => inputs[i] as number)],
      shapes: [...call.shapes, operation.shapes[x], ...found.s.map(i => shapes[i])],
    },
  };
}

/** One call that adds to the memory of x, unless a b or s (a b) is needed elsewhere. */
export function updateCall(made: Made, operation: Operation): Joined | undefined {
  const sides = operation.type === 'Sub' ? [0] : operation.type === 'Add' ? [0, 1] : [];
  return sides.map(x => updateOf(made, operation, x)).find(joined => joined !== undefined);
}

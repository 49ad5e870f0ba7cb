/** Which operations of a traced function OpenBLAS or the addon computes, and which of them are one call together. */
import { isSameShape } from '../../base/check';
import { size } from '../../base/ndarray';
import type { Constants, Operation } from '../operation';
import { imageCall } from './images';
import { columnSumCall } from './column-sums';
import type { CustomCall } from './custom-call';
import { openblasCall } from './openblas';
import { prefixSumCall } from './prefix-sums';

/**
 * The calls, by the index of the operation that each replaces. x + s (a b) or x - s (a b) with a number s or without,
 * as gradient descent makes it, is one call that adds to the memory of x, unless a b or s (a b) is needed elsewhere.
 */
export function libraryCalls(
  operations: readonly Operation[],
  results: readonly number[],
  constants: Constants,
): Map<number, CustomCall> {
  const calls = new Map<number, CustomCall>();
  const makers = new Map<number, number>();
  const uses = new Map<number, number>();
  for (const id of [...operations.flatMap(({ inputs }) => inputs.flat()), ...results])
    uses.set(id, (uses.get(id) ?? 0) + 1);
  /** The index of the operation that makes input i of another one, if nothing else uses that input. */
  const maker = ({ inputs }: Operation, i: number) =>
    uses.get(inputs[i] as number) === 1 ? makers.get(inputs[i] as number) : undefined;
  const isProduct = (index: number | undefined): index is number =>
    index !== undefined && calls.get(index)?.target === 'product';

  /** The product in the result of operation `index`, a b or s (a b), and which of its inputs is s. */
  const scaledProduct = (index: number | undefined): { product: number; s: number[] } | undefined => {
    if (isProduct(index)) return { product: index, s: [] };
    const operation = operations[index ?? -1];
    if (operation?.type !== 'Mul') return undefined;
    const s = operation.shapes.findIndex((shape, i) => size(shape) === 1 && isProduct(maker(operation, 1 - i)));
    return s < 0 ? undefined : { product: maker(operation, 1 - s)!, s: [s] };
  };

  /** The call that does a sum or difference in the memory of its input x, if the other input is such a product. */
  const update = (operation: Operation, x: number): { product: number; call: CustomCall } | undefined => {
    const index = maker(operation, 1 - x);
    const found = scaledProduct(index);
    if (!found) return undefined;
    const call = calls.get(found.product)!;
    const { inputs, shapes } = operations[index!];
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
  };

  operations.forEach((operation, index) => {
    const sides = operation.type === 'Sub' ? [0] : operation.type === 'Add' ? [0, 1] : [];
    const [found] = sides.flatMap(x => update(operation, x) ?? []);
    const call =
      found?.call ??
      openblasCall(operation) ??
      imageCall(operation) ??
      prefixSumCall(operation, constants) ??
      columnSumCall(operation, constants);
    if (found) calls.delete(found.product);
    if (call) calls.set(index, call);
    for (const { id } of operation.outputs) makers.set(id, index);
  });
  return calls;
}

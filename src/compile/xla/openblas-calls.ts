/** Which operations of a trace are library calls, and which of them are one call together. */
import { size } from '../../base/ndarray';
import type { CustomCall } from './custom-call';
import { libraryCall, sameShape, type Traced } from './openblas';

/**
 * The calls, by the place of the operation that each stands for. x + s (a b) or x - s (a b) with a number s, as gradient descent
 * makes it, is one call, which adds to x in its place, unless a b or s (a b) is needed elsewhere; s may be absent.
 */
export function libraryCalls(operations: readonly Traced[], results: readonly number[]): Map<number, CustomCall> {
  const calls = new Map<number, CustomCall>();
  const makers = new Map<number, number>();
  const uses = new Map<number, number>();
  for (const id of [...operations.flatMap(({ inputs }) => inputs.flat()), ...results])
    uses.set(id, (uses.get(id) ?? 0) + 1);
  /** The place where an operation's input is made, if nothing else uses it. */
  const maker = ({ inputs }: Traced, i: number) =>
    uses.get(inputs[i] as number) === 1 ? makers.get(inputs[i] as number) : undefined;
  const isProduct = (place: number | undefined): place is number =>
    place !== undefined && calls.get(place)?.target === 'product';

  /** The product in what is made at `place`, a b or s (a b), and which of that one's inputs is s. */
  const scaled = (place: number | undefined): { product: number; s: number[] } | undefined => {
    if (isProduct(place)) return { product: place, s: [] };
    const operation = operations[place ?? -1];
    const s =
      operation?.type !== 'Mul'
        ? -1
        : operation.shapes.findIndex((shape, i) => size(shape) === 1 && isProduct(maker(operation, 1 - i)));
    return s < 0 ? undefined : { product: maker(operation, 1 - s)!, s: [s] };
  };

  const update = (operation: Traced, x: number): { product: number; call: CustomCall } | undefined => {
    const place = maker(operation, 1 - x),
      found = scaled(place);
    if (!found) return undefined;
    const call = calls.get(found.product)!,
      { inputs, shapes } = operations[place!];
    if (![operation.shapes[x], operation.outputs[0].shape!].every(shape => sameShape(shape, call.results[0])))
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

  operations.forEach((operation, place) => {
    const sides = operation.type === 'Sub' ? [0] : operation.type === 'Add' ? [0, 1] : [];
    const [found] = sides.flatMap(x => update(operation, x) ?? []);
    const call = found?.call ?? libraryCall(operation);
    if (found) calls.delete(found.product);
    if (call) calls.set(place, call);
    for (const { id } of operation.outputs) makers.set(id, place);
  });
  return calls;
}

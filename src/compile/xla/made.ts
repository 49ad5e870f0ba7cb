/** What has been gone over of a traced function while its library calls are found. */
import { isSameShape } from '../../base/check';
import type { Operation } from '../operation';
import type { CustomCall } from './custom-call';

export interface Made {
  operations: readonly Operation[];
  /** The calls so far, by the index of the operation that each replaces. */
  calls: Map<number, CustomCall>;
  /** The index of the operation that makes an output, by its id. */
  makers: Map<number, number>;
  /** The index of the operation that makes input i of another one, if nothing else uses that input. */
  maker(operation: Operation, i: number): number | undefined;
  /** What an output is, also where tf.dot gives it the shape that it has. */
  source(id: number): number;
}

/** A call that does an operation together with the product that it is of. */
export interface Joined {
  product: number;
  call: CustomCall;
}

export function nothingMade(operations: readonly Operation[], results: readonly number[]): Made {
  const makers = new Map<number, number>();
  const uses = new Map<number, number>();
  for (const id of [...operations.flatMap(({ inputs }) => inputs.flat()), ...results])
    uses.set(id, (uses.get(id) ?? 0) + 1);
  const source = (id: number): number => {
    const operation = operations[makers.get(id) ?? -1];
    const isSame = operation?.type === 'Reshape' && isSameShape(operation.shapes[0], operation.outputs[0].shape!);
    return isSame ? source(operation.inputs[0] as number) : id;
  };
  return {
    operations,
    calls: new Map(),
    makers,
    maker: ({ inputs }, i) => (uses.get(inputs[i] as number) === 1 ? makers.get(inputs[i] as number) : undefined),
    source,
  };
}

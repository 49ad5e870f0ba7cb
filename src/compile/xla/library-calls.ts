/** Which operations of a traced function OpenBLAS or the addon computes, and which of them are one call together. */
import type { Constants, Operation } from '../operation';
import { columnSumCall } from './column-sums';
import type { CustomCall } from './custom-call';
import { fourierCall } from './fourier';
import { imageCall } from './images';
import { nothingMade } from './made';
import { normalCall } from './normal-product';
import { openblasCall } from './openblas';
import { prefixSumCall } from './prefix-sums';
import { updateCall } from './updates';

/** The calls, by the index of the operation that each replaces. */
export function libraryCalls(
  operations: readonly Operation[],
  results: readonly number[],
  constants: Constants,
): Map<number, CustomCall> {
  const made = nothingMade(operations, results);
  operations.forEach((operation, index) => {
    const own = openblasCall(operation);
    const joined = own ? normalCall(made, operation, own) : updateCall(made, operation);
    const call =
      joined?.call ??
      own ??
      imageCall(operation) ??
      prefixSumCall(operation, constants) ??
      fourierCall(operation, constants) ??
      columnSumCall(operation, constants);
    if (joined) made.calls.delete(joined.product);
    if (call) made.calls.set(index, call);
    for (const { id } of operation.outputs) made.makers.set(id, index);
  });
  return made.calls;
}

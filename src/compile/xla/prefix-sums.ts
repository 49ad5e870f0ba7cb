/** Prefix sums, added up in order by the addon (kernel-setup/addon/sum.cc): XLA takes 5 to 9 times as long. */
import { size } from '../../base/ndarray';
import { DT } from '../native';
import type { Constants, Operation } from '../operation';
import type { CustomCall } from './custom-call';

/** The call that computes a prefix sum of floats; undefined for another operation. */
export function prefixSumCall(operation: Operation, constants: Constants): CustomCall | undefined {
  const { type, attributes, inputs, shapes } = operation;
  const value = (name: string) => attributes.find(attribute => attribute.name === name)?.value;
  const dtype = value('T') as number;
  const axis = constants.get(inputs[1] as number)?.[0];
  if (type !== 'Cumsum' || axis === undefined || (dtype !== DT.float && dtype !== DT.double)) return undefined;
  const [x] = shapes;
  if (size(x) === 0) return undefined;
  const at = axis < 0 ? axis + x.length : axis;
  const [outer, length, inner] = [size(x.slice(0, at)), x[at], size(x.slice(at + 1))];
  const [exclusive, reverse] = [value('exclusive') === true, value('reverse') === true];
  const config = { outer, length, inner, exclusive, reverse };
  return {
    target: 'prefix_sum',
    direct: true,
    config,
    dtype,
    inputs: [inputs[0] as number],
    shapes: [x],
    results: [x],
  };
}

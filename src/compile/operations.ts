/** What the runtime's registry says of an op: which of its inputs is a list, whether it keeps a state, where it has kernels. */
import { messages } from '../tf';
import { native, type NativeGraph } from './native';

export interface Definition { inputs: readonly { list: boolean }[]; stateful: boolean }

const known = new Map<string, Definition>();

/** The definition of an op type; throws when the runtime has none. */
export function definition(graph: NativeGraph, type: string): Definition {
  const found = known.get(type);
  if (found) return found;
  const op = messages.OpDef.deserializeBinary(native.operationDefinition(graph, type));
  const inputs = op.getInputArgList().map(arg => ({ list: arg.getNumberAttr() !== '' || arg.getTypeListAttr() !== '' }));
  const result = { inputs, stateful: op.getIsStateful() };
  known.set(type, result);
  return result;
}

/** Groups a flat input list as the op declares it: tfjs-node passes a list input's members one after the other. */
export function grouped(inputs: readonly { list: boolean }[], ids: readonly number[]): (number | number[])[] {
  const listed = ids.length - inputs.filter(input => !input.list).length;
  let next = 0;
  return inputs.map(input => input.list ? ids.slice(next, next += listed) : ids[next++]);
}

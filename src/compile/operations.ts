/** What the runtime's registry says of an op: which of its inputs is a list, whether it keeps a state, where it has kernels. */
import { messages } from '../tf';
import { native } from './native';

export interface Definition { inputs: readonly { list: boolean }[]; stateful: boolean }

const known = new Map<string, Definition | undefined>();

function look(type: string): Definition | undefined {
  const graph = native.createGraph();
  try {
    const op = messages.OpDef.deserializeBinary(native.operationDefinition(graph, type));
    const inputs = op.getInputArgList().map(arg => ({ list: arg.getNumberAttr() !== '' || arg.getTypeListAttr() !== '' }));
    return { inputs, stateful: op.getIsStateful() };
  } catch {
    return undefined;
  } finally {
    native.release([graph]);
  }
}

/** The definition of an op type; undefined when the runtime has none. */
export function definition(type: string): Definition | undefined {
  if (!known.has(type)) known.set(type, look(type));
  return known.get(type);
}

/** Groups a flat input list as the op declares it: tfjs-node passes a list input's members one after the other. */
export function grouped(inputs: readonly { list: boolean }[], ids: readonly number[]): (number | number[])[] {
  const listed = ids.length - inputs.filter(input => !input.list).length;
  let next = 0;
  return inputs.map(input => input.list ? ids.slice(next, next += listed) : ids[next++]);
}

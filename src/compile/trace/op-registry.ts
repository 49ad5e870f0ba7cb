/** What the runtime's registry says of an op: which of its inputs is a list, whether it keeps a state, where it has kernels. */
import { messages } from '../../autodiff/tf';
import { AT, native, type Attribute } from '../native';

/** `type` names the attribute that holds an input's type. */
export interface Definition {
  inputs: readonly { list: boolean; type: string }[];
  stateful: boolean;
}

const known = new Map<string, Definition | undefined>();

function look(type: string): Definition | undefined {
  const graph = native.createGraph();
  try {
    const op = messages.OpDef.deserializeBinary(native.operationDefinition(graph, type));
    const inputs = op
      .getInputArgList()
      .map(arg => ({ list: arg.getNumberAttr() !== '' || arg.getTypeListAttr() !== '', type: arg.getTypeAttr() }));
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
  return inputs.map(input => (input.list ? ids.slice(next, (next += listed)) : ids[next++]));
}

/**
 * The attributes as the eager runtime takes them: up to the first list, the type of an input overrules what its attribute says
 * (for the mean of bools tfjs-node says bool, but feeds floats). `types` are those of the inputs, undefined where not known.
 */
export function overruled(
  op: string,
  attributes: readonly Attribute[],
  types: readonly (number | undefined)[],
): Attribute[] {
  const { inputs } = definition(op) ?? { inputs: [] };
  const lists = inputs.findIndex(input => input.list);
  const single = inputs.slice(0, lists < 0 ? inputs.length : lists).map(({ type }) => type);
  return attributes.map(attribute => {
    const type = attribute.type === AT.type ? types[single.indexOf(attribute.name)] : undefined;
    return type === undefined ? attribute : { ...attribute, value: type };
  });
}

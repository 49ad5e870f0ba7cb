/** What TensorFlow's registry says of an operation: its inputs, and whether it draws or keeps a state (stateful). */
import { messages } from '../../autodiff/tf';
import { AT, native, type Attribute } from '../native';

/** Of each input: whether it is a list of tensors, and the name of the attribute that holds its type. */
interface Definition {
  inputs: readonly { list: boolean; type: string }[];
  stateful: boolean;
}

/** What was read so far. After a reload of the library it is read again. */
const known = new Map<string, Definition | undefined>();

function read(type: string): Definition | undefined {
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
  if (!known.has(type)) known.set(type, read(type));
  return known.get(type);
}

/** Groups inputs as the operation declares them: tfjs-node passes the members of a list one after the other. */
export function grouped(inputs: readonly { list: boolean }[], ids: readonly number[]): (number | number[])[] {
  const listed = ids.length - inputs.filter(input => !input.list).length;
  let next = 0;
  return inputs.map(input => (input.list ? ids.slice(next, (next += listed)) : ids[next++]));
}

/**
 * The attributes as the eager runtime takes them: for the inputs before the first list, the type of the tensor counts
 * and not what the attribute says (for the mean of bools, tfjs-node says bool but feeds floats). A type that is not
 * known is undefined.
 */
export function overruled(op: string, attributes: readonly Attribute[], types: readonly (number | undefined)[]) {
  const { inputs } = definition(op) ?? { inputs: [] };
  const lists = inputs.findIndex(input => input.list);
  const single = inputs.slice(0, lists < 0 ? inputs.length : lists).map(({ type }) => type);
  return attributes.map((attribute): Attribute => {
    const type = attribute.type === AT.type ? types[single.indexOf(attribute.name)] : undefined;
    return type === undefined ? attribute : { ...attribute, value: type };
  });
}

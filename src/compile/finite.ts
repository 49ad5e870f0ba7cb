/** Whether all floats of a state are finite: by a function for each type of tensor, which XLA is given once. */
import { graphFunction, type GraphBuilder, type Ids } from './graph-builder';
import { DT, type TypedShape } from './native';
import type { GraphFunction } from './operation';

export const truth: TypedShape = { shape: [], dtype: DT.bool };

const finiteFunction = (name: string, type: TypedShape): GraphFunction =>
  graphFunction(
    name,
    [],
    [type],
    (b, ids) => {
      const axes = b.constant([...type.shape.keys()], [type.shape.length]);
      return b.op('All', [b.op('IsFinite', ids)[0], axes]);
    },
    true,
  );

/** The functions that `check` calls; it adds the check of a state of these types to a graph that knows them. */
export function finiteCheck(state: readonly TypedShape[]) {
  const functions = new Map<string, GraphFunction>();
  const keyOf = ({ dtype, shape }: TypedShape) => `${dtype} [${shape}]`;
  for (const type of state)
    if (type.dtype !== DT.int32 && !functions.has(keyOf(type)))
      functions.set(keyOf(type), finiteFunction(`finite_${functions.size}`, type));
  return {
    functions: [...functions.values()],
    check: (b: GraphBuilder, ids: Ids): number =>
      state.reduce(
        (soFar, type, i) => {
          const f = functions.get(keyOf(type));
          return f ? b.op('LogicalAnd', [soFar, b.call(f.name, [ids[i]], [truth])[0]])[0] : soFar;
        },
        b.constant([1], [], DT.bool),
      ),
  };
}

/** The state and the data that a run begins with. */
import { fail } from '../base/check';
import { tf } from '../autodiff/tf';
import { allFinite, type NdArray } from '../base/ndarray';
import { flatten, type GivenTrees, type Leaf } from './tree';

/** The value of a leaf as the host holds it. */
const onHost = ({ shape, value }: Leaf): Exclude<Leaf['value'], tf.Tensor> =>
  value instanceof tf.Tensor ? { shape, values: value.dataSync<'float32' | 'int32'>() } : value;

const valuesOf = (value: NdArray | number): ArrayLike<number> => (typeof value === 'number' ? [value] : value.values);

/** The leaf with its tensor read; refuses a type that a loop cannot carry, and values that are not finite. */
function initialLeaf(where: string, leaf: Leaf): Leaf {
  const { path, dtype } = leaf;
  if (dtype === 'bool') fail(where, `${path} is bool but a state holds float32 and int32`);
  const value = onHost(leaf);
  const values = valuesOf(value);
  if (!allFinite(values)) {
    const entry = Array.from(values).findIndex(x => !Number.isFinite(x));
    fail(where, `${path} holds ${values[entry]} at entry ${entry}; a state must begin finite`);
  }
  return { ...leaf, value };
}

/** State and data taken apart. Errors: as `flatten`; a state without leaves or that no loop can begin with. */
export function initial(where: string, state: unknown, data: unknown = {}): GivenTrees {
  const { structure, leaves } = flatten(where, 'state', state);
  if (leaves.length === 0) fail(where, 'state holds no tensor');
  return {
    state: { structure, leaves: leaves.map(leaf => initialLeaf(where, leaf)) },
    data: flatten(where, 'data', data),
  };
}

/** Where data hold their first NaN, in words; undefined where they hold none. */
export function firstNaN({ leaves }: GivenTrees['data']): string | undefined {
  for (const leaf of leaves) {
    const isRead = leaf.dtype !== 'bool' && !(leaf.value instanceof tf.Tensor && leaf.value.isDisposed);
    const entry = isRead ? Array.from(valuesOf(onHost(leaf))).findIndex(Number.isNaN) : -1;
    if (entry >= 0) return `${leaf.path} holds NaN at entry ${entry}`;
  }
  return undefined;
}

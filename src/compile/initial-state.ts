/** The state and the data that a run begins with. */
import { fail } from '../base/check';
import { tf } from '../autodiff/tf';
import type { NdArray } from '../base/ndarray';
import type { GivenTrees } from './run';
import { flatten, type Leaf } from './tree';

/** Whether all values are finite: 0 times them adds up to 0. Four sums: no addition waits for the one before. */
function allFinite(values: ArrayLike<number>): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += 0 * values[i];
    b += 0 * values[i + 1];
    c += 0 * values[i + 2];
    d += 0 * values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += 0 * values[i];
  return a + b + c + d === 0;
}

/** The value of a leaf as the host holds it. */
const onHost = ({ shape, value }: Leaf): Exclude<Leaf['value'], tf.Tensor> =>
  value instanceof tf.Tensor ? { shape, values: value.dataSync<'float32' | 'int32'>() } : value;

/** Refuses a leaf in which a value is bad. */
function refuse(where: string, path: string, value: NdArray | number, isBad: (x: number) => boolean, advice: string) {
  const values = typeof value === 'number' ? [value] : value.values;
  if (allFinite(values)) return;
  const entry = Array.from(values).findIndex(isBad);
  if (entry >= 0) fail(where, `${path} holds ${values[entry]} at entry ${entry}; ${advice}`);
}

/** The leaf with its tensor read; refuses a type that a loop cannot carry, and values that are not finite. */
function initialLeaf(where: string, leaf: Leaf): Leaf {
  const { path, dtype } = leaf;
  if (dtype === 'bool') fail(where, `${path} is bool but a state holds float32 and int32`);
  const value = onHost(leaf);
  refuse(where, path, value, x => !Number.isFinite(x), 'a state must begin finite');
  return { ...leaf, value };
}

const withoutNaN = new WeakSet<tf.Tensor>();

/** Refuses data with NaN, which would spread to all that is computed. A tensor, which stays as it is, is read once. */
function checkData(where: string, leaf: Leaf): void {
  const { path, dtype, value } = leaf;
  if (dtype === 'bool' || (value instanceof tf.Tensor && withoutNaN.has(value))) return;
  refuse(where, path, onHost(leaf), Number.isNaN, 'leave it out, or let a mask of zeros and ones say what is missing');
  if (value instanceof tf.Tensor) withoutNaN.add(value);
}

/**
 * State and data taken apart. Errors: as `flatten`; a state without leaves or that no loop can begin with; data that
 * hold NaN.
 */
export function initial(where: string, state: unknown, data: unknown = {}): GivenTrees {
  const { structure, leaves } = flatten(where, 'state', state);
  if (leaves.length === 0) fail(where, 'state holds no tensor');
  const given = { structure, leaves: leaves.map(leaf => initialLeaf(where, leaf)) };
  const besides = flatten(where, 'data', data);
  for (const leaf of besides.leaves) checkData(where, leaf);
  return { state: given, data: besides };
}

/** Checks of what a step and a record function return. */
import { atOnce, fail, isSameShape } from '../../base/check';
import { tf } from '../../autodiff/tf';
import type { Layout } from '../operation';
import { flatten, type Leaf } from '../tree';

/** Checks that `by` returned a tree like that of `name`, which has these leaves; gives its leaves in their order. */
export function nextLeaves(
  where: string,
  by: string,
  name: string,
  leaves: Layout['state']['leaves'],
  returned: unknown,
): tf.Tensor[] {
  atOnce(where, `the ${by}`, `the next ${name}`, returned);
  const byPath = new Map<string, Leaf>(flatten(where, name, returned).leaves.map(leaf => [leaf.path, leaf]));
  const next = leaves.map(({ path, shape, dtype }) => {
    const leaf = byPath.get(path);
    if (!leaf) return fail(where, `the ${by} returned no ${path}, but the ${name} has it`);
    byPath.delete(path);
    const { value } = leaf;
    const kind = typeof value === 'number' ? 'number' : 'host array';
    if (!(value instanceof tf.Tensor))
      return fail(where, `the ${by} returned ${path} as a ${kind} but must return a tensor`);
    if (leaf.dtype !== dtype || !isSameShape(leaf.shape, shape))
      fail(
        where,
        `${path} was returned as ${leaf.dtype} [${leaf.shape}] but the ${name} holds ${dtype} [${shape}]; ` +
          'shape and type must stay the same',
      );
    return value;
  });
  for (const path of byPath.keys()) fail(where, `the ${by} returned ${path}, but the ${name} does not have it`);
  return next;
}

/** Checks that a step returned a state like the one it got; gives the leaves in that state's order. */
export const nextState = (where: string, { state }: Layout, returned: unknown): tf.Tensor[] =>
  nextLeaves(where, 'step', 'state', state.leaves, returned);

/** Checks that a recorded value is a tensor that can stand in a row. */
export function recordedTensor(where: string, name: string, value: unknown): tf.Tensor {
  atOnce(where, `record.${name}`, 'a tensor', value);
  if (!(value instanceof tf.Tensor))
    return fail(where, `record.${name} gave ${value === null ? 'null' : typeof value} but must give a tensor`);
  if (value.dtype !== 'float32' && value.dtype !== 'int32' && value.dtype !== 'bool')
    return fail(where, `record.${name} is ${value.dtype} but must be float32, int32 or bool`);
  if (value.size === 0) return fail(where, `record.${name} has shape [${value.shape}] but must hold a number`);
  return value;
}

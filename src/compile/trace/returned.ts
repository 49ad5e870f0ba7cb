/** What a step and a record function return: the refusal of anything that a loop cannot carry on with. */
import { fail, isSameShape } from '../../base/check';
import { tf } from '../../autodiff/tf';
import type { Layout } from '../operation';
import { flatten, type Leaf } from '../tree';

/** Checks that a step returned a state like the one it got; gives the leaves in that state's order. */
export function nextState(where: string, layout: Layout, returned: unknown): tf.Tensor[] {
  if (returned instanceof Promise) fail(where, 'the step returned a promise but must return the next state at once');
  const { leaves } = flatten(where, 'state', returned);
  const byPath = new Map<string, Leaf>(leaves.map(leaf => [leaf.path, leaf]));
  const next = layout.state.leaves.map(({ path, shape, dtype }) => {
    const leaf = byPath.get(path);
    if (!leaf) return fail(where, `the step returned no ${path}, but the state has it`);
    byPath.delete(path);
    const { value } = leaf;
    if (!(value instanceof tf.Tensor))
      return fail(
        where,
        `the step returned ${path} as a ${typeof value === 'number' ? 'number' : 'host array'} but must return a tensor`,
      );
    if (leaf.dtype !== dtype || !isSameShape(leaf.shape, shape))
      fail(
        where,
        `${path} was returned as ${leaf.dtype} [${leaf.shape}] but the state holds ${dtype} [${shape}]; ` +
          'shape and type must stay the same',
      );
    return value;
  });
  for (const path of byPath.keys()) fail(where, `the step returned ${path}, but the state does not have it`);
  return next;
}

/** Checks that a recorded value is a tensor that can stand in a row. */
export function recordedTensor(where: string, name: string, value: unknown): tf.Tensor {
  if (!(value instanceof tf.Tensor))
    return fail(where, `record.${name} gave ${value === null ? 'null' : typeof value} but must give a tensor`);
  if (value.dtype !== 'float32' && value.dtype !== 'int32' && value.dtype !== 'bool')
    return fail(where, `record.${name} is ${value.dtype} but must be float32, int32 or bool`);
  if (value.size === 0) return fail(where, `record.${name} has shape [${value.shape}] but must hold a number`);
  return value;
}

/** A loop over the entries of tensors along their first axis. */
import { atOnce, fail, isSameShape, wholeNumber } from '../../base/check';
import type { tf } from '../../autodiff/tf';
import { flatten, leafTensor, unflatten, type IsAny, type Leaf, type Structure, type Tensors } from '../tree';
import { carried, checkFunction } from './fori';
import { iterate } from './iterate';

interface Values {
  structure: Structure;
  leaves: Leaf[];
}

/** How many entries the tensors have along their first axes. */
function lengthOf(where: string, { leaves }: Values): number {
  for (const { path, shape } of leaves)
    if (shape.length === 0) fail(where, `${path} is a number but must have a first axis, which the loop runs along`);
  if (leaves.length === 0) fail(where, 'xs holds no tensor; without any, give the number of iterations');
  const [first, ...others] = leaves;
  for (const { path, shape } of others)
    if (shape[0] !== first.shape[0])
      fail(where, `${path} is [${shape}] but ${first.path} is [${first.shape}]; their first axes must be as long`);
  return first.shape[0];
}

/** Checks that each iteration gives a y like that of the first one; gives its tensors. */
function sameValues(where: string) {
  let first: Values | undefined;
  const check = (given: unknown): tf.Tensor[] => {
    const now = flatten(where, 'y', given);
    first ??= now;
    if (JSON.stringify(now.structure) !== JSON.stringify(first.structure))
      fail(where, 'the body returned a y of another structure than before');
    now.leaves.forEach(({ path, shape, dtype }, i) => {
      const before = first!.leaves[i];
      if (dtype !== before.dtype || !isSameShape(shape, before.shape))
        fail(where, `${path} was returned as ${dtype} [${shape}] but before as ${before.dtype} [${before.shape}]`);
    });
    return now.leaves.map(leafTensor);
  };
  return { check, tree: (ys: readonly tf.Tensor[]): any => (first ? unflatten(first.structure, ys) : null) };
}

/** What the y of all iterations become. */
type Stacked<Y> = IsAny<Y> extends true ? any : [Y] extends [null] ? null : Tensors<Y>;

/**
 * [carry, y] = body(carry, x) for each entry x of xs along its first axis; gives [the last carry, ys], where ys holds
 * the y of all iterations, stacked along a new first axis. Inside a step the body is traced once, as that of `fori`.
 * carry, y: a tensor or a nested plain object of tensors; a y of null gives ys of null. The carry keeps its structure,
 * shapes and types.
 * xs: the same, each [n, ...]; or a number n, which stands for 0, 1, ..., n - 1 as int32 scalars.
 * Gradient: of any order, with respect to carry, xs and what the body reads, as of `fori`.
 * Errors: as `fori`; first axes of xs that differ; a y that changes.
 *
 * @example
 * const [total, sums] = scan((s, x) => [s.add(x), s.add(x)], tf.scalar(0), tf.tensor([1, 2, 3]));
 * sums // -> [1, 3, 6]
 */
export function scan<C, X, Y>(
  body: (carry: Tensors<C>, x: Tensors<X>) => readonly [carry: Tensors<C>, y: Y],
  carry: C,
  xs: X,
): [carry: Tensors<C>, ys: Stacked<Y>] {
  const where = 'scan';
  checkFunction(where, 'body', body);
  const { tensors, tree, next } = carried(where, carry);
  const counted = typeof xs === 'number';
  const values = counted ? undefined : flatten(where, 'xs', xs);
  const count = values ? lengthOf(where, values) : wholeNumber(where, 'xs', xs, 0);
  const y = sameValues(where);
  const looped = iterate(
    {
      name: where,
      count,
      conditional: false,
      reverse: false,
      body(i, carry, x) {
        const entry = (values ? unflatten(values.structure, x) : i) as Tensors<X>;
        const returned: unknown = atOnce(where, 'the body', '[carry, y]', body(tree(carry), entry));
        if (!Array.isArray(returned) || returned.length !== 2)
          return fail(where, 'the body must return [carry, y], y being null where there is none');
        return { carry: next(returned[0]), y: returned[1] === null ? [] : y.check(returned[1]) };
      },
    },
    { carry: tensors, xs: values ? values.leaves.map(leafTensor) : [] },
  );
  return [tree(looped.carry), y.tree(looped.ys)];
}

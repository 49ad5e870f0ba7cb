/** Derivatives of functions of nested objects of tensors. */
import { constant } from '../autodiff/differentiable';
import { engine } from '../autodiff/tape-engine';
import { tf } from '../autodiff/tf';
import { atOnce, fail, sameShape } from '../base/check';
import { size } from '../base/ndarray';
import { map } from '../compile/loops/map';
import { flatten, leafTensor, unflatten, type Structure, type Tensors } from '../compile/tree';

/** What is differentiated: a function of a tree of tensors. */
type OfParams<P> = (params: Tensors<P>) => tf.Tensor;

interface Given {
  structure: Structure;
  paths: string[];
  tensors: tf.Tensor[];
}

function floats(where: string, name: string, tree: unknown): Given {
  const { structure, leaves } = flatten(where, name, tree);
  if (leaves.length === 0) fail(where, `${name} holds no tensor`);
  for (const { path, dtype } of leaves) if (dtype !== 'float32') fail(where, `${path} is ${dtype} but must be float32`);
  return { structure, paths: leaves.map(({ path }) => path), tensors: leaves.map(leafTensor) };
}

/** The gradients of <f, dy> with respect to the leaves; of f itself, which must be a number, without dy. */
function pulledBack<P>(
  where: string,
  f: OfParams<P>,
  { structure, tensors }: Given,
  dy: tf.Tensor | null,
): tf.Tensor[] {
  // Of their own, so that f may read the tensors it is given from around it too, as constants.
  const own = tensors.map(t => t.clone());
  const value = () => {
    const y: unknown = atOnce(where, 'f', 'a tensor', f(unflatten(structure, own) as Tensors<P>));
    if (!(y instanceof tf.Tensor)) return fail(where, `f gave ${typeof y} but must give a tensor`);
    if (!dy && y.rank > 0) fail(where, `f gave shape [${y.shape}] but must give a scalar`);
    return y;
  };
  const { grads } = engine().gradients(value, own, dy, true);
  return grads.map((dx, i) => dx ?? tf.zerosLike(tensors[i]));
}

function checkFunction(where: string, f: unknown): void {
  if (typeof f !== 'function') fail(where, `f is ${typeof f} but must be a function`);
}

/**
 * The gradient of the scalar f(params): a tensor for each tensor of params, of its shape, in the same structure; zero
 * where f does not depend on it. It has gradients of its own.
 * Errors: params without a tensor, or of another type than float32; an f that gives no scalar.
 *
 * @example
 * const { w } = grad(({ w, c }) => w.square().sum().mul(c), { w: tf.tensor([1, 2]), c: tf.scalar(3) });
 * w // -> [6, 12]
 */
export function grad<P>(f: OfParams<P>, params: P): Tensors<P> {
  checkFunction('grad', f);
  const given = floats('grad', 'params', params);
  return tf.tidy(
    () => unflatten(given.structure, pulledBack('grad', f, given, null)) as tf.TensorContainer,
  ) as Tensors<P>;
}

/**
 * The Hessian of the scalar f at params times a direction v, by the gradient of <grad f, v>: about four evaluations of
 * f, whatever the number of parameters. v and the result are like params.
 * Errors: as `grad`; a v of another structure or shape.
 *
 * @example
 * hvp(x => x.pow(3).sum(), tf.tensor([1, 2]), tf.tensor([1, 10])) // -> [6, 120]
 */
export function hvp<P>(f: OfParams<P>, params: P, v: P): Tensors<P> {
  const where = 'hvp';
  checkFunction(where, f);
  const given = floats(where, 'params', params);
  const along = floats(where, 'v', v);
  if (JSON.stringify(along.structure) !== JSON.stringify(given.structure))
    fail(where, `v holds ${along.paths.join(', ')} but params ${given.paths.join(', ')}`);
  given.tensors.forEach((t, i) => sameShape(where, given.paths[i], t.shape, along.paths[i], along.tensors[i].shape));
  return tf.tidy(() => {
    const product = (params: Tensors<P>) => {
      const { tensors } = floats(where, 'params', params);
      return tf.addN(pulledBack(where, f, { ...given, tensors }, null).map((dx, i) => dx.mul(along.tensors[i]).sum()));
    };
    return unflatten(given.structure, pulledBack(where, product, given, null)) as tf.TensorContainer;
  }) as Tensors<P>;
}

/** The most bytes that a Jacobian may take, in double precision. */
const mostBytes = 1e9;

/**
 * The Jacobian of f at params: for each tensor of params, [...shape of f, ...shape of the tensor]. It is made row by
 * row in reverse mode, by a loop that a step compiles once.
 * Errors: as `grad`, but f may have any shape; a Jacobian of more than 1 GB: take it in blocks of rows.
 *
 * @example
 * jacobian(x => x.square(), tf.tensor([1, 2])) // -> [[2, 0], [0, 4]]
 */
export function jacobian<P>(f: OfParams<P>, params: P): Tensors<P> {
  const where = 'jacobian';
  checkFunction(where, f);
  const given = floats(where, 'params', params);
  return tf.tidy(() => {
    const y = constant(() => f(unflatten(given.structure, given.tensors) as Tensors<P>));
    const { shape } = atOnce(where, 'f', 'a tensor', y);
    const rows = size(shape);
    const bytes = 8 * rows * given.tensors.reduce((sum, t) => sum + t.size, 0);
    if (bytes > mostBytes)
      fail(where, `it would take ${(bytes / 1e9).toPrecision(3)} GB but may take 1 GB; take it in blocks of rows`);
    const row = (i: tf.Tensor) =>
      pulledBack(
        where,
        f,
        given,
        tf
          .equal(tf.range(0, rows, 1, 'int32'), i)
          .cast('float32')
          .reshape(shape),
      );
    const blocks = map(row, rows) as tf.Tensor[];
    return unflatten(
      given.structure,
      blocks.map((block, i) => block.reshape([...shape, ...given.tensors[i].shape])),
    ) as tf.TensorContainer;
  }) as Tensors<P>;
}

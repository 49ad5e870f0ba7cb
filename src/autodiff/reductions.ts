/** Derivatives of matrix products, and of reductions along axes: max, min, prod, running sums and products. */
import { tf } from '../base/tfjs';
import { type Gradient, unbroadcast } from './gradient';

/** x's shape with 1 along `axes` (null: all of them). */
function kept(x: tf.Tensor, axes: number | number[] | null | undefined): { axes: number[]; shape: number[] } {
  const all = tf.util.parseAxisParam(axes as number[], x.shape);
  return { axes: all, shape: x.shape.map((n, axis) => (all.includes(axis) ? 1 : n)) };
}

/** Equal shares to the equal extremes. */
const extreme = (axis: string): Gradient => ({
  inputsToSave: ['x'],
  outputsToSave: [true],
  gradFunc: (dy, [x, y], attributes) => ({
    x: () => {
      const { axes, shape } = kept(x, attributes[axis]);
      const reached = tf.equal(x, y.reshape(shape)).cast('float32');
      return reached.mul(tf.div(dy.reshape(shape), reached.sum(axes, true)));
    },
  }),
});

const lastAxisTo = (axis: number, rank: number) =>
  [...Array(rank).keys()].map(i => (i < axis ? i : i === axis ? rank - 1 : i - 1));
const axisToLast = (axis: number, rank: number) => [...Array(rank).keys()].filter(i => i !== axis).concat(axis);

/**
 * The derivative of running products along the last axis, right also at zeros: with the product P[k, i] of the
 * entries between k and i,
 * dx[k] = (product of the entries before k) * sum over i >= k of dy[i] P[k, i].
 */
function ofRunningProduct(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const n = x.shape[x.rank - 1];
  const row = tf.range(0, n).reshape([n, 1]),
    column = tf.range(0, n).reshape([1, n]);
  const between = tf.cumprod(tf.where(tf.greater(column, row), x.expandDims(-2), 1), x.rank);
  const from = tf.where(tf.greaterEqual(column, row), between, tf.zerosLike(between));
  return tf.cumprod(x, x.rank - 1, true).mul(from.mul(dy.expandDims(-2)).sum(-1));
}

/** The running products' derivative with `axis` last; exclusive ones are shifted by one, reversed ones reversed. */
function ofCumprod(
  dy: tf.Tensor,
  x: tf.Tensor,
  { axis, exclusive, reverse }: { axis: number; exclusive: boolean; reverse: boolean },
): tf.Tensor {
  const [at] = tf.util.parseAxisParam(axis, x.shape),
    last = x.rank - 1,
    n = x.shape[at];
  const turn = (t: tf.Tensor) => (reverse ? t.reverse(last) : t);
  const first = (t: tf.Tensor) => turn(t.transpose(axisToLast(at, x.rank)));
  const [u, v] = [first(x), first(dy)];
  const pads = u.shape.map((_, i): [number, number] => [0, i === last ? 1 : 0]);
  const shifted = exclusive
    ? v
        .slice(
          u.shape.map((_, i) => (i === last ? 1 : 0)),
          u.shape.map((m, i) => (i === last ? n - 1 : m)),
        )
        .pad(pads)
    : v;
  return turn(ofRunningProduct(u, shifted)).transpose(lastAxisTo(at, x.rank));
}

/** d (op(a) op(b)) / d a and / d b, with op the transposition or nothing; axes of batches may be broadcast. */
function ofProduct(
  dy: tf.Tensor,
  a: tf.Tensor,
  b: tf.Tensor,
  ta: boolean,
  tb: boolean,
): { a: () => tf.Tensor; b: () => tf.Tensor } {
  return {
    a: () => unbroadcast(ta ? tf.matMul(b, dy, tb, true) : tf.matMul(dy, b, false, !tb), a.shape),
    b: () => unbroadcast(tb ? tf.matMul(dy, a, true, ta) : tf.matMul(a, dy, !ta, false), b.shape),
  };
}

export const reductions: Record<string, Gradient> = {
  BatchMatMul: {
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b], { transposeA, transposeB }) => ofProduct(dy, a, b, transposeA, transposeB),
  },
  Max: extreme('reductionIndices'),
  Min: extreme('axis'),
  Cumsum: {
    gradFunc: (dy, _, { axis, exclusive, reverse }) => ({ x: () => tf.cumsum(dy, axis, exclusive, !reverse) }),
  },
  Cumprod: { inputsToSave: ['x'], gradFunc: (dy, [x], attributes) => ({ x: () => ofCumprod(dy, x, attributes) }) },
  Prod: {
    inputsToSave: ['x'],
    gradFunc: (dy, [x], { axis }) => ({
      x: () => {
        const { axes, shape } = kept(x, axis);
        const rest = x.shape.map((_: number, i: number) => i).filter((i: number) => !axes.includes(i));
        const order = [...rest, ...axes];
        const flat = x.transpose(order).reshape([...rest.map((i: number) => x.shape[i]), -1]);
        const others = tf.cumprod(flat, rest.length, true).mul(tf.cumprod(flat, rest.length, true, true));
        const undone = order.map((_: number, i: number) => order.indexOf(i));
        return others
          .reshape(order.map((i: number) => x.shape[i]))
          .transpose(undone)
          .mul(dy.reshape(shape));
      },
    }),
  },
};

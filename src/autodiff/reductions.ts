/** Derivatives of matrix products, einsum and reductions along axes: sums, means, extremes, products, running ones. */
import { tf } from '../base/tfjs';
import { padAxis, sliceAxis } from './axes';
import { type Gradient, ofInput, unbroadcast } from './gradient';

/** The axes of a reduction (null: all), and x's shape with 1 in their place. */
function reduced(x: tf.Tensor, axes: number | number[] | null | undefined): { axes: number[]; shape: number[] } {
  const all = tf.util.parseAxisParam(axes as number[], x.shape);
  return { axes: all, shape: x.shape.map((n, axis) => (all.includes(axis) ? 1 : n)) };
}

/** To each entry the same, without the tensors of ones that TensorFlow.js multiplies by. */
const toEach = (share: (dy: tf.Tensor, entries: number) => tf.Tensor): Gradient =>
  ofInput((dy, x, { axis }) => {
    if (x.size === 0) return tf.zeros(x.shape);
    const { axes, shape } = reduced(x, axis);
    const entries = axes.reduce((product, i) => product * x.shape[i], 1);
    const each = share(dy.reshape(shape), entries);
    return x.rank === 0 ? each : each.broadcastTo(x.shape);
  });

/** Equal shares to the equal extremes. */
const extreme = (axis: string): Gradient => ({
  inputsToSave: ['x'],
  outputsToSave: [true],
  gradFunc: (dy, [x, y], attributes) => ({
    x: () => {
      const { axes, shape } = reduced(x, attributes[axis]);
      const reached = tf.equal(x, y.reshape(shape)).cast('float32');
      return reached.mul(tf.div(dy.reshape(shape), reached.sum(axes, true)));
    },
  }),
});

/** d prod / d x: of each entry, the product of all others, by running products from both sides. */
function ofProd(dy: tf.Tensor, x: tf.Tensor, axis: number | number[] | null): tf.Tensor {
  const { axes, shape } = reduced(x, axis);
  const rest = [...x.shape.keys()].filter(i => !axes.includes(i));
  const order = [...rest, ...axes];
  const flat = x.transpose(order).reshape([...rest.map(i => x.shape[i]), -1]);
  const others = tf.cumprod(flat, rest.length, true).mul(tf.cumprod(flat, rest.length, true, true));
  return others
    .reshape(order.map(i => x.shape[i]))
    .transpose(order.map((_, i) => order.indexOf(i)))
    .mul(dy.reshape(shape));
}

/**
 * The derivative of running products along the last axis, right also at zeros: with the product P[k, i] of the
 * entries between k and i,
 * dx[k] = (product of the entries before k) * sum over i >= k of dy[i] P[k, i].
 */
function ofRunningProduct(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const n = x.shape[x.rank - 1];
  const row = tf.range(0, n).reshape([n, 1]);
  const column = tf.range(0, n).reshape([1, n]);
  const between = tf.cumprod(tf.where(tf.greater(column, row), x.expandDims(-2), 1), x.rank);
  const from = tf.where(tf.greaterEqual(column, row), between, tf.zerosLike(between));
  return tf.cumprod(x, x.rank - 1, true).mul(from.mul(dy.expandDims(-2)).sum(-1));
}

/** d cumprod / d x: the axis is put last; exclusive products are shifted by one, reversed ones reversed. */
function ofCumprod(
  dy: tf.Tensor,
  x: tf.Tensor,
  { axis, exclusive, reverse }: { axis: number; exclusive: boolean; reverse: boolean },
): tf.Tensor {
  const [at] = tf.util.parseAxisParam(axis, x.shape);
  const last = x.rank - 1;
  const order = [...x.shape.keys()].filter(i => i !== at).concat(at);
  const turned = (t: tf.Tensor) => (reverse ? t.reverse(last) : t);
  const [u, v] = [x, dy].map(t => turned(t.transpose(order)));
  const shifted = exclusive ? padAxis(sliceAxis(v, last, 1, x.shape[at] - 1), last, 0, 1) : v;
  return turned(ofRunningProduct(u, shifted)).transpose(order.map((_, i) => order.indexOf(i)));
}

/** The letters of a term, those for its '...' included: the last ones of `spare`. */
const named = (term: string, rank: number, spare: string) => {
  const count = rank - term.replace('...', '').length;
  return term.replace('...', spare.slice(spare.length - count));
};

/**
 * d einsum / d one operand: the other operand with dy, by the same letters. A letter that neither of these has was
 * summed over, so the derivative is the same along its axis. Of a letter that comes twice in a term, only the diagonal
 * was read: there the derivative stands, and 0 elsewhere. Axes of '...' have letters too, and are broadcast.
 */
function ofEinsum(dy: tf.Tensor, operands: tf.Tensor[], equation: string, which: number): tf.Tensor {
  const [terms, out] = equation.replace(/\s/g, '').split('->');
  const spare = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter(letter => !equation.includes(letter)).join('');
  const result = named(out, dy.rank, spare);
  const letters = terms.split(',').map((term, i) => named(term, operands[i].rank, spare));
  const length = (letter: string) =>
    [...letters, result]
      .flatMap((term, i) => (term.includes(letter) ? (operands[i] ?? dy).shape[term.indexOf(letter)] : []))
      .reduce((a, b) => (a === 1 ? b : a));
  const full = (x: tf.Tensor, term: string) => tf.broadcastTo(x, [...term].map(length));
  const [mine, x] = [letters[which], operands[which]];
  const others = letters.flatMap((term, i) => (i === which ? [] : [[term, full(operands[i], term)] as const]));
  const given = [[result, dy] as const, ...others];
  const own = [...new Set(mine)].join('');
  const found = [...own].filter(letter => given.some(([term]) => term.includes(letter))).join('');
  const product = tf.einsum(`${given.map(([term]) => term).join(',')}->${found}`, ...given.map(([, tensor]) => tensor));
  const dx = full(product.reshape([...own].map(letter => (found.includes(letter) ? length(letter) : 1))), own);
  return unbroadcast(own === mine ? dx : tf.einsum(`${own}->${mine}`, dx), x.shape);
}

export const reductions: Record<string, Gradient> = {
  BatchMatMul: {
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b], { transposeA: ta, transposeB: tb }) => ({
      a: () => unbroadcast(ta ? tf.matMul(b, dy, tb, true) : tf.matMul(dy, b, false, !tb), a.shape),
      b: () => unbroadcast(tb ? tf.matMul(dy, a, true, ta) : tf.matMul(a, dy, !ta, false), b.shape),
    }),
  },
  Einsum: {
    saveAllInputs: true,
    gradFunc: (dy, operands, { equation }) =>
      Object.fromEntries(operands.map((_, i) => [i, () => ofEinsum(dy, operands, equation, i)])),
  },
  Sum: toEach(dy => dy),
  Mean: toEach((dy, entries) => dy.div(entries)),
  Max: extreme('reductionIndices'),
  Min: extreme('axis'),
  Prod: ofInput((dy, x, { axis }) => ofProd(dy, x, axis)),
  Cumsum: {
    gradFunc: (dy, _, { axis, exclusive, reverse }) => ({ x: () => tf.cumsum(dy, axis, exclusive, !reverse) }),
  },
  Cumprod: ofInput(ofCumprod),
};

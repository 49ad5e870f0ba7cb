/** Fully connected networks. */
import { adam, grad, ndarray, random, tf, type Draw, type Tensors } from 'widenet';
import { normal, type Workload } from './workload';

type Layer = Tensors<'W' | 'b'>;

const dense = (x: tf.Tensor, { W, b }: Layer) => tf.matMul(x, W).add(b);

/** Ten layers of width 256 by Adam, full batch. */
function deep(): Workload {
  const [n, width, depth] = [128, 256, 10];
  const risk = (layers: Layer[], { X, y }: Tensors<'X' | 'y'>) => {
    const f = layers.reduce((x, layer, i) => dense(i > 0 ? tf.relu(x) : x, layer), X as tf.Tensor);
    return f.sub(y).square().mean().div(2);
  };
  const { start, step } = adam(risk, { rate: 1e-3 });
  const layer = (_: unknown, i: number) => ({
    W: normal(`W${i}`, [width, width], Math.sqrt(2 / width)),
    b: normal(`b${i}`, [width], 0.1),
  });
  return {
    name: 'deep',
    title: 'MLP, 10 layers of 256, Adam, batch of 128',
    torch: true,
    state: start(Array.from({ length: depth }, layer) as any),
    data: { X: normal('X', [n, width]), y: normal('y', [n, width]) },
    step: step as Workload['step'],
  };
}

/** 784-1024-10 by gradient descent on minibatches that are drawn in the loop. */
function minibatch(): Workload {
  const [n, d, m, classes, batch] = [4096, 784, 1024, 10, 128];
  type Net = { inner: Layer; outer: Layer };
  const risk = ({ inner, outer }: Net, X: tf.Tensor, label: tf.Tensor) => {
    const logits = dense(tf.relu(dense(X, inner)), outer);
    return tf.losses.softmaxCrossEntropy(tf.oneHot(label as tf.Tensor1D, classes), logits);
  };
  const X = normal('X', [n, d]);
  const largest = (i: number) => {
    const row = X.values.slice(i * d, i * d + classes) as Float64Array;
    return row.indexOf(Math.max(...row));
  };
  return {
    name: 'minibatch',
    title: 'Softmax MLP 784-1024-10, batches of 128 drawn',
    torch: true,
    state: {
      inner: { W: normal('W', [d, m], Math.sqrt(2 / d)), b: normal('b', [m], 0.1) },
      outer: { W: normal('V', [m, classes], Math.sqrt(1 / m)), b: normal('c', [classes], 0.1) },
    },
    data: { X, label: ndarray(Int32Array.from({ length: n }, (_, i) => largest(i))) },
    step: (net: Net, { X, label }: Tensors<'X' | 'label'>, draw: Draw) => {
      const i = draw.integers([batch], 'batch', { high: n });
      const slope = grad((net: Net) => risk(net, tf.gather(X, i), tf.gather(label, i)), net) as Net;
      const moved = ({ W, b }: Layer, by: Layer) => ({ W: W.sub(by.W.mul(0.005)), b: b.sub(by.b.mul(0.005)) });
      return { inner: moved(net.inner, slope.inner), outer: moved(net.outer, slope.outer) };
    },
    drawn: { mean: (net, { X, label }) => risk(net, X, label), within: 0.01, steps: 30 },
  };
}

/** 64 two-layer nets side by side, each with data of its own. */
function seeds(): Workload {
  const [count, n, d, m] = [64, 20, 20, 100];
  type Net = Tensors<'W' | 'c'>;
  const risk = ({ W, c }: Net, { X, y }: Tensors<'X' | 'y'>) =>
    tf
      .matMul(tf.relu(tf.matMul(X, W, false, true)), c)
      .div(Math.sqrt(m))
      .sub(y)
      .square()
      .sum()
      .div(2 * n);
  return {
    name: 'seeds',
    title: '64 seeds of a two-layer net, (n, d, m) = (20, 20, 100)',
    torch: true,
    state: { W: normal('W', [count, m, d]), c: normal('c', [count, m, 1]) },
    data: { X: normal('X', [count, n, d]), y: random.uniform([count, n, 1], { seed: 0, stream: 'y' }) },
    step: (net: Net, data: Tensors<'X' | 'y'>) => {
      const { W, c } = grad((net: Net) => risk(net, data), net) as Net;
      return { W: net.W.sub(W.mul(0.01)), c: net.c.sub(c.mul(0.01)) };
    },
  };
}

export const networks = [deep, minibatch, seeds];

/** What is timed: a step with its start, at several sizes. The peers in peers.py do the same arithmetic. */
import { linalg, random, tf, type Draw } from 'widenet';

export type Size = readonly [n: number, d: number, m: number];
type Trained = { W: tf.Tensor; c: tf.Tensor };
type Data = { X: tf.Tensor; y: tf.Tensor };
type Step = (net: Trained, data: Data, draw: Pick<Draw, 'normal'>) => Trained;

export interface Workload {
  name: 'net' | 'varpro' | 'langevin';
  title: string;
  sizes: readonly Size[];
  step: (size: Size) => Step;
}

/** Gradient descent on both layers of a ReLU net, full batch. */
const net: Workload = {
  name: 'net',
  title: 'Two-layer ReLU net, both layers by autodiff, full batch',
  sizes: [
    [20, 20, 100],
    [100, 100, 1000],
    [500, 100, 2000],
  ],
  step: ([, , m]) => {
    const risk = ({ W, c }: Trained, { X, y }: Data) =>
      tf
        .matMul(tf.relu(tf.matMul(X, W, false, true)), c)
        .div(Math.sqrt(m))
        .sub(y)
        .square()
        .mean()
        .div(2) as tf.Scalar;
    return (net, data) => {
      const [W, c] = tf.grads((W, c) => risk({ W, c }, data))([net.W, net.c]);
      return { W: net.W.sub(W.mul(0.01)), c: net.c.sub(c.mul(0.01)) };
    };
  },
};

/**
 * Variable projection: the outer layer solved for by Cholesky, the inner one moved down the risk with that held fixed.
 */
const varpro: Workload = {
  name: 'varpro',
  title: 'Variable projection: outer layer by Cholesky, inner layer by autodiff',
  sizes: [
    [1024, 2, 128],
    [4096, 2, 128],
    [4096, 2, 256],
  ],
  step: ([n, , m]) => {
    const lambda = 1e-3;
    const features = (W: tf.Tensor, X: tf.Tensor) => tf.relu(tf.matMul(X, W, false, true));
    return ({ W }, { X, y }) => {
      const phi = features(W, X);
      const c = linalg.choleskySolve(
        tf
          .matMul(phi, phi, true)
          .div(n * m)
          .add(tf.eye(m).mul(lambda)),
        tf.matMul(phi, y, true).div(n),
      );
      const slope = tf.grad(
        (W: tf.Tensor) =>
          tf
            .matMul(features(W, X), c)
            .div(m)
            .sub(y)
            .square()
            .mean()
            .div(2 * lambda) as tf.Scalar,
      )(W);
      const moved = W.sub(slope.mul(1e-3 * m));
      return { W: moved.div(moved.norm(2, 1, true)), c };
    };
  },
};

/** Mean-field Langevin dynamics: m particles (c, W) of tanh neurons, with weight decay and noise drawn in the loop. */
const langevin: Workload = {
  name: 'langevin',
  title: 'Langevin dynamics of particles: tanh neurons, gradients by autodiff, fresh noise',
  sizes: [[300, 5, 1000]],
  step: ([, d, m]) => {
    const [temperature, dt] = [0.05, 0.05];
    const risk = (W: tf.Tensor, c: tf.Tensor, { X, y }: Data) =>
      tf
        .matMul(tf.tanh(tf.matMul(X, W, false, true)), c)
        .div(m)
        .sub(y)
        .square()
        .mean()
        .add(
          W.square()
            .sum()
            .add(c.square().sum())
            .mul(temperature / m),
        )
        .div(2) as tf.Scalar;
    return ({ W, c }, data, draw) => {
      const [byW, byC] = tf.grads((W, c) => risk(W, c, data))([W, c]);
      const size = Math.sqrt(2 * temperature * dt);
      return {
        W: W.sub(byW.mul(m * dt)).add(draw.normal([m, d], 'W').mul(size)),
        c: c.sub(byC.mul(m * dt)).add(draw.normal([m, 1], 'c').mul(size)),
      };
    };
  },
};

export const workloads = [net, varpro, langevin];

const draw = (stream: string, shape: number[]) => random.normal(shape, { seed: 0, stream });

/** State and data to start from. */
export const start = ([n, d, m]: Size) => ({
  state: { W: draw('W', [m, d]), c: draw('c', [m, 1]) },
  data: { X: draw('X', [n, d]), y: draw('y', [n, 1]) },
});

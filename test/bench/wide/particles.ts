/** Systems of particles. */
import { tf, type Tensors } from 'widenet';
import { start, workloads, type Size } from '../workloads';
import { normal, type Workload } from './workload';

/** That of bench.ts. */
function langevin(): Workload {
  const { name, step } = workloads.find(({ name }) => name === 'langevin')!;
  const size: Size = [300, 5, 1000];
  return {
    name,
    title: 'Langevin dynamics of 1000 neurons, d = 5, n = 300',
    ...start(size),
    step: step(size),
    drawn: { mean: ({ W }) => W.square().mean(), within: 0.1, steps: 200 },
  };
}

/** A step of the classical Runge-Kutta method for 64 bodies that attract each other. */
function bodies(): Workload {
  const [n, dt, softening] = [64, 0.01, 0.05];
  type Phase = Tensors<'x' | 'v'>;
  const flow = ({ x, v }: Phase): Phase => {
    const apart = x.expandDims(0).sub(x.expandDims(1));
    const weight = apart.square().sum(-1, true).add(softening).pow(-1.5);
    return { x: v, v: apart.mul(weight).sum(1).div(n) };
  };
  const moved = (at: Phase, along: Phase, by: number): Phase => ({
    x: at.x.add(along.x.mul(by)),
    v: at.v.add(along.v.mul(by)),
  });
  return {
    name: 'bodies',
    title: 'RK4 of 64 bodies, pairwise forces',
    state: { x: normal('x', [n, 3]), v: normal('v', [n, 3], 0.5) },
    data: {},
    step: (at: Phase) => {
      const k1 = flow(at);
      const k2 = flow(moved(at, k1, dt / 2));
      const k3 = flow(moved(at, k2, dt / 2));
      const k4 = flow(moved(at, k3, dt));
      return [k1, k2, k3, k4].reduce((at, k, i) => moved(at, k, (dt * [1, 2, 2, 1][i]) / 6), at);
    },
  };
}

/** Stein variational gradient descent towards a mixture of Gaussians, with a kernel exp(-|x - y|^2 / h). */
function stein(): Workload {
  const [n, d, h, rate] = [256, 10, 10, 0.5];
  type Data = Tensors<'centres'>;
  const squares = (x: tf.Tensor, y: tf.Tensor) =>
    x
      .square()
      .sum(1, true)
      .add(y.square().sum(1))
      .sub(tf.matMul(x, y, false, true).mul(2));
  const logDensity = (x: tf.Tensor, { centres }: Data) => tf.logSumExp(squares(x, centres).div(-2), 1).sum();
  return {
    name: 'stein',
    title: 'SVGD, 256 particles, d = 10, RBF kernel',
    state: { x: normal('x', [n, d]) },
    data: { centres: normal('centres', [4, d], 2) },
    step: ({ x }: Tensors<'x'>, data: Data) => {
      const score = tf.grad((x: tf.Tensor) => logDensity(x, data))(x);
      const K = tf.exp(squares(x, x).div(-h));
      const apart = x
        .mul(K.sum(1, true))
        .sub(tf.matMul(K, x))
        .mul(2 / h);
      return {
        x: x.add(
          tf
            .matMul(K, score)
            .add(apart)
            .mul(rate / n),
        ),
      };
    },
  };
}

export const particles = [langevin, bodies, stein];

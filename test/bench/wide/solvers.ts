/** Linear algebra of networks without their matrices, and with them. */
import { grad, hvp, linalg, map, ndarray, tf, type Tensors } from 'widenet';
import { normal, type Workload } from './workload';

/** Power iteration for the largest eigenvalue of the Hessian of a net's risk. */
function hessian(): Workload {
  const [n, d, m] = [256, 64, 256];
  type Net = Tensors<'U' | 'V' | 'c'>;
  type Data = { net: Net; X: tf.Tensor; y: tf.Tensor };
  const risk = ({ U, V, c }: Net, { X, y }: Data) =>
    tf
      .matMul(tf.tanh(tf.matMul(tf.tanh(tf.matMul(X, U)), V)), c)
      .sub(y)
      .square()
      .mean()
      .div(2);
  const shapes = { U: [d, m], V: [m, m], c: [m, 1] };
  const named = (f: (name: keyof Net) => unknown): any => ({ U: f('U'), V: f('V'), c: f('c') });
  return {
    name: 'hessian',
    title: 'Hessian-vector products, MLP 64-256-256-1, n = 256',
    state: named(name => normal(`v${name}`, shapes[name], 1 / Math.sqrt(d * m + m * m + m))),
    data: {
      net: named(name => normal(name, shapes[name], 1 / Math.sqrt(shapes[name][0]))),
      X: normal('X', [n, d]),
      y: normal('y', [n, 1]),
    },
    step: (v: Net, data: Data) => {
      const next = hvp(net => risk(net, data), data.net, v) as Net;
      const norm = tf.addN(Object.values(next).map(part => part.square().sum())).sqrt();
      return named(name => next[name].div(norm));
    },
  };
}

/** Inverse iteration with the Gram matrix of features, which is never made: 100 conjugate gradients a step. */
function conjugate(): Workload {
  const n = 1024;
  return {
    name: 'conjugate',
    title: '100 conjugate gradients, 1024 x 1024 through features',
    state: { b: normal('b', [n, 1], 1 / Math.sqrt(n)) },
    data: { F: normal('F', [n, n], 1 / Math.sqrt(n)) },
    step: ({ b }: Tensors<'b'>, { F }: Tensors<'F'>) => {
      const apply = (x: tf.Tensor) => tf.matMul(F, tf.matMul(F, x), true).add(x.mul(0.1));
      const x = linalg.cg(apply, b, { iterations: 100 });
      return { b: x.div(x.square().sum().sqrt()) };
    },
  };
}

/** The tangent kernel of a two-layer net on its data, and a step of gradient descent with the same gradients. */
function tangent(): Workload {
  const [n, d, m] = [256, 10, 128];
  type Net = Tensors<'W' | 'c'>;
  const output = ({ W, c }: Net, x: tf.Tensor) => tf.tanh(tf.dot(W, x)).mul(c).sum().div(Math.sqrt(m));
  return {
    name: 'tangent',
    title: 'Tangent kernel of 256 examples, gradients by `map`',
    state: { W: normal('W', [m, d]), c: normal('c', [m]), K: ndarray(new Float64Array(n * n), [n, n]) },
    data: { X: normal('X', [n, d]), y: normal('y', [n]) },
    step: ({ W, c }: Tensors<'W' | 'c' | 'K'>, { X, y }: Tensors<'X' | 'y'>) => {
      const each = map(x => ({ f: output({ W, c }, x), ...(grad(net => output(net as Net, x), { W, c }) as Net) }), X);
      const J = tf.concat([each.W.reshape([n, m * d]), each.c], 1);
      const by = tf.dot(each.f.sub(y).div(n), J);
      return {
        W: W.sub(by.slice(0, m * d).reshape([m, d])),
        c: c.sub(by.slice(m * d)),
        K: tf.matMul(J, J, false, true),
      };
    },
  };
}

export const solvers = [hessian, conjugate, tangent];

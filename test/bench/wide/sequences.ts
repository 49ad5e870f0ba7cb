/** Along an axis: attention, the discrete Fourier transform, prefix sums. */
import { grad, ndarray, tf, type Tensors } from 'widenet';
import { normal, type Workload } from './workload';

/** A gradient step of self-attention with a residual connection. */
function attention(): Workload {
  const [batch, tokens, width, heads] = [8, 64, 64, 4];
  type Net = Tensors<'Q' | 'K' | 'V' | 'O'>;
  const risk = ({ Q, K, V, O }: Net, { x, y }: Tensors<'x' | 'y'>) => {
    const flat = x.reshape([batch * tokens, width]);
    const apart = (W: tf.Tensor) =>
      tf
        .matMul(flat, W)
        .reshape([batch, tokens, heads, width / heads])
        .transpose([0, 2, 1, 3]);
    const weights = tf.softmax(tf.matMul(apart(Q), apart(K), false, true).div(Math.sqrt(width / heads)));
    const mixed = tf
      .matMul(weights, apart(V))
      .transpose([0, 2, 1, 3])
      .reshape([batch * tokens, width]);
    const out = flat.add(tf.matMul(mixed, O)).reshape([batch, tokens, width]);
    return out.sub(y).square().mean().div(2);
  };
  const matrix = (stream: string) => normal(stream, [width, width], 1 / Math.sqrt(width));
  const shape = [batch, tokens, width];
  return {
    name: 'attention',
    title: 'Self-attention, 8 x 64 tokens, width 64, 4 heads',
    torch: true,
    state: { Q: matrix('Q'), K: matrix('K'), V: matrix('V'), O: matrix('O') },
    data: { x: normal('x', shape), y: normal('y', shape) },
    step: (net: Net, data: Tensors<'x' | 'y'>) => {
      const { Q, K, V, O } = grad((net: Net) => risk(net, data), net) as Net;
      return {
        Q: net.Q.sub(Q.mul(0.5)),
        K: net.K.sub(K.mul(0.5)),
        V: net.V.sub(V.mul(0.5)),
        O: net.O.sub(O.mul(0.5)),
      };
    },
  };
}

/** Transport along a circle by a spectral method: a factor exp(-i k s) on each frequency. */
function spectral(): Workload {
  const [rows, length, shift] = [64, 4096, 1.3];
  const phase = (f: (angle: number) => number) =>
    ndarray(Float64Array.from({ length: length / 2 + 1 }, (_, k) => f((-2 * Math.PI * k * shift) / length)));
  return {
    name: 'spectral',
    title: 'Spectral step in float64, 64 rows of 4096',
    dtype: 'float64',
    torch: true,
    state: { x: normal('x', [rows, length]) },
    data: { re: phase(Math.cos), im: phase(Math.sin) },
    step: ({ x }: Tensors<'x'>, { re, im }: Tensors<'re' | 'im'>) => ({
      x: tf.spectral.irfft(tf.mul(tf.spectral.rfft(x), tf.complex(re, im))),
    }),
  };
}

/** Picard's iteration for x' = x, whose integral is a prefix sum. */
const picard = (size: string, shape: number[]) => (): Workload => ({
  name: 'sums',
  title: `Prefix sums of ${size}`,
  torch: true,
  state: { x: normal('x', shape) },
  data: { start: normal('start', shape) },
  step: ({ x }: Tensors<'x'>, { start }: Tensors<'start'>) => ({
    x: tf
      .cumsum(x, -1)
      .div(shape[shape.length - 1])
      .add(start),
  }),
});

export const sequences = [attention, spectral, picard('1e5 entries', [100000]), picard('256 x 1000', [256, 1000])];

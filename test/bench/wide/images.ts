/** Convolutional networks. */
import { grad, random, tf, type Tensors } from 'widenet';
import { normal, type Workload } from './workload';

const conv = (x: tf.Tensor, K: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, K as tf.Tensor4D, 1, 'same');

/** One step of gradient descent. */
const descended = <P extends Record<string, tf.Tensor>>(risk: (net: P) => tf.Tensor, net: P, rate: number): P => {
  const slope: Record<string, tf.Tensor> = grad(risk as any, net);
  return Object.fromEntries(Object.entries(net).map(([name, w]) => [name, w.sub(slope[name].mul(rate))])) as P;
};

/** Two convolutions with pooling and a dense layer, on digits. */
function convnet(): Workload {
  const batch = 64;
  type Net = Tensors<'K1' | 'b1' | 'K2' | 'b2' | 'W' | 'b'>;
  const layer = (x: tf.Tensor, K: tf.Tensor, b: tf.Tensor) =>
    tf.maxPool(tf.relu(conv(x, K).add(b)) as tf.Tensor4D, 2, 2, 'valid');
  const risk = ({ K1, b1, K2, b2, W, b }: Net, { x, label }: Tensors<'x' | 'label'>) => {
    const features = layer(layer(x, K1, b1), K2, b2).reshape([batch, -1]);
    return tf.losses.softmaxCrossEntropy(tf.oneHot(label as tf.Tensor1D, 10), tf.matMul(features, W).add(b));
  };
  return {
    name: 'convnet',
    title: 'Convnet 28 x 28, 8 and 16 channels, batch of 64',
    torch: true,
    state: {
      K1: normal('K1', [5, 5, 1, 8], Math.sqrt(2 / 25)),
      b1: normal('b1', [8], 0.1),
      K2: normal('K2', [5, 5, 8, 16], Math.sqrt(2 / 200)),
      b2: normal('b2', [16], 0.1),
      W: normal('W', [784, 10], Math.sqrt(1 / 784)),
      b: normal('b', [10], 0.1),
    },
    data: {
      x: normal('x', [batch, 28, 28, 1]),
      label: random.integers([batch], { seed: 0, stream: 'label', high: 10 }),
    },
    step: (net: Net, data: Tensors<'x' | 'label'>) => descended(net => risk(net, data), net, 0.05),
  };
}

/** Two 3 x 3 convolutions with batch normalisation, and the sum. */
function residual(): Workload {
  const shape = [32, 16, 16, 16];
  type Net = Tensors<'K1' | 'scale1' | 'offset1' | 'K2' | 'scale2' | 'offset2'>;
  const normalised = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, offset as any, scale as any, 1e-5);
  };
  const risk = (net: Net, { x, y }: Tensors<'x' | 'y'>) => {
    const inner = tf.relu(normalised(conv(x, net.K1), net.scale1, net.offset1));
    const block = tf.relu(normalised(conv(inner, net.K2), net.scale2, net.offset2).add(x));
    return block.sub(y).square().mean().div(2);
  };
  const kernel = (stream: string) => normal(stream, [3, 3, 16, 16], Math.sqrt(2 / 144));
  return {
    name: 'residual',
    title: 'ResNet block with batch norm, 32 x 16 x 16 x 16',
    torch: true,
    state: {
      K1: kernel('K1'),
      scale1: normal('scale1', [16]),
      offset1: normal('offset1', [16], 0.1),
      K2: kernel('K2'),
      scale2: normal('scale2', [16]),
      offset2: normal('offset2', [16], 0.1),
    },
    data: { x: normal('x', shape), y: normal('y', shape) },
    step: (net: Net, data: Tensors<'x' | 'y'>) => descended(net => risk(net, data), net, 0.5),
  };
}

export const images = [convnet, residual];

/** Variable projection by the cells of the notebook barboni2025, beside the dense steps of its authors. */
import { evaluate, ndarray, random, tf, type Draw, type NdArray } from 'widenet';
import { runCells } from '../../support/notebook-cells';
import { normal, type Workload } from './workload';

const lambda = 1e-3;
const { inOrder, varProInOrder } = runCells('barboni2025', ['features', 'fast'], ['inOrder', 'varProInOrder']);
const { imageStep, untrained } = runCells('barboni2025', ['images'], ['imageStep', 'untrained'], { set: { lambda } });

const scalar = (value: number) => ndarray([value], []);
const circle = (angles: NdArray) =>
  ndarray(
    Array.from(angles.values).flatMap(angle => [Math.cos(angle), Math.sin(angle)]),
    [angles.values.length, 2],
  );

/** Section 6: u by conjugate gradients, in double precision to a residual of 1e-8; PyTorch's in single precision. */
const onCircle = (M: number) => (): Workload => {
  const N = 4096;
  const x = normal('x', [N, 2]);
  const y = evaluate(
    (x, w) => tf.relu(tf.matMul(x, w, false, true)).mean(1, true),
    x,
    circle(normal('teacher', [N], 0.3)),
  );
  const { energy, ...ordered } = inOrder(x, y);
  const step = varProInOrder(12);
  return {
    name: 'projection',
    title: `Variable projection on the circle, n = 4096, m = ${M}`,
    dtype: 'float64',
    torch: true,
    state: {
      w: circle(random.uniform([M], { seed: 0, stream: 'student', low: -Math.PI, high: Math.PI })),
      u: ndarray(new Float64Array(M).fill(1), [M, 1]),
    },
    data: {
      dense: { x, y },
      ordered: { ...ordered, energy: scalar(energy), lambda: scalar(lambda), c: scalar(1), tau: scalar(2 ** -10) },
    },
    step: (net, { ordered }) => step(net, ordered),
  };
};

/** Section 8: a batch of CIFAR-10's size, always the same, neither moved nor turned. */
function residualNet(): Workload {
  const size = { count: 128, batch: 128, side: 32, margin: 4, blocks: 3, width: 16, epochs: 110 };
  const middle = {
    integers: (shape: number[], _: string, { high }: { high: number }) => tf.fill(shape, (high - 1) >> 1, 'int32'),
    permutation: (count: number) => tf.range(0, count, 1, 'int32'),
  } as unknown as Draw;
  const step = imageStep('VarPro', size);
  return {
    name: 'resnet',
    title: 'Variable projection, ResNet-20, batch of 128',
    torch: 'alone',
    drawn: { mean: ({ risk }) => risk.clone(), within: 0.003, steps: 2 },
    state: { ...untrained('VarPro', size, 0), risk: scalar(0) },
    data: {
      pixels: random.integers([128, 32, 32], { seed: 0, stream: 'pixels', high: 256 ** 3 }),
      labels: random.integers([128], { seed: 0, stream: 'labels', high: 10 }),
    },
    step: (net, data) => step(net, data, middle, tf.scalar(1, 'int32')),
  };
}

export const projections = [...[32, 128, 512, 1024].map(onCircle), residualNet];

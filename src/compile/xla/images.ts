/**
 * Convolutions of images, pooling by the largest entry, and their gradients, computed by the addon
 * (kernel-setup/addon/convolution.cc, pool.cc) on XLA's own threads: XLA takes 1.4 times as long for a convolution, 5
 * to 36 times for its gradients, 4 times for that of pooling.
 */
import { size } from '../../base/ndarray';
import { DT } from '../native';
import type { Operation } from '../operation';
import { piecesOf, type CustomCall } from './custom-call';

/** The multiplications from which on the addon computes a convolution. */
const leastWork = 1e4;
/** The multiplications in one piece of a filter's gradient. */
const pieceWork = 2e6;

interface Kind {
  target: string;
  /** Which inputs of the operation are the arguments of the call: images x, filter, and what they make, y. */
  inputs: { x?: number; filter?: number; y?: number; dy?: number };
}
const kinds: Readonly<Record<string, Kind>> = {
  Conv2D: { target: 'convolution', inputs: { x: 0, filter: 1 } },
  Conv2DBackpropFilter: { target: 'convolution_to_filter', inputs: { x: 0, y: 2 } },
  Conv2DBackpropInput: { target: 'convolution_to_input', inputs: { filter: 1, y: 2 } },
  MaxPool: { target: 'pool', inputs: { x: 0 } },
  MaxPoolGrad: { target: 'pool_gradient', inputs: { x: 0, y: 1, dy: 2 } },
};

/** The call that computes such an operation; undefined for another one, and for one that is left to XLA. */
export function imageCall({ type, attributes, inputs, shapes, outputs }: Operation): CustomCall | undefined {
  const kind = kinds[type];
  if (!kind) return undefined;
  const value = (name: string) => attributes.find(attribute => attribute.name === name)?.value;
  const numbers = (name: string) => (value(name) ?? []) as number[];
  const dtype = value('T') as number;
  const taken = Object.values(kind.inputs);
  const given = taken.map(i => shapes[i]);
  const result = outputs[0].shape;
  const isPlain =
    ['SAME', 'VALID'].includes(value('padding') as string) &&
    (dtype === DT.float || dtype === DT.double) &&
    value('data_format') === 'NHWC' &&
    numbers('dilations').every(by => by === 1);
  if (!isPlain || !result || [...given, result].some(shape => shape.length !== 4 || size(shape) === 0))
    return undefined;

  const isPool = type.startsWith('MaxPool');
  const shapeOf = (name: 'x' | 'filter' | 'y') => shapes[kind.inputs[name] ?? -1] ?? result;
  const [x, y] = [shapeOf('x'), shapeOf('y')];
  const filter = isPool ? [...numbers('ksize').slice(1, 3), x[3], x[3]] : shapeOf('filter');
  const [sh, sw] = numbers('strides').slice(1, 3);
  const work = size(y) * size(filter.slice(0, 3));
  if (filter[2] !== x[3] || (!isPool && work < leastWork)) return undefined;
  /** The zeros before the first pixel along an axis: half of those that the windows need, in whole numbers. */
  const before = (axis: 1 | 2, stride: number) =>
    value('padding') === 'VALID'
      ? 0
      : Math.max(0, Math.floor(((y[axis] - 1) * stride + filter[axis - 1] - x[axis]) / 2));
  const pieces = piecesOf(work, pieceWork, x[0]);
  return {
    target: kind.target,
    config: {
      ...(isPool && { kh: filter[0], kw: filter[1] }),
      sh,
      sw,
      top: before(1, sh),
      left: before(2, sw),
      ...(type === 'Conv2DBackpropFilter' && { pieces }),
    },
    dtype,
    inputs: taken.map(i => inputs[i] as number),
    shapes: given,
    results: [result],
  };
}

/** Random numbers inside a step. */
import { fail, integerRange, knownOptions, wholeNumber } from '../../base/check';
import { size } from '../../base/ndarray';
import { processState } from '../../base/process-state';
import { withLine } from '../../base/source-location';
import { streamOf } from '../../base/streams';
import type { tf } from '../../autodiff/tf';
import type { LeafType } from '../tree';
import { asCall } from './inside';

type DrawKind = 'normal' | 'uniform' | 'integers' | 'permutation';
/** `low` and `range` are of integers only: low, low + 1, ..., low + range - 1. */
export interface DrawSpec {
  kind: DrawKind;
  stream: string;
  shape: readonly number[];
  low: number;
  range: number;
}

/** Random numbers of a step, or of what is recorded, keyed by the run's seed, the stream and the step's number. */
export interface Draw {
  /** Independent standard normals. */
  normal(shape: readonly number[], stream: string): tf.Tensor;
  /** Independent uniforms on the open interval (0, 1). */
  uniform(shape: readonly number[], stream: string): tf.Tensor;
  /** Independent integers, each of low (by default 0), low + 1, ..., high - 1 equally likely; int32. */
  integers(
    shape: readonly number[],
    stream: string,
    options: {
      /** The least integer. Default 0. */
      low?: number;
      /** One more than the greatest. */
      high: number;
    },
  ): tf.Tensor;
  /** 0, 1, ..., n - 1 in a random order, each order equally likely; int32. */
  permutation(n: number, stream: string): tf.Tensor;
}

export const drawType = ({ kind }: DrawSpec): LeafType =>
  kind === 'integers' || kind === 'permutation' ? 'int32' : 'float32';

/** The loops whose bodies run now, the innermost last. */
const bodies = () => processState<string[]>('loop-bodies', () => []);

/** Runs the body of a loop, which may not draw: each iteration would get the same numbers. */
export function withoutDraws<T>(loop: string, body: () => T): T {
  bodies().push(loop);
  try {
    return body();
  } finally {
    bodies().pop();
  }
}

/** Streams that may not be drawn, and by whom they are. */
export interface Taken {
  by: 'the step' | 'a recorded value';
  streams: Iterable<string>;
}

/**
 * Calls `f` with what one call of a step draws by, or one row; `make` gives the numbers. A stream drawn twice, or one
 * that is taken, would repeat them: refused, as is drawing afterwards.
 */
export function withDraw<T>(where: string, make: (spec: DrawSpec) => tf.Tensor, taken: Taken, f: (draw: Draw) => T): T {
  const seen = new Set<string>();
  const others = new Set(taken.streams);
  let isOver = false;
  const draw = (kind: DrawKind, shape: readonly number[], stream: string, low = 0, range = 0) => {
    const at = `${where}: draw.${kind}`;
    streamOf(at, stream);
    if (isOver) {
      const what = 'the call that was given this draw is over; a step and a recorded value draw by their own';
      fail(at, withLine(what, new Error()));
    }
    if (bodies().length > 0) {
      const [loop] = bodies().slice(-1);
      const what = `the body of ${loop} draws, which would give each iteration the same numbers; draw before the loop`;
      fail(at, withLine(`${what}, for all iterations at once`, new Error()));
    }
    if (!Array.isArray(shape) || shape.some(n => !Number.isInteger(n) || n < 0))
      fail(at, `shape is ${JSON.stringify(shape)} but must be whole numbers`);
    // The generator counts the numbers of a draw with 32 bits.
    if (size(shape) >= 2 ** 32)
      fail(at, `shape ${JSON.stringify(shape)} has ${size(shape)} entries but must have fewer than 2^32`);
    const twice = 'which gives the same numbers twice; name two streams';
    const by = others.has(stream) ? `by ${taken.by} too` : seen.has(stream) ? 'twice at one step' : undefined;
    if (by) fail(at, withLine(`stream ${JSON.stringify(stream)} is drawn ${by}, ${twice}`, new Error()));
    seen.add(stream);
    return make({ kind, stream, shape: [...shape], low, range });
  };
  const drawn: Draw = {
    normal: (shape, stream) => draw('normal', shape, stream),
    uniform: (shape, stream) => draw('uniform', shape, stream),
    integers(shape, stream, options) {
      const at = `${where}: draw.integers`;
      knownOptions(at, options, ['low', 'high']);
      const { low = 0, high } = options;
      return draw('integers', shape, stream, low, integerRange(at, low, high));
    },
    permutation: (n, stream) => draw('permutation', [wholeNumber(`${where}: draw.permutation`, 'n', n, 0)], stream),
  };
  try {
    return asCall(() => f(drawn));
  } finally {
    isOver = true;
  }
}

/** The reference engine: the step as it stands, one TensorFlow.js operation after the other, in float32. */
import { fail } from '../base/check';
import { size } from '../base/ndarray';
import { tensor } from '../base/tensors';
import { tf } from '../autodiff/tf';
import {
  drawing,
  drawType,
  nextState,
  recorded,
  type DrawSpec,
  type Layout,
  type RecordFunction,
  type StepFunction,
} from './body';
import { nativeDraw } from './compiled';
import type { Advanced, Engine } from './engine';
import { withoutLeaks } from './leaks';
import { unflatten, type Leaf } from './leaves';
import { native, type NativeArray } from './native';

export type EagerState = readonly tf.Tensor[];

/** A leaf as a tensor of the engine's own. */
export const eagerTensor = ({ value }: Leaf): tf.Tensor =>
  tf.keep(typeof value === 'number' ? tf.scalar(value) : value instanceof tf.Tensor ? value.clone() : tensor(value));

/** Numbers of one draw, from the same generator the native loop uses. */
function drawn(where: string, spec: DrawSpec, seed: number, step: number): tf.Tensor {
  if (step >= 2 ** 32) fail(where, `step ${step} draws random numbers, but steps that do are numbered below 2^32`);
  const numbers = native.drawTensor(nativeDraw(spec, 'float32', { seed, first: step, steps: 1, room: [1] }));
  const values = native.readTensor(numbers, size(spec.shape));
  native.release([numbers]);
  return tf.tensor(values as Float32Array | Int32Array, [...spec.shape], drawType(spec));
}

/** The engine of one run from `start` on; start and data are the engine's to dispose. */
export function eagerEngine(
  where: string,
  step: StepFunction,
  record: Readonly<Record<string, RecordFunction>>,
  layout: Layout,
  start: EagerState,
  given: EagerState,
): Engine<EagerState> {
  const data = unflatten(layout.data.structure, given);
  const whole = (leaves: EagerState) => unflatten(layout.state.structure, leaves);
  const free = (tensors: EagerState) => tensors.forEach(t => t.dispose());

  const next = (leaves: EagerState, seed: number, number: number): tf.Tensor[] =>
    tf.tidy(() =>
      nextState(
        where,
        layout,
        withoutLeaks(where, 'step', () =>
          step(
            whole(leaves),
            data,
            drawing(where, spec => drawn(where, spec, seed, number)),
          ),
        ),
      ).map(t => tf.keep(t.clone())),
    );

  const rowOf = (leaves: EagerState): { name: string; shape: number[]; values: NativeArray }[] => {
    let row: ReturnType<typeof rowOf> = [];
    tf.tidy(() => {
      row = Object.entries(record).map(([name, f]) => {
        const t = recorded(
          where,
          name,
          withoutLeaks(where, 'record', () => f(whole(leaves), data)),
        );
        return { name, shape: t.shape, values: t.dataSync() as NativeArray };
      });
    });
    return row;
  };
  const shapes = rowOf(start);

  return {
    mode: 'eager',
    threads: 1,
    segments: 4096,
    steps: Infinity,
    last: Number.MAX_SAFE_INTEGER,
    pace: { steps: 1 },
    start,
    recorded: shapes,
    async advance(from, { ends, done, seed }): Promise<Advanced<EagerState>> {
      let current: tf.Tensor[] = from.map(t => tf.keep(t.clone()));
      const rows: ReturnType<typeof rowOf>[] = [];
      let turned = Date.now();
      try {
        for (let k = 0, i = 0; i < ends.length; i++) {
          for (; k < ends[i]; k++) {
            const after = next(current, seed, done + k + 1);
            free(current);
            current = after;
            if (Date.now() - turned < 20) continue;
            await new Promise(setImmediate);
            turned = Date.now();
          }
          rows.push(rowOf(current));
        }
      } catch (error) {
        free(current);
        throw error;
      }
      const columns = shapes.map((_, j) => Float64Array.from(rows.flatMap(row => Array.from(row[j].values))));
      const finite = current.every(t => t.dtype === 'int32' || t.dataSync().every(Number.isFinite));
      return { state: current, columns, finite };
    },
    read: tensors => tensors.map(t => t.dataSync() as NativeArray),
    free,
    close: () => free(given),
  };
}

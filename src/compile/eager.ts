/** The reference engine: the step as it stands, one TensorFlow.js operation after the other, in float32. */
import { streamWord } from '../generator';
import { tensor } from '../ndarray';
import { tf } from '../tf';
import { drawing, nextState, recorded, type DrawSpec, type Layout, type RecordFunction, type StepFunction } from './body';
import type { Advanced, Engine } from './engine';
import { unflatten, type Leaf } from './leaves';
import { DT, native, type NativeArray } from './native';

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const tensorOf = ({ value }: Leaf): tf.Tensor =>
  typeof value === 'number' ? tf.scalar(value) : value instanceof tf.Tensor ? value.clone() : tensor(value);

/** Numbers of one draw, from the same generator the native loop uses. */
function drawn({ kind, stream, shape }: DrawSpec, seed: number, step: number): tf.Tensor {
  const numbers = native.drawTensor({ normal: kind === 'normal', seed, stream: streamWord(stream), first: step, steps: 1, size: size(shape), shape, dtype: DT.float });
  const values = native.readTensor(numbers, size(shape));
  native.freeTensor(numbers);
  return tf.tensor(values as Float32Array, [...shape]);
}

export function eagerEngine(where: string, step: StepFunction, record: Readonly<Record<string, RecordFunction>>, layout: Layout,
  state: readonly Leaf[], data: readonly Leaf[]): Engine<readonly tf.Tensor[]> {
  const given = unflatten(layout.data.structure, data.map(tensorOf).map(t => tf.keep(t)));
  const whole = (leaves: readonly tf.Tensor[]) => unflatten(layout.state.structure, leaves);
  const free = (tensors: readonly tf.Tensor[]) => tensors.forEach(t => t.dispose());
  const names = Object.keys(record);

  const values = (leaves: readonly tf.Tensor[]): NativeArray[] => {
    let read: NativeArray[] = [];
    tf.tidy(() => { read = names.map(name => recorded(where, name, record[name](whole(leaves), given)).dataSync() as NativeArray); });
    return read;
  };

  const next = (leaves: readonly tf.Tensor[], seed: number, number: number): tf.Tensor[] =>
    tf.tidy(() => nextState(where, layout, step(whole(leaves), given, drawing(where, spec => drawn(spec, seed, number)))).map(t => tf.keep(t.clone())));

  const shapes = () => {
    let found: { name: string; shape: number[] }[] = [];
    tf.tidy(() => { found = names.map(name => ({ name, shape: recorded(where, name, record[name](whole(state.map(tensorOf)), given)).shape })); });
    return found;
  };

  return {
    mode: 'eager', threads: 1, segments: 4096, steps: Infinity,
    recorded: shapes(),
    start: () => state.map(leaf => tf.keep(tensorOf(leaf))),
    async advance(from, { ends, done, seed }): Promise<Advanced<readonly tf.Tensor[]>> {
      let current = from.map(t => tf.keep(t.clone()));
      const rows: NativeArray[][] = [];
      let turned = Date.now();
      for (let k = 0, i = 0; i < ends.length; i++) {
        for (; k < ends[i]; k++) {
          const after = next(current, seed, done + k + 1);
          free(current);
          current = after;
          if (Date.now() - turned < 20) continue;
          await new Promise(setImmediate);
          turned = Date.now();
        }
        rows.push(values(current));
      }
      const columns = names.map((_, j) => Float64Array.from(rows.flatMap(row => Array.from(row[j]))));
      const finite = current.every(t => t.dtype === 'int32' || t.dataSync().every(Number.isFinite));
      return { state: current, columns, finite };
    },
    read: tensors => tensors.map(t => t.dataSync() as NativeArray),
    free,
    close: () => tf.dispose(given as tf.TensorContainer),
  };
}

/** The native engines: a program, fed with the state it gave back last time. */
import type { NdArray } from '../ndarray';
import { streamWord } from '../generator';
import { tf } from '../tf';
import type { Advanced, Call, Engine } from './engine';
import type { Leaf } from './leaves';
import { DT, native, type NativeArray, type NativeDraw, type NativeTensor } from './native';
import { refuseFailure, type Program } from './program';
import { withThreads } from './slots';
import type { Float } from './trace';

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** A leaf's values as a native tensor of the program's float type; doubles stay doubles. */
function nativeTensor({ value, shape, dtype }: Leaf, float: Float): NativeTensor {
  const values = typeof value === 'number' ? [value] : value instanceof tf.Tensor ? value.dataSync() : (value as NdArray).values;
  if (dtype === 'bool') return native.createTensor(Uint8Array.from(values), shape, DT.bool);
  if (dtype === 'int32') return native.createTensor(Int32Array.from(values), shape, DT.int32);
  if (float === 'float64') return native.createTensor(Float64Array.from(values), shape, DT.double);
  return native.createTensor(Float32Array.from(values), shape, DT.float);
}

export type NativeState = readonly NativeTensor[];

/** The engine of one run: `state` and `data` are read once, here. */
export function compiledEngine(where: string, program: Program, names: readonly string[], state: readonly Leaf[], data: readonly Leaf[]): Engine<NativeState> {
  const { float, loop, threads, segments, step, record } = program;
  const given = data.map(leaf => nativeTensor(leaf, float));
  const free = (tensors: readonly NativeTensor[]) => tensors.forEach(native.freeTensor);
  const lastEnd = ({ ends }: Call) => ends[ends.length - 1];

  const draws = ({ done, seed, ...call }: Call): NativeDraw[] => step.draws.map(({ kind, stream, shape }) => ({
    normal: kind === 'normal', seed, stream: streamWord(stream), first: done + 1, steps: lastEnd({ done, seed, ...call }), size: size(shape),
    shape: [program.steps, ...shape], dtype: float === 'float64' ? DT.double : DT.float,
  }));

  return {
    mode: program.mode, threads, segments, steps: program.steps,
    recorded: names.map((name, i) => ({ name, shape: record.results[i].shape })),
    start: () => state.map(leaf => nativeTensor(leaf, float)),
    async advance(from, call): Promise<Advanced<NativeState>> {
      const ends = new Int32Array(segments);
      ends.set(call.ends);
      const control = [native.createTensor(Int32Array.of(call.ends.length), [], DT.int32), native.createTensor(ends, [segments], DT.int32)];
      const outputs = await withThreads(threads, () => native.run(program.session, loop.feeds, [...control, ...from, ...given], draws(call), loop.fetches))
        .catch(error => refuseFailure(where, program, error))
        .finally(() => free(control));
      const columns = outputs.slice(1 + from.length);
      const result = {
        state: outputs.slice(1, 1 + from.length),
        columns: columns.map((column, i) => native.readTensor(column, call.ends.length * size(record.results[i].shape))),
        finite: native.readTensor(outputs[0], 1)[0] === 1,
      };
      free([outputs[0], ...columns]);
      return result;
    },
    read: tensors => tensors.map((tensor, i): NativeArray => native.readTensor(tensor, size(state[i].shape))),
    free,
    close() {
      free(given);
      program.holders--;
    },
  };
}

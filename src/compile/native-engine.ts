/** The native engines: a program, fed with the state it gave back last time. */
import { types } from 'node:util';
import { size } from '../base/ndarray';
import { streamWord } from '../base/generator';
import { tf } from '../autodiff/tf';
import { drawType, type DrawSpec } from './trace/traced-function';
import type { Advanced, Call, Engine } from './engine';
import type { Leaf } from './tree';
import { DT, drawKinds, native, type NativeArray, type NativeDraw, type NativeTensor } from './native';
import { refuseFailure, refuseIndex, type Program } from './program';
import { withThreads } from './thread-pool';
import type { Float, Spec } from './trace/trace';

/** A leaf's values, copied into a native tensor of the loop's float type; doubles stay doubles. */
export function nativeTensor({ value, shape, dtype }: Leaf, float: Float): NativeTensor {
  const values = typeof value === 'number' ? [value] : value instanceof tf.Tensor ? value.dataSync() : value.values;
  if (dtype === 'bool') return native.createTensor(new Uint8Array(values), shape, DT.bool);
  if (dtype === 'int32')
    return native.createTensor(types.isInt32Array(values) ? values : new Int32Array(values), shape, DT.int32);
  if (float === 'float64')
    return native.createTensor(types.isFloat64Array(values) ? values : new Float64Array(values), shape, DT.double);
  return native.createTensor(types.isFloat32Array(values) ? values : new Float32Array(values), shape, DT.float);
}

/** What the addon is told of a draw: numbers for `steps` steps from number `first` on, in a tensor with `room` for so many. */
export function nativeDraw(
  spec: DrawSpec,
  float: Float,
  { seed, first, steps, room }: { seed: number; first: number; steps: number; room: readonly number[] },
): NativeDraw {
  const { kind, stream, shape, low, range } = spec;
  const dtype = drawType(spec) === 'int32' ? DT.int32 : float === 'float64' ? DT.double : DT.float;
  return {
    kind: drawKinds[kind],
    seed,
    stream: streamWord(stream),
    first,
    steps,
    size: size(shape),
    shape: [...room, ...shape],
    dtype,
    low,
    range,
  };
}

export type NativeState = readonly NativeTensor[];

/** The engine of one run from `start` on; start and data are the engine's to release. */
export function compiledEngine(
  where: string,
  program: Program,
  names: readonly string[],
  specs: readonly Spec[],
  start: NativeState,
  data: NativeState,
): Engine<NativeState> {
  const { float, loop, threads, segments, step, record } = program;

  const draws = ({ ends, done, seed }: Call): NativeDraw[] =>
    step.draws.map(spec =>
      nativeDraw(spec, float, { seed, first: done + 1, steps: ends[ends.length - 1], room: [program.steps] }),
    );

  return {
    mode: program.mode,
    threads,
    segments,
    steps: program.steps,
    pace: program.pace,
    last: step.draws.length > 0 ? 2 ** 32 - 1 : Number.MAX_SAFE_INTEGER,
    recorded: names.map((name, i) => ({ name, shape: record.results[i].shape })),
    start,
    async advance(from, call): Promise<Advanced<NativeState>> {
      const ends = new Int32Array(segments);
      ends.set(call.ends);
      const control = [
        native.createTensor(Int32Array.of(call.ends.length), [], DT.int32),
        native.createTensor(ends, [segments], DT.int32),
      ];
      const outputs = await withThreads(threads, () =>
        native.run(program.session, loop.feeds, [...control, ...from, ...data], draws(call), loop.fetches),
      )
        .catch(error => refuseFailure(where, program, error))
        .finally(() => native.release(control));
      const told = program.tells ? outputs.splice(1, 1) : [];
      const values = told.map(tensor => native.readTensor(tensor, 4));
      native.release(told);
      try {
        for (const value of values) refuseIndex(where, program, value, call.done);
      } catch (error) {
        native.release(outputs);
        throw error;
      }
      const columns = outputs.slice(1 + from.length);
      const result = {
        state: outputs.slice(1, 1 + from.length),
        columns: columns.map((column, i) =>
          native.readTensor(column, call.ends.length * size(record.results[i].shape)),
        ),
        finite: native.readTensor(outputs[0], 1)[0] === 1,
      };
      native.release([outputs[0], ...columns]);
      return result;
    },
    read: tensors => tensors.map((tensor, i): NativeArray => native.readTensor(tensor, size(specs[i].shape))),
    free: native.release,
    close() {
      native.release(data);
      program.holders--;
    },
  };
}

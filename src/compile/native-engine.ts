/** The engine of modes 'graph' and 'xla': a compiled program, which is fed with the state that its last call gave. */
import { tf } from '../autodiff/tf';
import { streamWord } from '../base/generator';
import { size } from '../base/ndarray';
import { singles } from '../base/tensors';
import type { Advanced, Call, Engine } from './engine';
import { arrayOf, DT, drawKinds, native, type NativeDraw, type NativeTensor } from './native';
import { dataType, type Float, type Spec } from './operation';
import { refuseBadIndex, refuseFailure, type Program } from './program';
import { withThreads } from './thread-pool';
import { drawType, type DrawSpec } from './trace/draws';
import type { Leaf } from './tree';

/** A leaf's values, copied into a native tensor of the loop's float type; doubles stay doubles. */
export function nativeTensor(where: string, { path, value, shape, dtype }: Leaf, float: Float): NativeTensor {
  const values = typeof value === 'number' ? [value] : value instanceof tf.Tensor ? value.dataSync() : value.values;
  const type = dataType(dtype, float);
  const Values = arrayOf(type);
  const held =
    values instanceof Values ? values : Values === Float32Array ? singles(where, path, values) : new Values(values);
  return native.createTensor(held, shape, type);
}

/** A draw as the addon takes it: for the steps of these numbers, in a tensor with `room` for so many. */
export function nativeDraw(
  spec: DrawSpec,
  float: Float,
  { seed, numbers, room }: { seed: number; numbers: Uint32Array; room: readonly number[] },
): NativeDraw {
  const { kind, stream, shape, low, range } = spec;
  const key = { kind: drawKinds[kind], stream: streamWord(stream), low, range, seed, numbers };
  return { ...key, size: size(shape), shape: [...room, ...shape], dtype: dataType(drawType(spec), float) };
}

export type NativeState = readonly NativeTensor[];

/** Runs one call of a program; gives the tensors of [finite, ...state, ...columns], and the milliseconds it took. */
async function runProgram(where: string, program: Program, tensors: NativeState, call: Call) {
  const { float, loop, recordMode, threads, segments, session, step, record } = program;
  const { ends: given, hasRows, done, seed } = call;
  const ends = new Int32Array(segments);
  ends.set(hasRows ? given : given.map(end => -end));
  const scalar = (value: number) => native.createTensor(Int32Array.of(value), [], DT.int32);
  // XLA computes what is recorded also where a call ends between two rows.
  const isRecorded = hasRows || recordMode === 'xla';
  const control = [
    scalar(isRecorded ? given.length : 0),
    native.createTensor(ends, [segments], DT.int32),
    ...(step.usesNumber ? [scalar(done)] : []),
  ];
  const numbered = (numbers: readonly number[], room: number) => (spec: DrawSpec) =>
    nativeDraw(spec, float, { seed, numbers: Uint32Array.from(numbers), room: [room] });
  const drawn = step.draws.length > 0 ? Array.from({ length: given[given.length - 1] }, (_, k) => done + 1 + k) : [];
  const draws = [
    ...step.draws.map(numbered(drawn, program.steps)),
    ...record.draws.map(numbered(isRecorded ? given.map(end => done + end) : [], segments)),
  ];
  let milliseconds = 0;
  const outputs = await withThreads(threads, async () => {
    const begun = performance.now();
    const outputs = await native.run(session, loop.feeds, [...control, ...tensors], draws, loop.fetches, threads);
    milliseconds = performance.now() - begun;
    return outputs;
  })
    .catch(error => refuseFailure(where, program, error))
    .finally(() => native.release(control));
  if (!program.checksIndices) return { outputs, milliseconds };
  const badIndex = outputs.splice(1, 1);
  try {
    refuseBadIndex(where, program, native.readTensor(badIndex[0], 4), call.done);
    return { outputs, milliseconds };
  } catch (error) {
    native.release(outputs);
    throw error;
  } finally {
    native.release(badIndex);
  }
}

/** The engine of one run from `start` on. It releases `start` and `data`. */
export function nativeEngine(
  where: string,
  program: Program,
  names: readonly string[],
  specs: readonly Spec[],
  start: NativeState,
  data: NativeState,
): Engine<NativeState> {
  const { mode, threads, segments, steps, pace, step, record } = program;
  const isDrawing = [...step.draws, ...record.draws].length > 0;
  return {
    mode,
    threads,
    segments,
    steps,
    pace,
    last: step.usesNumber ? 2 ** 31 - 1 : isDrawing ? 2 ** 32 - 1 : Number.MAX_SAFE_INTEGER,
    recorded: names.map((name, i) => ({ name, shape: record.results[i].shape })),
    start,
    async advance(from, call): Promise<Advanced<NativeState>> {
      const { outputs, milliseconds } = await runProgram(where, program, [...from, ...data], call);
      const [finite, state, columns] = [outputs[0], outputs.slice(1, 1 + from.length), outputs.slice(1 + from.length)];
      const entries = record.results.map(({ shape }) => call.ends.length * size(shape));
      const advanced = {
        state,
        columns: columns.map((column, i) => native.readTensor(column, entries[i])),
        finite: native.readTensor(finite, 1)[0] === 1,
        milliseconds,
      };
      native.release([finite, ...columns]);
      return advanced;
    },
    read: tensors => tensors.map((tensor, i) => native.readTensor(tensor, size(specs[i].shape))),
    free: native.release,
    close() {
      native.release(data);
      program.release();
    },
  };
}

/** The engine of mode 'eager', the reference: the step as it stands, operation by operation, in float32. */
import { tf } from '../autodiff/tf';
import { fail } from '../base/check';
import { size } from '../base/ndarray';
import { withLine } from '../base/source-location';
import type { Advanced, Call, Engine } from './engine';
import { native, type NativeArray } from './native';
import { nativeDraw } from './native-engine';
import type { Layout } from './operation';
import { withFloat32 } from './trace/constants';
import { drawType, withDraw, type Draw, type DrawSpec } from './trace/draws';
import { withoutLeaks } from './trace/leaks';
import { nextState, recordedTensor } from './trace/returned';
import type { RecordFunctions, StepFunction } from './trace/traced-function';
import { singleTensor, unflatten, type Leaf } from './tree';

type EagerState = readonly tf.Tensor[];

/** A leaf as a tensor of the engine's own. */
export const eagerTensor = (where: string, leaf: Leaf): tf.Tensor =>
  tf.keep(tf.tidy(() => singleTensor(where, leaf).clone()));

/** The numbers of one draw, from the same generator as in the native loop. */
function drawn(where: string, spec: DrawSpec, seed: number, step: number): tf.Tensor {
  if (step >= 2 ** 32) fail(where, `step ${step} draws random numbers, but steps that do are numbered below 2^32`);
  const numbers = native.drawTensor(nativeDraw(spec, 'float32', { seed, numbers: Uint32Array.of(step), room: [1] }));
  const values = native.readTensor(numbers, size(spec.shape));
  native.release([numbers]);
  return tf.tensor(values as Float32Array | Int32Array, [...spec.shape], drawType(spec));
}

interface EagerSpec {
  where: string;
  step: StepFunction;
  record: RecordFunctions;
  layout: Layout;
  /** The data, of which the engine disposes at the end. */
  data: EagerState;
  /** The streams that steps and rows have drawn so far. */
  streams: { step: Set<string>; row: Set<string> };
}

const free = (tensors: EagerState) => tensors.forEach(t => t.dispose());
const stateOf = ({ layout }: EagerSpec, leaves: EagerState) => unflatten(layout.state.structure, leaves);
const dataOf = ({ layout, data }: EagerSpec) => unflatten(layout.data.structure, data);

/** Calls `f` with what step `number`, or its row, draws by. */
function drawingBy<T>(spec: EagerSpec, by: 'step' | 'row', seed: number, number: number, f: (draw: Draw) => T): T {
  const { where, streams } = spec;
  const make = (draw: DrawSpec) => {
    streams[by].add(draw.stream);
    return drawn(where, draw, seed, number);
  };
  const taken =
    by === 'step'
      ? { by: 'a recorded value' as const, streams: streams.row }
      : { by: 'the step' as const, streams: streams.step };
  const refuse = (what: string) => fail(where, withLine(what, new Error()));
  return withDraw(where, make, taken, draw => withFloat32(refuse, () => f(draw)));
}

/** The state after step `number`. */
function next(spec: EagerSpec, leaves: EagerState, seed: number, number: number): tf.Tensor[] {
  const { where, step, layout } = spec;
  if (step.length > 3 && number >= 2 ** 31)
    fail(where, `step ${number} uses its number, but steps that do are numbered below 2^31`);
  return tf.tidy(() => {
    const returned = withoutLeaks(where, 'step', () => {
      const given = drawingBy(spec, 'step', seed, number, draw =>
        step(stateOf(spec, leaves), dataOf(spec), draw, tf.scalar(number, 'int32')),
      );
      return nextState(where, layout, given);
    });
    return returned.map(t => tf.keep(t.clone()));
  });
}

interface RowEntry {
  name: string;
  shape: number[];
  values: NativeArray;
}

/** The row of the state after step `number`. */
function rowOf(spec: EagerSpec, leaves: EagerState, seed: number, number: number): RowEntry[] {
  const { where, record } = spec;
  let row: RowEntry[] = [];
  // The braces matter: tf.tidy would walk through every entry of arrays that its function gives.
  tf.tidy(() => {
    row = drawingBy(spec, 'row', seed, number, draw =>
      Object.entries(record).map(([name, f]) => {
        const t = withoutLeaks(where, 'record', () =>
          recordedTensor(where, name, f(stateOf(spec, leaves), dataOf(spec), draw)),
        );
        return { name, shape: t.shape, values: t.dataSync() as NativeArray };
      }),
    );
  });
  return row;
}

/** Milliseconds of work between two turns of the event loop. */
const slice = 20;

/** Makes the steps of a call; gives the last state and the rows. */
async function run(spec: EagerSpec, from: EagerState, { ends, hasRows, done, seed }: Call) {
  let current: tf.Tensor[] = from.map(t => tf.keep(t.clone()));
  const rows: RowEntry[][] = [];
  let turned = Date.now();
  try {
    for (let k = 0, i = 0; i < ends.length; i++) {
      for (; k < ends[i]; k++) {
        const after = next(spec, current, seed, done + k + 1);
        free(current);
        current = after;
        if (Date.now() - turned < slice) continue;
        await new Promise(setImmediate);
        turned = Date.now();
      }
      if (hasRows) rows.push(rowOf(spec, current, seed, done + k));
    }
    return { state: current, rows };
  } catch (error) {
    free(current);
    throw error;
  }
}

/** The engine of one run from `start` on, of which the run disposes. */
export function eagerEngine(given: Omit<EagerSpec, 'streams'>, start: EagerState): Engine<EagerState> {
  const spec = { ...given, streams: { step: new Set<string>(), row: new Set<string>() } };
  const recorded = rowOf(spec, start, 0, 0);
  return {
    mode: 'eager',
    threads: 1,
    segments: 4096,
    steps: Infinity,
    last: Number.MAX_SAFE_INTEGER,
    pace: { steps: 1 },
    start,
    recorded,
    async advance(from, call): Promise<Advanced<EagerState>> {
      const begun = performance.now();
      const { state, rows } = await run(spec, from, call);
      const milliseconds = performance.now() - begun;
      const columns = recorded.map((_, j) => Float64Array.from(rows.flatMap(row => Array.from(row[j].values))));
      const finite = state.every(t => t.dtype === 'int32' || t.dataSync().every(Number.isFinite));
      return { state, columns, finite, milliseconds };
    },
    read: tensors => tensors.map(t => t.dataSync() as NativeArray),
    free,
    close: () => free(spec.data),
  };
}

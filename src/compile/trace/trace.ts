/**
 * Tracing: a function of tensors runs once on tensors that have a shape and a type but no values. Every kernel of
 * tfjs-node ends in `executeSingleOutput` or `executeMultipleOutputs` of its backend, which for that time add an
 * operation to a graph instead of computing it (overrides.ts, recording.ts). Autodiff runs unchanged on top.
 */
import { tf } from '../../autodiff/tf';
import { withDeepStacks } from '../../base/source-location';
import { size } from '../../base/ndarray';
import { native, type NativeGraph } from '../native';
import { typedShape, type Float, type Operation, type Spec, type Trace } from '../operation';
import { firstTrace, type TraceContext } from './first-trace';
import { withFloat32, withFloat64 } from './constants';
import { withOverrides } from './overrides';
import { argument, lateArgument, newRecording, outputOf, type Writer } from './recording';
import { newRefusals } from './refusals';
import { refuseChange, replay } from './replay';

export interface Tracer {
  input(name: string, spec: Spec): tf.Tensor;
  /** An argument after all others if something uses it, or else none. */
  lateInput(name: string, spec: Spec): { tensor: tf.Tensor; isUsed(): boolean };
  /** Makes these tensors the results. A tensor from outside is refused. */
  results(tensors: readonly tf.Tensor[]): void;
}

/** In the time in which a matrix and a vector are multiplied, a product of matrices makes so many times the work. */
const vectorWork = 8;

/**
 * About how many multiplications and additions one operation takes: 2 m k n for a product [m, k] x [k, n], which is
 * twice the root of the product of the three sizes, and for a convolution too, but for the places in its filter;
 * size^1.5 for a factorisation; 5 log2(n) for each entry of a Fourier transform of n; otherwise one for each entry. A
 * product with a vector, which waits for memory, counts as what could be done meanwhile. Of a loop one iteration
 * counts: the threads share no more at a time.
 */
export function workOf({ type, shapes, outputs, loop }: Operation): number {
  if (loop) return totalWork(loop.body.operations);
  // The gradient of a convolution takes one more input, a list: the shape of its result.
  const given = /Conv.*Backprop/.test(type) ? shapes.filter(({ length }) => length > 1) : shapes;
  const sizes = [...given, ...outputs.map(output => output.shape ?? [])].map(size);
  if (/MatMul|Conv|Einsum/.test(type) && sizes.length > 2) {
    const work = 2 * Math.sqrt(sizes[0] * sizes[1] * sizes[2]);
    const withVector = /MatMul/.test(type) && work < 3 * Math.max(...shapes.map(size));
    return withVector ? vectorWork * work : work;
  }
  const largest = Math.max(1, ...sizes);
  if (/FFT/.test(type)) return 5 * largest * Math.log2(Math.max(2, ...shapes[0].slice(-1)));
  return /Cholesky|Matrix|Qr|Svd|SelfAdjoint/.test(type) ? largest ** 1.5 : largest;
}

export const totalWork = (operations: readonly Operation[]): number =>
  operations.reduce((sum, operation) => sum + workOf(operation), 0);

/** What to trace. `where` starts the messages, `name` is that of the function that it becomes. */
export interface Traced {
  where: string;
  name: string;
  float: Float;
  f: (tracer: Tracer) => void;
}

/** A trace with all operations, those of bodies of loops too, and all graphs, which whoever gets them releases. */
export interface WholeTrace extends Trace {
  all: readonly Operation[];
  graphs: readonly NativeGraph[];
}

/** Runs `f` with its operations recorded by the writer that `begin` gives. */
function record({ where, name, float, f }: Traced, takesStacks: boolean, begin: (context: TraceContext) => Writer) {
  const context: TraceContext = { name, refusals: newRefusals(where), all: [], graphs: [], takesStacks };
  try {
    const writer = begin(context);
    const recording = newRecording(float, context.refusals, writer);
    const inputs: number[] = [];
    const late: number[] = [];
    const outputs: number[] = [];
    const tracer: Tracer = {
      input(name, spec) {
        const { id, tensor } = argument(recording, name, typedShape(spec, float));
        inputs.push(id);
        return tensor;
      },
      lateInput(name, spec) {
        const ids: number[] = [];
        const tensor = lateArgument(recording, name, spec, id => {
          ids.push(id);
          late.push(id);
        });
        return { tensor, isUsed: () => ids.length > 0 };
      },
      results: tensors => outputs.push(...tensors.map(tensor => outputOf(recording, tensor).id)),
    };
    const run = () => withDeepStacks(() => tf.tidy(() => f(tracer)));
    const { refuse } = context.refusals;
    withOverrides(recording, () => (float === 'float64' ? withFloat64(run) : withFloat32(refuse, run)));
    context.refusals.throwFirst();
    const trace = writer.finish([...inputs, ...late], outputs, recording.constants);
    return { ...trace, all: context.all, graphs: context.graphs };
  } catch (error) {
    native.release(context.graphs);
    throw error;
  }
}

/** Traces a function. */
export const trace = (traced: Traced, takesStacks = false): WholeTrace => record(traced, takesStacks, firstTrace);

/** Traces it again: refuses it where it does not do what it did before, and builds the graph that XLA compiles. */
export const traceAgain = (traced: Traced, first: WholeTrace): WholeTrace =>
  record(traced, true, context => {
    const writer = replay(first, context);
    const finish: Writer['finish'] = (...given) => {
      const missing = context.all.length;
      if (missing < first.all.length) {
        const longer = trace(traced, true);
        native.release(longer.graphs);
        refuseChange(context, longer.all[missing]?.origin);
      }
      return writer.finish(...given);
    };
    return { ...writer, finish };
  });

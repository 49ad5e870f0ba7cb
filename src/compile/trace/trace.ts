/**
 * Tracing: a function of tensors runs once on tensors that have a shape and a type but no values. Every kernel of
 * tfjs-node ends in `executeSingleOutput` or `executeMultipleOutputs` of its backend, which for that time add an
 * operation to a graph instead of computing it (overrides.ts, recording.ts). Autodiff runs unchanged on top.
 */
import { tf } from '../../autodiff/tf';
import { withDeepStacks } from '../../base/source-location';
import { size } from '../../base/ndarray';
import { native, type Output } from '../native';
import type { Float, Operation, Spec } from '../operation';
import { barriers } from '../xla/barriers';
import { usesIndices } from '../xla/index-checks';
import { openblasCalls } from '../xla/openblas-calls';
import { withFloat64 } from './float64';
import { withOverrides } from './overrides';
import { argument, lateArgument, outputOf, type NewOperation, type Recording, type Trace } from './recording';
import { newRefusals, type Refusals } from './refusals';
import { replay } from './replay';

export interface Tracer {
  input(name: string, spec: Spec): tf.Tensor;
  /** An argument after all others if something uses it, or else none. */
  lateInput(name: string, spec: Spec): { tensor: tf.Tensor; isUsed(): boolean };
  /** Makes these tensors the results. A tensor from outside is refused. */
  results(tensors: readonly tf.Tensor[]): void;
}

/**
 * About how many multiplications and additions one operation takes: 2 m k n for a product [m, k] x [k, n], which is
 * twice the root of the product of the three sizes; size^1.5 for a factorisation; otherwise one for each entry.
 */
function workOf({ type, shapes, outputs }: Operation): number {
  const sizes = [...shapes, ...outputs.map(output => output.shape ?? [])].map(size);
  if (/MatMul|Conv|Einsum/.test(type)) return 2 * Math.sqrt(sizes[0] * sizes[1] * sizes[2]);
  const largest = Math.max(1, ...sizes);
  return /Cholesky|Matrix|Qr|Svd|SelfAdjoint/.test(type) ? largest ** 1.5 : largest;
}

export const totalWork = (operations: readonly Operation[]) =>
  operations.reduce((sum, operation) => sum + workOf(operation), 0);

/** TensorFlow's reason without its text of the node, whose names are not the user's. */
const reasonOf = ({ message }: Error) => message.split('\n')[0].replace(/\.? for '\{\{node .*|; NodeDef: .*/, '');

/** Adds the operations of a first trace to a new graph. A stack for each costs as much again as the rest. */
function firstTrace({ refuse }: Refusals, takeStacks: boolean) {
  const graph = native.createGraph();
  const operations: Operation[] = [];
  const add = (operation: NewOperation): readonly Output[] => {
    const { type, inputs, attributes } = operation;
    const name = `${type}_${operations.length}`;
    try {
      const outputs = native.addOperation(graph, type, name, inputs, attributes);
      operations.push({ ...operation, name, outputs, ...(takeStacks && { origin: new Error() }) });
      return outputs;
    } catch (error) {
      const given = operation.shapes.map(shape => `[${shape}]`).join(', ');
      return refuse(`op ${type}${given && ` of ${given}`} is refused by TensorFlow: ${reasonOf(error as Error)}`);
    }
  };
  return { graph, operations, add };
}

/** Runs `f` with its operations recorded; gives the ids of its arguments and of its results. */
function record(recording: Recording, f: (tracer: Tracer) => void): { inputs: number[]; outputs: number[] } {
  const inputs: number[] = [];
  const late: number[] = [];
  const outputs: number[] = [];
  const tracer: Tracer = {
    input(name, spec) {
      const { id, tensor } = argument(recording, name, spec);
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
  withOverrides(recording, recording.float === 'float64' ? () => withFloat64(run) : run);
  recording.refusals.throwFirst();
  return { inputs: [...inputs, ...late], outputs };
}

const newRecording = (float: Float, refusals: Refusals, add: Recording['add']): Recording => ({
  float,
  refusals,
  add,
  outputs: new Map(),
  late: new Map(),
  written: new Set(),
  constants: new Map(),
});

/** Traces `f`. `where` starts the messages. Whoever gets the trace releases its graph. */
export function trace(where: string, float: Float, f: (tracer: Tracer) => void, takeStacks = false): Trace {
  const refusals = newRefusals(where);
  const { graph, operations, add } = firstTrace(refusals, takeStacks);
  try {
    const recording = newRecording(float, refusals, add);
    const { inputs, outputs } = record(recording, f);
    const calls = openblasCalls(operations, outputs);
    return {
      graph,
      inputs,
      outputs,
      operations,
      calls,
      barriers: barriers(operations, calls),
      constants: recording.constants,
      checksIndices: usesIndices(operations, recording.constants),
    };
  } catch (error) {
    native.release([graph]);
    throw error;
  }
}

/** Traces `f` again: refuses it where it does not do what it did before, and builds the graph that XLA compiles. */
export function traceAgain(where: string, float: Float, f: (tracer: Tracer) => void, first: Trace): Trace {
  const refusals = newRefusals(where);
  const { graph, operations, add, ...again } = replay(first, refusals);
  try {
    const { inputs, outputs } = record(newRecording(float, refusals, add), f);
    if (operations.length < first.operations.length) {
      const longer = trace(where, float, f, true);
      native.release([longer.graph]);
      again.refuseChange(longer.operations[operations.length]?.origin);
    }
    again.compareResults(outputs);
    return { ...first, graph, operations, inputs: again.inputsOf(inputs), outputs: again.resultsOf(outputs) };
  } catch (error) {
    if (graph !== first.graph) native.release([graph]);
    throw error;
  }
}

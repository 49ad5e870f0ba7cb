/** The second run of a step: it must do what the first one did, and it builds the graph that XLA compiles. */
import { native, type Attribute, type NativeGraph, type Output } from '../native';
import type { Operation } from '../operation';
import { behindBarrier } from '../xla/barriers';
import { callOperation } from '../xla/custom-call';
import { indexChecks } from '../xla/index-checks';
import type { NewOperation, Trace } from './recording';
import type { Refusals } from './refusals';

/** Whether XLA compiles another graph than the runtime runs in graph mode. */
const hasXlaForm = ({ calls, barriers, checksIndices }: Trace) => calls.size > 0 || barriers.size > 0 || checksIndices;

/** A graph like that of the first trace, but with calls of OpenBLAS, optimization barriers, and checks of indices. */
function xlaForm(first: Trace) {
  const graph = native.createGraph();
  const ids: number[] = []; // For each output of the first trace's graph, the one that stands for it here.
  const checks = first.checksIndices ? indexChecks(graph, first.constants, ids) : undefined;
  return {
    graph,
    ids,
    add(operation: Operation, index: number, attributes: readonly Attribute[]): void {
      const call = first.calls.get(index);
      const replaced = call ? callOperation(call) : { type: operation.type, attributes };
      const inputs = (call ? [call.inputs] : operation.inputs).map(input =>
        typeof input === 'number' ? ids[input] : input.map(id => ids[id]),
      );
      const outputs = native.addOperation(graph, replaced.type, operation.name, inputs, replaced.attributes);
      const visible = first.barriers.has(index) ? behindBarrier(graph, operation.name, outputs) : outputs;
      ids.push(...visible.map(({ id }) => id));
      checks?.check(operation, index);
    },
    /** The ids of the results, and of the checks' result. */
    results: (outputs: readonly number[]) => [...outputs.map(id => ids[id]), ...(checks ? [checks.result()] : [])],
  };
}

export interface Replay {
  operations: Operation[];
  graph: NativeGraph;
  add(operation: NewOperation): readonly Output[];
  /** Refuses a step whose results are not those of the first trace. */
  compareResults(results: readonly number[]): void;
  inputsOf(ids: readonly number[]): number[];
  resultsOf(ids: readonly number[]): number[];
  refuseChange(origin?: Error): never;
}

/** Compares each operation with the one at the same index of the first trace, and takes a stack for each. */
export function replay(first: Trace, { refuse }: Refusals): Replay {
  const operations: Operation[] = [];
  const form = hasXlaForm(first) ? xlaForm(first) : undefined;
  const refuseChange = (origin?: Error): never =>
    refuse(
      'the step is not the same twice: its operations or constants change from call to call ' +
        '(Math.random, Date.now, tf.randomNormal, a counter); use draw.normal, draw.uniform or the state',
      origin,
    );
  return {
    operations,
    graph: form?.graph ?? first.graph,
    refuseChange,
    add({ text, attributes }) {
      const index = operations.length;
      const before = first.operations[index];
      if (before?.text !== text) return refuseChange();
      operations.push({ ...before, origin: new Error() });
      form?.add(before, index, attributes);
      return before.outputs;
    },
    compareResults(results) {
      const other = results.find((id, i) => id !== first.outputs[i]);
      if (other !== undefined)
        refuseChange(operations.find(({ outputs }) => outputs.some(({ id }) => id === other))!.origin);
    },
    inputsOf: ids => (form ? ids.map(id => form.ids[id]) : [...ids]),
    resultsOf: ids => (form ? form.results(ids) : [...ids]),
  };
}

/** The second run of a step: it must do what the first one did, and it builds the graph that XLA compiles. */
import { graphBuilder } from '../graph-builder';
import { addLoop } from '../inner-loop';
import { native, type Attribute, type NativeArray, type Output } from '../native';
import { graphForm } from '../onednn';
import type { GraphFunction, InnerLoop, Operation, Trace } from '../operation';
import { barrier } from '../xla/barriers';
import { callOperation } from '../xla/custom-call';
import { isExtreme, withoutNaN } from '../xla/extremes';
import { indexChecks } from '../xla/index-checks';
import { roundedBy } from '../xla/roundings';
import { sharedFunctions } from '../xla/shared-functions';
import type { TraceContext } from './first-trace';
import type { NewOperation, Writer } from './recording';

/** Whether XLA compiles another graph than the runtime runs in graph mode. */
const hasXlaForm = ({ calls, barriers, checksIndices, nested, operations }: Trace) =>
  calls.size > 0 ||
  barriers.size > 0 ||
  checksIndices ||
  nested.length > 0 ||
  operations.some(operation => operation.entry || isExtreme(operation) || graphForm(operation).type !== operation.type);

/** A graph like that of the first trace, but with calls of OpenBLAS, barriers, roundings, and checks of indices. */
function xlaForm(first: Trace, name: string) {
  const graph = native.createGraph();
  const ids: number[] = []; // For each output of the first trace's graph, the one that stands for it here.
  const outputOf: Output[] = []; // For each output of the first trace's graph, what it is.
  const functions: GraphFunction[] = [];
  const shared = sharedFunctions(graph);
  const checks = first.checksIndices ? indexChecks(graph, first.constants, ids) : undefined;
  const rounded = roundedBy(graph, first.operations, ids);
  const here = (of: readonly number[]) => of.map(id => ids[id]);

  function addedLoop({ name: node, inputs }: Operation, loop: InnerLoop, index: number, place: number) {
    const added = addLoop(graph, `${name}_${node}`, 'xla', loop, here(inputs.flat()), place);
    functions.push(...added.functions);
    if (added.report !== undefined) checks!.report(added.report);
    return first.roundings.has(index) ? added.outputs.map(rounded) : added.outputs;
  }
  function filled({ name, outputs: [{ shape, dtype }] }: Operation, entry: NativeArray): readonly Output[] {
    const b = graphBuilder(graph, (type, index) => `${name}_${type}_${index}`);
    const [id] = b.op('Fill', [b.constant(shape!, [shape!.length]), b.constant([...entry], [], dtype)]);
    return [{ id, dtype, shape }];
  }
  function added(operation: Operation, index: number, attributes: readonly Attribute[]): readonly Output[] {
    if (operation.entry) return filled(operation, operation.entry);
    const call = first.calls.get(index);
    const replaced = call ? callOperation(call) : { type: operation.type, attributes };
    const inputs = (call ? [call.inputs] : operation.inputs).map(input =>
      typeof input === 'number' ? ids[input] : here(input),
    );
    const read = operation.inputs.flat().map(id => outputOf[id]);
    if (isExtreme(operation)) inputs[0] = withoutNaN(graph, operation, read[0], inputs[0] as number);
    const made = shared.add({ ...replaced, name: operation.name, inputs }, read, operation.outputs);
    const outputs = first.roundings.has(index) && !call ? made.map(rounded) : made;
    return first.barriers.has(index)
      ? shared.add(barrier(operation.name, outputs), operation.outputs, operation.outputs)
      : outputs;
  }
  return {
    graph,
    functions: () => [...functions, ...shared.functions()],
    here,
    /** Adds operation `index` of the first trace, the one at `place` of all that were traced. */
    add(operation: Operation, index: number, given: NewOperation, place: number): void {
      const { loop, attributes } = given;
      const outputs = loop ? addedLoop(operation, loop, index, place) : added(operation, index, attributes);
      operation.outputs.forEach((output, i) => {
        ids[output.id] = outputs[i].id;
        outputOf[output.id] = output;
      });
      checks?.check(operation, place);
    },
    /** The ids of the results, and of the checks' result. */
    results: (outputs: readonly number[]) => [...here(outputs), ...(checks ? [checks.result()] : [])],
  };
}

/** Refuses a step whose operations or constants are not those of its first trace. */
export const refuseChange = ({ refusals }: TraceContext, origin?: Error): never =>
  refusals.refuse(
    'the step is not the same twice: its operations or constants change from call to call ' +
      '(Math.random, Date.now, tf.randomNormal, a counter); use draw.normal, draw.uniform or the state',
    origin,
  );

/** Compares each operation with the one at the same index of the first trace, and takes a stack for each. */
export function replay(first: Trace, context: TraceContext): Writer {
  const operations: Operation[] = [];
  const nested: Trace[] = [];
  const form = hasXlaForm(first) ? xlaForm(first, context.name) : undefined;
  if (form) context.graphs.push(form.graph);
  return {
    add(operation) {
      const index = operations.length;
      const before = first.operations[index];
      if (before?.text !== operation.text) return refuseChange(context);
      form?.add(before, index, operation, context.all.length);
      const added = { ...before, loop: operation.loop, origin: new Error() };
      operations.push(added);
      context.all.push(added);
      return before.outputs;
    },
    nested() {
      const at = nested.length++;
      const inner = replay(first.nested[at] ?? refuseChange(context), context);
      return { ...inner, finish: (...given) => (nested[at] = inner.finish(...given)) };
    },
    finish(inputs, outputs) {
      if (operations.length < first.operations.length) return refuseChange(context);
      const other = outputs.find((id, i) => id !== first.outputs[i]);
      if (other !== undefined)
        refuseChange(context, operations.find(({ outputs }) => outputs.some(({ id }) => id === other))!.origin);
      const here = form && { graph: form.graph, functions: form.functions() };
      return {
        ...first,
        ...here,
        operations,
        nested,
        inputs: form ? form.here(inputs) : [...inputs],
        outputs: form ? form.results(outputs) : [...outputs],
      };
    },
  };
}

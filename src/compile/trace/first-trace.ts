/** The first run of a step: it makes the graph that the runtime runs in graph mode, and lists the operations. */
import { createHash } from 'node:crypto';
import { addLoop } from '../inner-loop';
import { native, type NativeGraph, type Output } from '../native';
import { graphForm } from '../onednn';
import type { GraphFunction, Operation, Trace } from '../operation';
import { barriers } from '../xla/barriers';
import { usesIndices } from '../xla/index-checks';
import { libraryCalls } from '../xla/library-calls';
import { roundings } from '../xla/roundings';
import type { NewOperation, Writer } from './recording';
import type { Refusals } from './refusals';

/** What the functions of one trace share. */
export interface TraceContext {
  /** The name of the traced function; those of its loops begin with it. */
  name: string;
  refusals: Refusals;
  /** All operations so far, those of bodies of loops too. */
  all: Operation[];
  /** All graphs so far, which whoever began the trace releases. */
  graphs: NativeGraph[];
  /** Whether each operation gets a stack, which costs as much again as the rest. */
  takesStacks: boolean;
}

/** TensorFlow's reason without its text of the node, whose names are not the user's. */
const reasonOf = ({ message }: Error) => message.split('\n')[0].replace(/\.? for '\{\{node .*|; NodeDef: .*/, '');

export const digestOf = (content: unknown) => createHash('sha256').update(JSON.stringify(content)).digest('base64');

export function firstTrace(context: TraceContext): Writer {
  const { refuse } = context.refusals;
  const graph = native.createGraph();
  context.graphs.push(graph);
  const operations: Operation[] = [];
  const functions: GraphFunction[] = [];
  const nested: Trace[] = [];

  function addTo(operation: NewOperation, name: string): readonly Output[] {
    const { inputs, loop } = operation;
    if (!loop) {
      const { type, attributes } = graphForm(operation);
      return native.addOperation(graph, type, name, inputs, attributes);
    }
    const added = addLoop(graph, `${context.name}_${name}`, 'graph', loop, inputs.flat(), context.all.length);
    functions.push(...added.functions);
    return added.outputs;
  }
  return {
    add(operation) {
      const name = `${operation.type}_${context.all.length}`;
      try {
        const outputs = addTo(operation, name);
        const added = { ...operation, name, outputs, ...(context.takesStacks && { origin: new Error() }) };
        operations.push(added);
        context.all.push(added);
        return outputs;
      } catch (error) {
        const given = operation.shapes.map(shape => `[${shape}]`).join(', ');
        const of = given && ` of ${given}`;
        return refuse(`op ${operation.type}${of} is refused by TensorFlow: ${reasonOf(error as Error)}`);
      }
    },
    nested() {
      const inner = firstTrace(context);
      const at = nested.length++;
      return { ...inner, finish: (...given) => (nested[at] = inner.finish(...given)) };
    },
    finish(inputs, outputs, constants) {
      const calls = libraryCalls(operations, outputs, constants);
      return {
        graph,
        functions,
        inputs: [...inputs],
        outputs: [...outputs],
        operations,
        nested,
        calls,
        barriers: barriers(operations, calls),
        roundings: roundings(operations, outputs),
        constants,
        checksIndices: usesIndices(operations, constants),
        digest: digestOf([outputs, ...operations.map(({ text }) => text)]),
      };
    },
  };
}

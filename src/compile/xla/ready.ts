/** What must have happened before XLA is asked for anything, and which operations it can compile. */
import os from 'node:os';
import { processState } from '../../base/process-state';
import { graphFunction, mustCompile, newGraph } from '../graph-builder';
import { DT, native, sessionConfig } from '../native';

/** Compiles and runs the smallest program that XLA does not fold to a constant: x + 1. */
async function compileProbe(): Promise<void> {
  const scalar = { shape: [], dtype: DT.int32 };
  const f = graphFunction('probe', [], [scalar], (b, [x]) => b.op('AddV2', [x, b.constant([1], [])]));
  const { graph, argument, call } = newGraph([f]);
  const x = argument(scalar);
  const fetches = call('probe', [x], [scalar], mustCompile);
  const value = native.createTensor(Int32Array.of(0), [], DT.int32);
  const session = native.createSession(graph, sessionConfig(os.availableParallelism(), 'xla'));
  const outputs = await native.run(session, [x], [value], [], fetches, 1);
  native.release([...outputs, value, session, graph, f.handle]);
}

/**
 * Resolves when the runtime has compiled its first program. By that program TensorFlow's registry learns what XLA can
 * compile, and XLA learns for how many threads it cuts loops over entries in every later program.
 */
export const xlaReady = (): Promise<void> => processState('xla-ready', compileProbe);

/** What was asked so far. After a reload of the library it is asked again. */
const compilable = new Map<string, boolean>([['Placeholder', true]]);

/** Whether XLA can compile operations of this type. `xlaReady` must have resolved. */
export function canCompile(type: string): boolean {
  if (!compilable.has(type)) compilable.set(type, native.kernelsOf(type).includes('XLA_CPU_JIT'));
  return compilable.get(type)!;
}

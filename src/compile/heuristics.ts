/**
 * The rule behind mode 'auto' and the thread count.
 *
 * Mode: XLA, but graph when a step has an op that XLA cannot compile, or one of `slow` on matrices of at least so many rows:
 * XLA's own routines for these are loops of small operations, and no library is called for them (as it is for Cholesky).
 * The same rule decides on its own for what is recorded.
 * Threads: one for each 8 million multiplications and additions of a step (below that, handing work over costs more than it
 * saves), at most the machine's threads divided by the runs under way.
 */
import os from 'node:os';
import type { Body } from './trace/traced-function';
import { buildXlaProbe } from './loop';
import { DT, native, type NativeMode } from './native';
import { config } from './program';

const slow: Readonly<Record<string, number>> = {
  MatrixSolve: 8,
  MatrixInverse: 8,
  MatrixDeterminant: 8,
  LogMatrixDeterminant: 8,
  Svd: 8,
  Qr: 96,
};
const workPerThread = 8e6;

const compilable = new Map<string, boolean>([['Placeholder', true]]);

/** Whether XLA has the op. The compiler must have been `ready`. */
function inXla(type: string): boolean {
  if (!compilable.has(type)) compilable.set(type, native.kernelsOf(type).includes('XLA_CPU_JIT'));
  return compilable.get(type)!;
}

let probe: Promise<unknown> | undefined;

/**
 * Resolves when the runtime has compiled its first program: by it, its registry learns what XLA can compile, and XLA for how many
 * threads it cuts loops over entries in every later program, whatever that one's own threads.
 */
export function ready(): Promise<unknown> {
  return (probe ??= (async () => {
    const { graph, feeds, fetches } = buildXlaProbe();
    const x = native.createTensor(Int32Array.of(0), [], DT.int32);
    const session = native.createSession(graph, config(os.availableParallelism(), 'xla'));
    const outputs = await native.run(session, feeds, [x], [], fetches);
    native.release([...outputs, x, session, graph]);
  })());
}

/** The mode of a body. */
export const chooseMode = ({ operations, calls }: Body): NativeMode =>
  operations.every(
    ({ type, shapes: [shape] }, place) =>
      calls.has(place) || (inXla(type) && !(shape?.[shape.length - 2] >= slow[type])),
  )
    ? 'xla'
    : 'graph';

/** The threads of a program when `runs` runs are under way, itself included. */
export function chooseThreads({ work }: Body, runs: number): number {
  const share = Math.floor(os.availableParallelism() / runs);
  return Math.max(1, Math.min(share, Math.floor(work / workPerThread)));
}

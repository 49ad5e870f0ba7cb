/** How mode 'auto' and the number of threads are chosen. */
import os from 'node:os';
import type { NativeMode } from './native';
import type { Trace } from './operation';
import type { TracedFunction } from './trace/traced-function';
import { canCompile } from './xla/ready';

/** The rows of a matrix from which on an operation is slow under XLA, in which it is a loop of small operations. */
const slow: Readonly<Record<string, number>> = {
  MatrixSolve: 8,
  MatrixInverse: 8,
  MatrixDeterminant: 8,
  LogMatrixDeterminant: 8,
  Svd: 8,
  Qr: 96,
};
/** Multiplications and additions of a step for each of its threads; with less, handing work over costs more. */
const workPerThread = 8e6;

/**
 * The mode of a traced function: XLA, or graph when it has an operation that XLA cannot compile or is slow in.
 * `xlaReady` must have resolved. The mode of the recorded values is chosen on its own.
 */
export const chooseMode = ({ operations, calls }: Pick<Trace, 'operations' | 'calls'>): NativeMode =>
  operations.every(({ type, shapes: [shape], loop }, index) => {
    if (loop) return chooseMode(loop.body) === 'xla';
    return calls.has(index) || (canCompile(type) && !(shape?.[shape.length - 2] >= slow[type]));
  })
    ? 'xla'
    : 'graph';

/** The threads of a step, by its work: at most its share of the machine's, with `runs` runs under way. */
export function chooseThreads({ work }: TracedFunction, runs: number): number {
  const share = Math.floor(os.availableParallelism() / runs);
  return Math.max(1, Math.min(share, Math.floor(work / workPerThread)));
}

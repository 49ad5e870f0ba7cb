/** How mode 'auto' and the number of threads are chosen. */
import os from 'node:os';
import { DT, type NativeMode } from './native';
import type { Operation, Trace } from './operation';
import { workOf } from './trace/trace';
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
/** The work from which on a convolution is slow under XLA, where the addon does not compute it (xla/images.ts). */
const slowConvolutions: readonly (readonly [type: RegExp, work: number])[] = [
  [/^Depthwise/, 2e3],
  [/^Conv3D/, 1e4],
];
const slowInFloat64 = 6e4;
/**
 * Multiplications and additions for each thread; with less, handing work over costs more. In graph mode every operation
 * is handed over, so they count by the operation, else by the step.
 */
const workPerThread = { xla: 8e6, graph: 4e6 };

function isSlow(operation: Operation): boolean {
  const { type, shapes, attributes } = operation;
  if (shapes[0]?.[shapes[0].length - 2] >= slow[type]) return true;
  const isDouble = attributes.some(({ name, value }) => name === 'T' && value === DT.double);
  const [, least] = slowConvolutions.find(([kind]) => kind.test(type)) ?? [];
  return workOf(operation) >= (least ?? (type === 'Conv2D' && isDouble ? slowInFloat64 : Infinity));
}

/**
 * The mode of a traced function: XLA, or graph when it has an operation that XLA cannot compile or is slow in.
 * `xlaReady` must have resolved. The mode of the recorded values is chosen on its own.
 */
export const chooseMode = ({ operations, calls }: Pick<Trace, 'operations' | 'calls'>): NativeMode =>
  operations.every((operation, index) => {
    const { type, loop } = operation;
    if (loop) return chooseMode(loop.body) === 'xla';
    return calls.has(index) || (canCompile(type) && !isSlow(operation));
  })
    ? 'xla'
    : 'graph';

/** The threads of a step, by its work: at most its share of the machine's, with `runs` runs under way. */
export function chooseThreads(
  { work, operations }: Pick<TracedFunction, 'work' | 'operations'>,
  mode: NativeMode,
  runs: number,
): number {
  const share = Math.floor(os.availableParallelism() / runs);
  const handedOver = mode === 'graph' ? work / operations.length : work;
  return Math.max(1, Math.min(share, Math.floor(handedOver / workPerThread[mode])));
}

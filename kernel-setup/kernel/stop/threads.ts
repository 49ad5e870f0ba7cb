/** The threads that a cell has started, as Workers. */
import type { Worker } from 'node:worker_threads';
import { currentContext, latestCell } from './context';

/** A thread of the library's with this member serves all cells, whichever has started it. */
const keptKey = Symbol.for('widenet.kept');

/** From here on the threads of a cell end when it is stopped. Those of earlier cells stay, as their processes do. */
export function endThreads(): void {
  process.on('worker', (thread: Worker) => {
    const cell = currentContext()?.cell;
    if (!cell || keptKey in thread) return;
    const end = () => void (latestCell() === cell && thread.terminate());
    cell.signal.addEventListener('abort', end, { once: true });
    thread.once('exit', () => cell.signal.removeEventListener('abort', end));
  });
}

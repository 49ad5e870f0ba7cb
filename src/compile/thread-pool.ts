/** The machine's threads, shared by all runs of the process: given in the order asked for, never more than all. */
import os from 'node:os';
import { heeding } from '../base/interrupt';
import { processState } from '../base/process-state';

const threads = os.availableParallelism();

interface Pool {
  runs: number;
  free: number;
  waiting: { threads: number; go: () => void }[];
}
const pool = () => processState<Pool>('thread-pool', () => ({ runs: 0, free: threads, waiting: [] }));

/** How many runs are under way; at least 1. */
export const runsUnderWay = () => Math.max(1, pool().runs);

/** Counts `f`, which heeds the stop button, as a run for as long as it lasts. */
export async function asRun<T>(f: () => Promise<T>): Promise<T> {
  pool().runs++;
  try {
    return await heeding(f);
  } finally {
    pool().runs--;
  }
}

/** Lets those go who wait longest, as long as there are threads for them. */
function serve(pool: Pool): void {
  while (pool.waiting.length > 0 && pool.waiting[0].threads <= pool.free) {
    const { threads, go } = pool.waiting.shift()!;
    pool.free -= threads;
    go();
  }
}

/** Runs `f` as soon as so many threads are free. */
export async function withThreads<T>(wanted: number, f: () => Promise<T>): Promise<T> {
  const shared = pool();
  if (!(wanted >= 1)) throw new Error(`a run asks for ${wanted} threads`); // it would wait for ever
  const asked = Math.min(wanted, threads);
  await new Promise<void>(go => {
    shared.waiting.push({ threads: asked, go });
    serve(shared);
  });
  try {
    return await f();
  } finally {
    shared.free += asked;
    serve(shared);
  }
}

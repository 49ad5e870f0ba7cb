/** The machine's threads, shared by the runs of a process: given in the order asked for, never more than there are. */
import os from 'node:os';

const threads = os.availableParallelism();
const state = { runs: 0, free: threads };
const waiting: { threads: number; go: () => void }[] = [];

/** Runs under way now. */
export const runsUnderWay = () => Math.max(1, state.runs);

/** Counts `f` as a run as long as it lasts. */
export async function asRun<T>(f: () => Promise<T>): Promise<T> {
  state.runs++;
  try {
    return await f();
  } finally {
    state.runs--;
  }
}

function serve(): void {
  while (waiting.length > 0 && waiting[0].threads <= state.free) {
    const { threads, go } = waiting.shift()!;
    state.free -= threads;
    go();
  }
}

/** Runs `f` once so many threads are free. */
export async function withThreads<T>(wanted: number, f: () => Promise<T>): Promise<T> {
  const asked = Math.min(wanted, threads);
  await new Promise<void>(go => {
    waiting.push({ threads: asked, go });
    serve();
  });
  try {
    return await f();
  } finally {
    state.free += asked;
    serve();
  }
}

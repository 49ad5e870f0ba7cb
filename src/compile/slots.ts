/** Native threads shared by the programs of a process: as many as the machine has, given in the order asked for. */
import os from 'node:os';

const free = { threads: os.availableParallelism() };
const waiting: { threads: number; go: () => void }[] = [];

function serve(): void {
  while (waiting.length > 0 && waiting[0].threads <= free.threads) {
    const { threads, go } = waiting.shift()!;
    free.threads -= threads;
    go();
  }
}

/** Runs `f` once `threads` threads are free (never more than the machine has). */
export async function withThreads<T>(threads: number, f: () => Promise<T>): Promise<T> {
  const asked = Math.min(threads, os.availableParallelism());
  await new Promise<void>(go => {
    waiting.push({ threads: asked, go });
    serve();
  });
  try {
    return await f();
  } finally {
    free.threads += asked;
    serve();
  }
}

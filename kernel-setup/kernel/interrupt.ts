/** Stops a running cell from the socket thread: politely first, then by force, and says so when neither helps. */
import inspector from 'node:inspector';
import { at, phase, type ToMain } from './shared';

const roundMs = 500;
const noticeRounds = 4;
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** Ends the JavaScript that the main thread runs, wherever it is, except inside native code. */
function terminate(): Promise<void> {
  const main = new inspector.Session();
  main.connectToMainThread();
  return new Promise<void>(resolve => main.post('Runtime.terminateExecution', () => resolve())).finally(() =>
    main.disconnect(),
  );
}

/**
 * Nudges the main thread each half second: the first nudge aborts the cell's signal, the next ones give up waiting for
 * the cell. When a nudge is not seen, the main thread is busy with the cell, or with a callback that a cell left
 * behind. Then the code of cells is told to end, and after that any JavaScript is ended: by SIGINT before the cell's
 * first await, later through the inspector. Every 4 s `notice` is called, because native code must hold the thread.
 * Resolves when no cell runs and the main thread has seen the last nudge.
 */
export async function interrupt(
  shared: Int32Array,
  toMain: (message: ToMain) => void,
  notice: () => void,
): Promise<void> {
  const cell = Atomics.load(shared, at.cell);
  let seen = () => true;
  const ended = () => {
    const now = Atomics.load(shared, at.phase);
    return now === phase.starting || (now === phase.idle && seen()) || Atomics.load(shared, at.cell) !== cell;
  };
  const within = async (ms: number, done: () => boolean) => {
    for (const end = Date.now() + ms; !done() && Date.now() < end; ) await sleep(10);
    return done();
  };
  const nudge = (count: number) => {
    const number = Atomics.load(shared, at.seen) + 1;
    toMain({ nudge: number, count });
    seen = () => Atomics.load(shared, at.seen) >= number;
  };

  nudge(0);
  if (await within(roundMs, ended)) return;
  for (let count = 1; ; count++) {
    nudge(count);
    if ((await within(roundMs / 5, () => ended() || seen())) && (await within(roundMs / 5, ended))) return;
    if (!seen()) {
      Atomics.store(shared, at.stop, 1);
      if (await within(roundMs / 5, ended)) return;
    }
    if (!seen()) {
      const now = Atomics.load(shared, at.phase);
      if (now === phase.running) process.kill(process.pid, 'SIGINT');
      if (now === phase.awaiting || now === phase.idle) await Promise.race([terminate(), sleep(roundMs)]);
    }
    if (await within(roundMs, ended)) return;
    if (count % noticeRounds === 0) notice();
  }
}

/** Stops a running cell from the socket thread: politely first, then by force, and says so when neither helps. */
import inspector from 'node:inspector';
import { at, phase, type ToMain } from './shared';

const roundMs = 500;
const noticeRounds = 8;
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** Ends the JavaScript that the main thread runs, wherever it is, except inside native code. */
function terminate(): Promise<void> {
  const main = new inspector.Session();
  main.connectToMainThread();
  return new Promise<void>(resolve => main.post('Runtime.terminateExecution', () => resolve())).finally(() => main.disconnect());
}

/**
 * Each half second the main thread is nudged: the first nudge aborts the cell's signal, the next give up waiting for the cell.
 * When no nudge is seen the cell computes, so its JavaScript is ended: by SIGINT before its first await, later through the inspector.
 * After 4 s, and every 4 s again, `notice` is called, since then native code holds the thread. Resolves when the cell has ended.
 */
export async function interrupt(shared: Int32Array, toMain: (message: ToMain) => void, notice: () => void): Promise<void> {
  const cell = Atomics.load(shared, at.cell);
  const ended = () => Atomics.load(shared, at.phase) === phase.idle || Atomics.load(shared, at.cell) !== cell;
  const within = async (ms: number, done: () => boolean) => {
    for (const end = Date.now() + ms; !done() && Date.now() < end;) await sleep(10);
    return done();
  };
  for (let count = 0; ; count++) {
    const nudge = Atomics.load(shared, at.seen) + 1;
    toMain({ nudge, count });
    const seen = () => Atomics.load(shared, at.seen) >= nudge;
    if (await within(count === 0 ? roundMs : roundMs / 3, () => ended() || (count > 0 && seen())) && ended()) return;
    if (!seen()) {
      const now = Atomics.load(shared, at.phase);
      if (now === phase.running) process.kill(process.pid, 'SIGINT');
      if (now === phase.awaiting) await Promise.race([terminate(), sleep(roundMs)]);
    }
    if (count > 0 && await within(roundMs, ended)) return;
    if (count > 0 && count % noticeRounds === 0) notice();
  }
}

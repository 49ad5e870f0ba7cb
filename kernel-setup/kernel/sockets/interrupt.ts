/** Stops a running cell from the socket thread: politely first, then by force, and says so when neither helps. */
import inspector from 'node:inspector';
import { at, clock, lastRound, phase, roundMs, setBusy, type ToMain } from '../protocol/shared';
import { signalAll, startedWithin, stillRunning } from './children';

const noticeRounds = 4;
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

let terminating: Promise<void> | undefined;

/** Ends the JavaScript that the main thread runs, wherever it is, except inside native code. */
function terminate(): Promise<void> {
  // One at a time: what native code keeps waiting would otherwise end what runs after it.
  terminating ??= new Promise<void>(resolve => {
    const main = new inspector.Session();
    main.connectToMainThread();
    main.post('Runtime.evaluate', { expression: '__stop__.endHere()' }, () => {
      main.disconnect();
      terminating = undefined;
      resolve();
    });
  });
  return terminating;
}

/** The processes that the cell has started are asked to end, and half a second later made to. */
function endChildren(shared: Int32Array): void {
  const asked = startedWithin((clock() - Atomics.load(shared, at.began)) | 0);
  const then = Date.now();
  signalAll(asked, 'SIGINT');
  if (asked.length > 0)
    setTimeout(() => signalAll(stillRunning(asked, Date.now() - then), 'SIGKILL'), (roundMs * 4) / 5);
}

/** What a round asks of the main thread, and how it learns what came of it. */
interface Round {
  ended(): boolean;
  seen(): boolean;
  within(ms: number, done: () => boolean): Promise<boolean>;
}

/** The main thread computes: its stop points end that, and in the next round the engine does, wherever it is. */
async function endBusy(shared: Int32Array, count: number, { ended, seen, within }: Round): Promise<void> {
  setBusy(shared, Math.max(1, count));
  if (await within(roundMs / 5, () => ended() || seen())) return;
  const now = Atomics.load(shared, at.phase);
  const isCleaning = Atomics.load(shared, at.stop + 2) > 0;
  if (count === 0 || now === phase.preparing || (isCleaning && count < lastRound)) return;
  await Promise.race([terminate(), sleep(roundMs)]);
}

/**
 * Nudges the main thread each half second: the first nudge aborts the cell's signal, the next ones give up waiting for
 * the cell. When a nudge is not seen, the main thread is busy with the cell, or with a callback that a cell left
 * behind. Then the code of cells is told to end, and after that any JavaScript is ended through the inspector. Child
 * processes of the cell end too. Every 2 s `notice` is called, because native code must hold the thread. Resolves when
 * no cell runs and the main thread has seen the last nudge.
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
  const round: Round = { ended, seen: () => seen(), within };

  for (let count = 0; ; count++) {
    const number = Atomics.load(shared, at.seen) + 1;
    toMain({ nudge: number, count, cell });
    seen = () => Atomics.load(shared, at.seen) >= number;
    const end = Date.now() + roundMs;
    await within(roundMs / 5, () => ended() || seen());
    if (count === 0) {
      if (!seen()) setBusy(shared, 1);
      endChildren(shared);
    }
    if (!ended() && !seen()) await endBusy(shared, count, round);
    if (await within(end - Date.now(), ended)) return;
    if (count > 0 && count % noticeRounds === 0 && !seen()) notice();
  }
}

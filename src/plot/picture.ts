/** The picture of a figure, for frontends that draw none: the browser of this machine makes it while the cell waits. */
import path from 'node:path';
import { MessageChannel, receiveMessageOnPort, type MessagePort, Worker } from 'node:worker_threads';
import { processState } from '../base/process-state';
import { notice, repository } from '../notebook/runner';

interface Painter {
  readonly port: MessagePort;
  /** The number of the request that was answered last. */
  readonly answered: Int32Array;
  asked: number;
  /** The problems that the reader was told. */
  readonly told: Set<string>;
  /** Why it is not asked any more. */
  givenUp?: string;
}

/** What the thread answers: a PNG in base64, a problem, or nothing where this machine has no browser. */
type Answer = { png?: string; problem?: string };

const longest = 60_000;

/** A PNG in base64; undefined where there is no browser, and where it fails, which the reader is told. */
export function pictureOf(figure: object): string | undefined {
  const painter = processState<Painter>('painter', start);
  const { png, problem } = ask(painter, { figure });
  if (problem && !painter.told.has(problem)) {
    painter.told.add(problem);
    notice(`a figure has no picture, so that it shows only where scripts run: ${problem}`);
  }
  return png;
}

function start(): Painter {
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const { port1: port, port2 } = new MessageChannel();
  const thread = new Worker(path.join(repository, 'kernel-setup', 'run', 'painter.mjs'), {
    workerData: { port: port2, answered },
    transferList: [port2],
    execArgv: [],
  });
  // The stop button does not end it.
  Object.assign(thread, { [Symbol.for('widenet.kept')]: true });
  thread.unref();
  port.unref();
  const painter: Painter = { port, answered, asked: 0, told: new Set() };
  process.once('exit', () => ask(painter, { end: true }));
  return painter;
}

/** Sends a request to the thread, and waits for its answer. Those of requests that were not waited for are dropped. */
function ask(painter: Painter, request: { figure: object } | { end: true }): Answer {
  const { port, answered, givenUp } = painter;
  if (givenUp) return { problem: givenUp };
  const number = ++painter.asked;
  port.postMessage({ number, ...request });
  const end = Date.now() + longest;
  for (let last = Atomics.load(answered, 0); last !== number; last = Atomics.load(answered, 0))
    if (Atomics.wait(answered, 0, last, Math.max(0, end - Date.now())) === 'timed-out')
      return { problem: (painter.givenUp = `the browser has not drawn a figure within ${longest / 1000} s`) };
  for (;;) {
    const { message } = receiveMessageOnPort(port)!;
    if (message.number === number) return message;
  }
}

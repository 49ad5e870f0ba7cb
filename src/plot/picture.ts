/** The picture of a figure, for frontends that draw none: the browser of this machine makes it while the cell waits. */
import path from 'node:path';
import { MessageChannel, receiveMessageOnPort, type MessagePort, Worker } from 'node:worker_threads';
import { processState } from '../base/process-state';
import { notice, repository } from '../notebook/runner';

interface Painter {
  readonly port: MessagePort;
  /** 1 once the thread has answered. */
  readonly answered: Int32Array;
  /** The problems that the reader was told. */
  readonly told: Set<string>;
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
  thread.unref();
  port.unref();
  const painter = { port, answered, told: new Set<string>() };
  process.once('exit', () => ask(painter, { end: true }));
  return painter;
}

/** Sends a request to the thread, and waits for its answer. */
function ask({ port, answered }: Painter, request: { figure: object } | { end: true }): Answer {
  while (receiveMessageOnPort(port));
  Atomics.store(answered, 0, 0);
  port.postMessage(request);
  const waited = Atomics.wait(answered, 0, 0, longest);
  if (waited === 'timed-out') return { problem: `the browser has not drawn a figure within ${longest / 1000} s` };
  return receiveMessageOnPort(port)!.message;
}

/** Pictures of figures, which the browser of this machine makes while the cell waits. */
import path from 'node:path';
import { MessageChannel, receiveMessageOnPort, type MessagePort, Worker } from 'node:worker_threads';
import { fail } from '../base/check';
import { processState } from '../base/process-state';
import { notice, repository } from '../notebook/runner';

interface Painter {
  readonly thread: Worker;
  readonly port: MessagePort;
  /** How many requests were answered. */
  readonly answers: Int32Array;
  asked: number;
  /** The problems that the reader was told. */
  readonly told: Set<string>;
  /** Why it is not asked any more. */
  givenUp?: string;
}

export type Format = 'png' | 'svg' | 'pdf';

interface Order {
  readonly figure: object;
  readonly format: Format;
  /** Pixels. */
  readonly width?: number;
}

/** What the thread answers: a text, or base64 of a PNG or PDF; a problem; or that this machine has no browser. */
type Answer = { [format in Format]?: string } & { problem?: string; missing?: string };

const longest = 120_000;

/** A PNG in base64; undefined where there is no browser, and where it fails, which the reader is told. */
export function pictureOf(figure: object): string | undefined {
  const painter = processState<Painter>('painter', start);
  const { png, problem } = ask(painter, { figure, format: 'png' });
  if (problem && !painter.told.has(problem)) {
    painter.told.add(problem);
    notice(`a figure has no picture, so that it shows only where scripts run: ${problem}`);
  }
  return png;
}

const byHand = 'Without one, the camera above a figure saves it as SVG.';

/** The bytes of a picture. Refuses what cannot be drawn. */
export function drawnAs(where: string, order: Order): Buffer {
  const { problem, missing, ...made } = ask(processState<Painter>('painter', start), order);
  const picture = made[order.format];
  if (picture === undefined)
    fail(where, problem ?? (missing && `${missing} ${byHand}`) ?? 'the browser gave no picture');
  return Buffer.from(picture, order.format === 'svg' ? 'utf8' : 'base64');
}

function start(): Painter {
  const answers = new Int32Array(new SharedArrayBuffer(4));
  const { port1: port, port2 } = new MessageChannel();
  const thread = new Worker(path.join(repository, 'kernel-setup', 'run', 'painter.mjs'), {
    workerData: { port: port2, answers },
    transferList: [port2],
    execArgv: [],
  });
  // The stop button does not end it.
  Object.assign(thread, { [Symbol.for('widenet.kept')]: true });
  const painter: Painter = { thread, port, answers, asked: 0, told: new Set() };
  thread.on('error', error => {
    painter.givenUp = error.message;
  });
  thread.unref();
  port.unref();
  return painter;
}

/** Sends a figure to the thread, and waits for its picture. Those that were not waited for are dropped. */
function ask(painter: Painter, order: Order): Answer {
  if (painter.givenUp !== undefined) return { problem: painter.givenUp };
  const { thread, port, answers } = painter;
  const number = ++painter.asked;
  port.postMessage({ number, ...order });
  const end = Date.now() + longest;
  for (;;) {
    const count = Atomics.load(answers, 0);
    for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port))
      if (got.message.number === number) return got.message;
    if (Atomics.wait(answers, 0, count, Math.max(0, end - Date.now())) === 'timed-out') break;
  }
  painter.givenUp =
    `the browser has not drawn it within ${longest / 1000} s; ` +
    'no other is drawn until the kernel is restarted. WIDENET_CHROMIUM names another browser';
  void thread.terminate();
  return { problem: painter.givenUp };
}

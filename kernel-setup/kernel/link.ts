/** The main thread's end of the sockets. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { leave, mark } from './stdio/descriptors';
import { createInput } from './input';
import { reasonOf } from './installation';
import { die, logEnd } from './log';
import {
  at,
  clock,
  phase,
  setBusy,
  unsentLimit,
  type Outgoing,
  type Ran,
  type SocketThreadData,
  type ToMain,
  type ToSockets,
} from './protocol/shared';
import type { Connection, Request } from './protocol/wire';

export interface Handlers {
  request(request: Request): void;
  /** The stop button was pressed, `count` half seconds ago. */
  interrupted(count: number): void;
}

export type Link = ReturnType<typeof createLink>;

/** What is to happen at the end of the process happens; the destructors of native code that computes still do not. */
function endProcess(code: number): void {
  try {
    process.emit('exit', code);
  } finally {
    leave(code);
  }
}

/** Nothing is being stopped yet of a cell that begins. */
function beginCell(shared: Int32Array): void {
  setBusy(shared, 0);
  Atomics.store(shared, at.stop + 2, 0);
  Atomics.store(shared, at.began, clock());
  Atomics.add(shared, at.cell, 1);
}

/** Starts the socket thread. */
export function createLink(connection: Connection, kernelInfo: object, handlers: Handlers) {
  const shared = new Int32Array(new SharedArrayBuffer(64));
  Atomics.store(shared, at.phase, phase.starting);
  const input = createInput(shared, send);
  const workerData: SocketThreadData = {
    connection,
    shared: shared.buffer as SharedArrayBuffer,
    input: input.port,
    kernelInfo,
  };
  const thread = new Worker(`require(${JSON.stringify(path.join(__dirname, 'sockets', 'sockets.ts'))})`, {
    eval: true,
    workerData,
    transferList: [input.port],
  });

  thread.on('error', error => die('the thread of its sockets failed', reasonOf(error)));
  thread.on('message', (message: ToMain) => {
    if ('request' in message) handlers.request(message.request);
    else if ('exit' in message) endProcess(message.exit);
    else {
      Atomics.store(shared, at.seen, message.nudge);
      // What was sent while a callback kept this thread busy was not meant by who pressed the button before.
      if (message.cell === Atomics.load(shared, at.cell)) handlers.interrupted(message.count);
    }
  });

  /** Hands a message to the socket thread; waits while more than 32 MB of output have not left. */
  function send(outgoing: Outgoing): void {
    Atomics.add(shared, at.unsent, outgoing.content.length);
    thread.postMessage(outgoing.socket === 'iopub' ? { ...outgoing, mark: mark() } : outgoing);
    for (let unsent: number; (unsent = Atomics.load(shared, at.unsent)) > unsentLimit; )
      Atomics.wait(shared, at.unsent, unsent);
  }

  return {
    send,
    /** Ends the process with exit code 1, after this last word. The sockets close first: ZeroMQ aborts when cut off. */
    end(what: string, thrown: unknown): void {
      logEnd(what, thrown);
      thread.postMessage({ end: true } satisfies ToSockets);
    },
    stop: shared.subarray(at.stop, at.stop + 3),
    /** This cell is about to run; what it prints carries the number. */
    enter({ request, silent }: { request: Request; silent: boolean }, number: number): void {
      thread.postMessage({ cell: request.header, number, silent, mark: mark() } satisfies ToSockets);
    },
    setPhase(name: keyof typeof phase): void {
      Atomics.store(shared, at.phase, phase[name]);
    },
    nextCell(): void {
      beginCell(shared);
    },
    /** Whether a cell runs. */
    isRunning: () =>
      Atomics.load(shared, at.phase) === phase.running || Atomics.load(shared, at.phase) === phase.awaiting,
    /** Tells the history what a cell is or gave. */
    remember: (ran: Ran) => thread.postMessage({ ran } satisfies ToSockets),
    /** Every request is answered from now on. */
    ready: () => thread.postMessage({ ready: true } satisfies ToSockets),
    ask: input.ask,
    askLater: input.askLater,
    withdraw: input.withdraw,
  };
}

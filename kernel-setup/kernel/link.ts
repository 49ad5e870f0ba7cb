/** The main thread's end of the sockets. */
import path from 'node:path';
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';
import type { Ran } from './history';
import { die, logEnd } from './log';
import {
  answer,
  at,
  phase,
  unsentLimit,
  type Outgoing,
  type SocketThreadData,
  type ToMain,
  type ToSockets,
} from './shared';
import type { Connection, Request } from './wire';

export interface Handlers {
  request(request: Request): void;
  /** The stop button was pressed, `count` half seconds ago. */
  interrupted(count: number): void;
}

/** The content of input_request. */
interface Question {
  prompt: string;
  password: boolean;
}

export type Link = ReturnType<typeof createLink>;

const { exit } = process;

/** Starts the socket thread. */
export function createLink(connection: Connection, kernelInfo: object, handlers: Handlers) {
  const shared = new Int32Array(new SharedArrayBuffer(64));
  Atomics.store(shared, at.phase, phase.starting);
  const { port1: input, port2: inputInThread } = new MessageChannel();
  const workerData: SocketThreadData = {
    connection,
    shared: shared.buffer as SharedArrayBuffer,
    input: inputInThread,
    kernelInfo,
  };
  const thread = new Worker(`require(${JSON.stringify(path.join(__dirname, 'sockets.ts'))})`, {
    eval: true,
    workerData,
    transferList: [inputInThread],
  });

  thread.on('error', error => die('the thread of its sockets failed', error));
  thread.on('message', (message: ToMain) => {
    if ('request' in message) handlers.request(message.request);
    else if ('exit' in message) exit.call(process, message.exit);
    else {
      Atomics.store(shared, at.seen, message.nudge);
      handlers.interrupted(message.count);
    }
  });

  /** Hands a message to the socket thread; waits while more than 32 MB of output have not left. */
  function send(outgoing: Outgoing): void {
    Atomics.add(shared, at.unsent, outgoing.content.length);
    thread.postMessage(outgoing);
    for (let unsent: number; (unsent = Atomics.load(shared, at.unsent)) > unsentLimit; )
      Atomics.wait(shared, at.unsent, unsent);
  }

  let asked = '';
  let useLine = (_: string): void => {};
  const lineOf = ({ content, fault }: Request): string => {
    if (fault) throw new Error(`${asked}: ${fault}`);
    return content.value;
  };
  input.on('message', (reply: Request) => useLine(lineOf(reply)));

  function askFor(request: Request, what: string, question: Question): void {
    if (Atomics.load(shared, at.answer) === answer.pending)
      throw new Error(`${what}: the notebook already waits for what ${asked} asks`);
    asked = what;
    while (receiveMessageOnPort(input));
    Atomics.store(shared, at.answer, answer.pending);
    const { header: parent, identities } = request;
    send({ socket: 'stdin', type: 'input_request', parent, identities, content: JSON.stringify(question) });
  }

  return {
    send,
    /** Ends the process with exit code 1, after this last word. The sockets close first: ZeroMQ aborts when cut off. */
    end(what: string, thrown: unknown): void {
      logEnd(what, thrown);
      thread.postMessage({ end: true } satisfies ToSockets);
    },
    stop: shared.subarray(at.stop, at.stop + 1),
    setPhase(name: keyof typeof phase): void {
      Atomics.store(shared, at.phase, phase[name]);
    },
    nextCell(): void {
      Atomics.store(shared, at.stop, 0);
      Atomics.add(shared, at.cell, 1);
    },
    /** Whether a cell runs. */
    isRunning: () => Atomics.load(shared, at.phase) === phase.running || Atomics.load(shared, at.phase) === phase.awaiting,
    /** Tells the history what a cell is or gave. */
    remember: (ran: Ran) => thread.postMessage({ ran } satisfies ToSockets),
    /** Every request is answered from now on. */
    ready: () => thread.postMessage({ ready: true } satisfies ToSockets),
    /** Asks the frontend for a line and waits for it; undefined when interrupted. */
    ask(request: Request, what: string, question: Question): string | undefined {
      askFor(request, what, question);
      Atomics.wait(shared, at.answer, answer.pending);
      return Atomics.load(shared, at.answer) === answer.given ? lineOf(receiveMessageOnPort(input)!.message) : undefined;
    },
    /** The same without waiting; nothing comes when interrupted. */
    askLater(request: Request, what: string, use: (line: string) => void): void {
      askFor(request, what, { prompt: '', password: false });
      useLine = use;
    },
  };
}

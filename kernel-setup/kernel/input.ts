/** The main thread's questions to the reader of the notebook, which go out on stdin. */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { answer, at, type Outgoing } from './protocol/shared';
import type { Request } from './protocol/wire';

/** The content of input_request. */
interface Question {
  prompt: string;
  password: boolean;
}

/** `port` is for the socket thread, which puts each input_reply into it. */
export function createInput(shared: Int32Array, send: (outgoing: Outgoing) => void) {
  const { port1: replies, port2: port } = new MessageChannel();
  let asked = '';
  let useLine = (_: string): void => {};

  const lineOf = ({ content, fault }: Request): string => {
    if (fault) throw new Error(`${asked}: ${fault}`);
    return content.value;
  };
  replies.on('message', (reply: Request) => useLine(lineOf(reply)));

  function put(request: Request, what: string, question: Question, state: number): void {
    if (Atomics.load(shared, at.answer) === answer.pendingLater)
      throw new Error(`${what}: the notebook already waits for what ${asked} asks`);
    asked = what;
    while (receiveMessageOnPort(replies));
    Atomics.store(shared, at.answer, state);
    const { header: parent, identities } = request;
    send({ socket: 'stdin', type: 'input_request', parent, identities, content: JSON.stringify(question) });
  }

  return {
    port,
    /** Asks for a line and waits for it; undefined when interrupted. `what` asks. */
    ask(request: Request, what: string, question: Question): string | undefined {
      put(request, what, question, answer.pending);
      Atomics.wait(shared, at.answer, answer.pending);
      const isGiven = Atomics.load(shared, at.answer) === answer.given;
      return isGiven ? lineOf(receiveMessageOnPort(replies)!.message) : undefined;
    },
    /** The same without waiting; nothing comes when interrupted. */
    askLater(request: Request, what: string, use: (line: string) => void): void {
      useLine = use;
      put(request, what, { prompt: '', password: false }, answer.pendingLater);
    },
    /** What comes now is no answer any more. */
    withdraw: () => void Atomics.compareExchange(shared, at.answer, answer.pendingLater, answer.unasked),
  };
}

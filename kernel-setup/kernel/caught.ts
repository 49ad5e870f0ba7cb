/** The socket thread's part in what is written to descriptors 1 and 2: it becomes output of the running cell. */
import { writeSync } from 'node:fs';
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { collect, createDecoders, listen, original } from './descriptors';
import type { Entered, Outgoing, StreamName, ToSockets } from './shared';

/** `receive` takes what the main thread has posted, `post` sends a message. */
export function createCaught(
  port: MessagePort,
  receive: (message: ToSockets) => void,
  post: (message: Outgoing) => void,
) {
  const decoders = createDecoders();
  let running: Entered | undefined;

  function put(texts: Iterable<{ stream: StreamName; text: string }>): void {
    for (const { stream, text: content } of texts) {
      if (!content) continue;
      if (!running) writeSync(original(stream), content);
      else if (!running.silent) post({ socket: 'iopub', type: 'stream', stream, parent: running.cell, content });
    }
  }

  /** Sends what was written, each text behind what the main thread had posted before it was written. */
  function collectAll(): void {
    const mark = collect();
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) receive(next.message);
    put(decoders.before(mark));
  }

  return {
    start: () => listen(collectAll),
    collect: collectAll,
    before: (mark: number) => put(decoders.before(mark)),
    enter(cell: Entered): void {
      put(decoders.before(cell.mark));
      put(decoders.rest());
      running = cell;
    },
  };
}

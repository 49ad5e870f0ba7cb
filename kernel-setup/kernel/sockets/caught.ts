/** The socket thread's part in what is printed: texts become the output of a cell. */
import { writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { collect, listen, original, ready, streamNames, takeBefore } from '../stdio/descriptors';
import type { Entered, Outgoing, StreamName, ToSockets } from '../protocol/shared';

/** Milliseconds between two looks: a loop that prints would wake this thread at each line. */
const pause = 2;

/** `receive` takes what the main thread has posted, `post` sends a message. */
export function createCaught(
  port: MessagePort,
  receive: (message: ToSockets) => void,
  post: (message: Outgoing) => void,
) {
  // Of what is written to a descriptor, a character may come in two parts.
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  const cells: Entered[] = [];

  function put(stream: StreamName, content: string, cell?: Entered): void {
    if (!content) return;
    if (!cell) writeSync(original(stream), content);
    else if (!cell.silent) post({ socket: 'iopub', type: 'stream', stream, parent: cell.cell, content });
  }

  function sendBefore(mark: number): void {
    for (const { cell, stream, bytes } of takeBefore(mark)) {
      if (cell) put(stream, bytes.toString(), cells[cell - 1]);
      else put(stream, decoders[stream].write(bytes), cells.at(-1));
    }
  }

  /** Sends what was printed, each text behind what the main thread had posted before. */
  function collectAll(): void {
    const mark = collect();
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) receive(next.message);
    sendBefore(mark);
  }

  return {
    start: () =>
      listen(() => {
        collectAll();
        setTimeout(ready, pause);
      }),
    collect: collectAll,
    before: sendBefore,
    enter(cell: Entered): void {
      sendBefore(cell.mark);
      for (const stream of streamNames) put(stream, decoders[stream].end(), cells.at(-1));
      cells.push(cell);
    },
  };
}

/**
 * Sends messages one after another in the order in which they were given. Texts of one stream that follow each other
 * are sent as one message.
 */
import type { Outgoing } from '../protocol/shared';

const gatherMs = 40;
const gatherLength = 1 << 18;

/** `send` puts one message on its socket. */
export function createOutbox(send: (message: Outgoing) => Promise<void>) {
  const queue: Outgoing[] = [];
  let pumping: Promise<void> | undefined;
  let text: { message: Outgoing; parts: string[]; length: number; timer: NodeJS.Timeout } | undefined;

  function flush(): void {
    if (!text) return;
    const { message, parts, timer } = text;
    clearTimeout(timer);
    text = undefined;
    queue.push({ ...message, content: JSON.stringify({ name: message.stream, text: parts.join('') }) });
    pumping ??= pump();
  }

  async function pump(): Promise<void> {
    for (let message = queue.shift(); message; message = queue.shift()) await send(message);
    pumping = undefined;
  }

  function gather(message: Outgoing): void {
    if (text && (text.message.stream !== message.stream || text.message.parent?.msg_id !== message.parent?.msg_id))
      flush();
    text ??= { message, parts: [], length: 0, timer: setTimeout(flush, gatherMs) };
    text.parts.push(message.content);
    text.length += message.content.length;
    if (text.length > gatherLength) flush();
  }

  return {
    post(message: Outgoing): void {
      if (message.stream) gather(message);
      else {
        flush();
        queue.push(message);
        pumping ??= pump();
      }
    },
    /** Resolves when all has left. */
    async empty(): Promise<void> {
      flush();
      while (pumping) await pumping;
    },
  };
}

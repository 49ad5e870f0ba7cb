/** What cells put out: texts, displays, errors. */
import { currentCell, type Cell } from './context';
import type { Link } from './link';
import { isStop } from './stop/eras';
import type { Failure } from './traceback';

export type Publish = (type: string, content: object, cell?: Pick<Cell, 'request' | 'silent'>) => void;

/** JSON of a message: bytes become base64, other typed arrays lists, big integers decimal texts. */
export function toJson(content: object): string {
  return JSON.stringify(content, function (this: any, key, value) {
    const raw = this[key];
    if (raw instanceof Uint8Array) return Buffer.from(raw).toString('base64');
    if (ArrayBuffer.isView(raw) && !(raw instanceof DataView)) return Array.from(raw as unknown as ArrayLike<number>);
    return typeof value === 'bigint' ? String(value) : value;
  });
}

/** From here on stdout, stderr, tslab's displays and failures outside any cell's flow reach the notebook. */
export function installOutput(
  link: Link,
  tslab: { lastWriteDisplayData: unknown },
  failureOf: (thrown: unknown) => Failure,
): Publish {
  const publish: Publish = (type, content, cell = currentCell()) => {
    if (!cell?.silent) link.send({ socket: 'iopub', type, parent: cell?.request.header, content: toJson(content) });
  };

  for (const stream of ['stdout', 'stderr'] as const) {
    const decoder = new TextDecoder();
    process[stream].write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      const cell = currentCell();
      const content = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
      if (!cell?.silent && content)
        link.send({ socket: 'iopub', type: 'stream', stream, parent: cell?.request.header, content });
      const written = rest.find(argument => typeof argument === 'function') as (() => void) | undefined;
      if (written) process.nextTick(written);
      return true;
    };
  }
  console.clear = () => publish('clear_output', { wait: false });

  tslab.lastWriteDisplayData = (content: object, update: boolean) =>
    publish(update ? 'update_display_data' : 'display_data', content);

  const report = (title: string) => (thrown: unknown) => {
    if (isStop(thrown)) return;
    const [first, ...rest] = failureOf(thrown).traceback;
    process.stderr.write(`${[`${title}: ${first}`, ...rest].join('\n')}\n`);
  };
  process.on('unhandledRejection', report('Unhandled rejection'));
  process.on('uncaughtException', report('Error in a callback'));
  return publish;
}

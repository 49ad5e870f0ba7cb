/** What cells put out: texts, displays, errors. */
import { writeSync } from 'node:fs';
import { currentCell, type Cell } from './stop/context';
import { descriptorOf, original, print } from './stdio/descriptors';
import type { Link } from './link';
import { isStop } from './stop/eras';
import { printTo } from './stdio/streams';
import type { Failure } from './errors/traceback';

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
  const numbers = new WeakMap<Cell, number>();
  let entered = 0;
  function enter(cell: Cell): void {
    numbers.set(cell, ++entered);
    link.enter(cell, entered);
  }

  const publish: Publish = (type, content, cell = currentCell()) => {
    if (type === 'execute_input') enter(cell as Cell);
    if (!cell?.silent) link.send({ socket: 'iopub', type, parent: cell?.request.header, content: toJson(content) });
  };

  printTo((stream, content) => {
    const cell = currentCell();
    if (!cell) writeSync(original(stream), content);
    else if (!cell.silent) print(numbers.get(cell)!, descriptorOf(stream), content);
  });
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

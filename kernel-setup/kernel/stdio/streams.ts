/** `process.stdout` and `process.stderr` of the notebook. */
import { Console } from 'node:console';
import { writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { descriptorOf, original, streamNames } from './descriptors';
import type { StreamName } from '../protocol/shared';

type Write = (stream: StreamName, text: string) => void;

/** Where texts go; until the kernel can run cells, where the process was told to print. */
let write: Write = (stream, text) => void writeSync(original(stream), text);

export function printTo(notebook: Write): void {
  write = notebook;
}

type Done = (error?: Error | null) => void;

/**
 * Writes at once, on the calling thread, so that nothing is lost when the cell then computes. It has no `isTTY`, no
 * `columns` and no cursor, as a pipe, but it has colours. It is never closed: what would close it ends its own cell's
 * output only, and later cells print.
 */
class NotebookStream extends Writable {
  readonly fd: number;
  #decoder = new StringDecoder('utf8');

  constructor(readonly name: StreamName) {
    super({ decodeStrings: false, emitClose: false, autoDestroy: false });
    this.fd = descriptorOf(name);
  }

  override _write(chunk: string | Buffer, encoding: BufferEncoding, done: Done): void {
    const isText = typeof chunk === 'string' && /^utf-?8$/i.test(encoding);
    const text = isText
      ? this.#decoder.end() + chunk
      : this.#decoder.write(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
    if (text) write(this.name, text);
    done();
  }

  override end(...[chunk, encoding, ended]: any[]): this {
    const last = [chunk, encoding, ended].find(argument => typeof argument === 'function');
    if (chunk !== undefined && chunk !== null && chunk !== last)
      this.write(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
    process.nextTick(() => {
      last?.();
      this.emit('finish');
    });
    return this;
  }

  override destroy(): this {
    return this;
  }

  /** 24 bits, which notebooks show. */
  getColorDepth(): number {
    return 24;
  }

  hasColors(count: unknown): boolean {
    return (typeof count === 'number' ? count : 16) <= 2 ** this.getColorDepth();
  }
}

/**
 * Libraries that colour text ask, when they load, whether it goes to a terminal; by this they learn that colours are
 * seen here. What Node itself prints has no colours, which a saved notebook, compared with another, is better without;
 * and no variable is set, because child processes would colour what cells read from them.
 */
function allowColours(): void {
  if (!process.env.NO_COLOR && process.env.FORCE_COLOR === undefined) process.argv.push('--color');
}

/**
 * Puts these streams in the place of Node's. The console writes to them and to nothing else: Node's own also hands each
 * value to the inspector, by which cells are evaluated; that takes its time, and keeps the last thousand values alive.
 */
export function installStreams(): void {
  allowColours();
  for (const name of streamNames) {
    const value = new NotebookStream(name);
    Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => value });
  }
  Object.assign(console, new Console({ stdout: process.stdout, stderr: process.stderr }));
  syncBuiltinESMExports();
}
